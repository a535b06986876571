"""Trees of HDevelop programs, drawn with hypothesis: any tree that can be printed, whatever it means."""

from hypothesis import strategies as st

from dlproc.hdevelop import syntax as s

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: name not in s.RESERVED_WORDS and not s.CONSTANT.fullmatch(name)
)
TEXTS = st.text(max_size=6)
LEAVES = st.one_of(
    st.builds(s.Integer, st.integers(0, 2**64 - 1), st.sampled_from([10, 16])),
    st.builds(s.Integer, st.integers(0, 2**64 - 1), st.just(8)),
    st.builds(s.Real, st.floats(0, allow_nan=False, allow_infinity=False)),
    st.builds(s.String, TEXTS),
    st.builds(s.Boolean, st.booleans()),
    st.builds(s.Constant, st.sampled_from(["H_MSG_TRUE", "H_TYPE_ANY", "HNULL"])),
    st.builds(s.Variable, NAMES),
)


def several(part, most=3):
    return st.lists(part, max_size=most).map(tuple)


def larger(part):
    key = st.one_of(part, st.builds(s.String, st.one_of(NAMES, TEXTS)))
    return st.one_of(
        st.builds(s.Tuple, several(part)),
        st.builds(s.Sequence, part, part, st.one_of(st.none(), part)),
        st.builds(s.Vector, several(part)),
        st.builds(s.Dict, several(st.tuples(key, part))),
        st.builds(s.Unary, st.sampled_from(s.UNARY_OPERATORS), part),
        st.builds(s.Binary, st.sampled_from(sorted(s.STRENGTH)), part, part),
        st.builds(s.FunctionCall, NAMES, several(part)),
        st.builds(s.Index, part, part),
        st.builds(s.Range, part, part, part),
        st.builds(s.Characters, part, part, st.one_of(st.none(), part)),
        st.builds(s.Length, part),
        st.builds(s.Element, part, part),
        st.builds(s.MethodCall, part, NAMES.filter(lambda name: name != "at"), several(part)),
        st.builds(s.Access, part, key),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=12)
SMALL = st.recursive(LEAVES, larger, max_leaves=4)


def parts(part):
    return st.one_of(
        st.builds(s.Index, part, SMALL),
        st.builds(s.Range, part, SMALL, SMALL),
        st.builds(s.Characters, part, SMALL, st.one_of(st.none(), SMALL)),
        st.builds(s.Element, part, SMALL),
        st.builds(s.Access, part, st.builds(s.String, st.one_of(NAMES, TEXTS))),
    )


TARGETS = st.recursive(st.builds(s.Variable, NAMES), parts, max_leaves=2)
ONE_LINE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8)
NOTES = ONE_LINE.map(str.strip)
LINES = ONE_LINE.map(str.rstrip)
CALLS = st.builds(s.Call, NAMES, several(SMALL))
SIMPLE = st.one_of(
    st.builds(s.Comment, LINES),
    st.builds(s.Blank),
    st.builds(s.ExportedCode, LINES),
    st.builds(s.Import, NOTES.filter(lambda text: text and not text.startswith(":="))),
    st.builds(s.Assign, TARGETS, SMALL, note=NOTES),
    st.builds(s.Call, NAMES, several(SMALL), note=NOTES),
    st.builds(s.Execute, st.builds(s.MethodCall, TARGETS, st.just("clear"), several(SMALL)), note=NOTES),
    st.builds(s.Throw, SMALL, note=NOTES),
    st.builds(s.ParJoin, SMALL, note=NOTES),
    st.builds(s.ParStart, TARGETS, CALLS, note=NOTES),
    st.builds(s.Global, st.sampled_from(["tuple", "object"]), NAMES, st.integers(0, 9), st.booleans(), note=NOTES),
    *(st.builds(kind, note=NOTES) for kind in (s.Break, s.Continue, s.Return, s.Stop, s.Exit)),
)


def blocks(part):
    body = several(part, 2)
    branches = st.lists(st.builds(s.Branch, SMALL, body, note=NOTES), min_size=1, max_size=3).map(tuple)
    otherwise = st.one_of(st.none(), st.builds(s.Otherwise, body, note=NOTES))
    cases = several(st.builds(s.Case, st.one_of(st.none(), SMALL), body, note=NOTES))
    catch = st.builds(s.Catch, st.one_of(st.none(), TARGETS), body, note=NOTES)
    notes = {"note": NOTES, "end_note": NOTES}
    return st.one_of(
        st.builds(s.If, branches, otherwise, end_note=NOTES),
        st.builds(s.For, TARGETS, SMALL, SMALL, SMALL, body, **notes),
        st.builds(s.While, SMALL, body, **notes),
        st.builds(s.Repeat, body, SMALL, **notes),
        st.builds(s.Switch, SMALL, body, cases, **notes),
        st.builds(s.Try, body, catch, **notes),
    )


STATEMENTS = st.recursive(SIMPLE, blocks, max_leaves=6)
