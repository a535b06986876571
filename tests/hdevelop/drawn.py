"""Expressions of HDevelop that have a value, drawn with hypothesis together with the values of their variables.

`expressions()` draws pairs (tree, variables): a tree of `dlproc.hdevelop.syntax` that can be printed, and a mapping from
name to value as `reference.evaluate` takes them. Every tree is built for one type, so that evaluating succeeds:

- an *integer*, *real*, *string* or *truth* value, alone or in a tuple of `LENGTH` elements;
- numbers stay small (products have one small factor), divisors are never 0, indices are never outside.

The variables, each of every draw: I J (integer), X Y (real), S W (string), T U (integers), P Q (reals), A B (strings),
E (empty), D (a dictionary), V (a vector of two tuples).

`programs()` draws whole bodies: assignments of such expressions in loops, branches, switches and try blocks, which end
and never fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from reference import VectorValue

from dlproc.hdevelop import syntax as s

LENGTH = 3
DEEPEST = 4

_REALS = [0.0, 1.0, -2.0, 0.5, -0.25, 0.001, 3.14159265, -17.25, 999.999, 123456.0, 1e10]
_TEXTS = ["good", "ok", "a_b.png", "7", "", "x y", "übel", "Ok", "it's"]
_ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-1000, 1000),
    "real": st.one_of(st.sampled_from(_REALS), st.integers(-(10**6), 10**6).map(lambda n: n / 1000)),
    "string": st.sampled_from(_TEXTS),
    "truth": st.integers(0, 1),
}
_ALONE = {"integer": ("I", "J"), "real": ("X", "Y"), "string": ("S", "W")}
_TUPLES = {"integer": ("T", "U"), "real": ("P", "Q"), "string": ("A", "B")}
_KEYS = {"integer": "count", "real": "score", "string": "file name"}
_LISTS = {"integer": "ids", "real": "scores", "string": "names"}
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
_FORMATS = {
    "integer": ("d", "05d", ".", ".2d", "x", "+d", "-6", ".1f"),
    "real": (".2f", "8.3f", ".3e", "g", "+.1f", "d"),
    "string": ("s", "-8s", "8"),
}
_D, _E, _V = s.Variable("D"), s.Variable("E"), s.Variable("V")


@st.composite
def variables(draw: st.DrawFn) -> dict[str, Any]:
    """Values for all variables."""

    def several(kind: str, length: int) -> list[Any]:
        return draw(st.lists(_ELEMENTS[kind], min_size=length, max_size=length))

    found: dict[str, Any] = {"E": []}
    for kind in _ALONE:
        found |= {name: several(kind, 1) for name in _ALONE[kind]}
        found |= {name: several(kind, LENGTH) for name in _TUPLES[kind]}
    entries: dict[str, Any] = {_KEYS[kind]: draw(_ELEMENTS[kind]) for kind in _KEYS}
    entries |= {_LISTS[kind]: several(kind, LENGTH) for kind in _LISTS}
    found["D"] = [{**entries, "inner": {"score": draw(_ELEMENTS["real"])}}]
    found["V"] = VectorValue([several("integer", LENGTH), several("integer", LENGTH)])
    return found


@st.composite
def expressions(
    draw: st.DrawFn, kind: str | None = None, length: int | None = None
) -> tuple[s.Expression, dict[str, Any]]:
    """A tree and the values of its variables.

    Parameters
    ----------
    kind : {'integer', 'real', 'string', 'truth'}, optional
        Of the value; drawn where not given.
    length : {1, LENGTH}, optional
        Of the value; drawn where not given.
    """
    kind = kind or draw(st.sampled_from(sorted(_ELEMENTS)))
    length = length or draw(st.sampled_from([1, LENGTH]))
    depth = draw(st.integers(0, DEEPEST))
    return _Drawing(draw).tree(kind, length, depth), draw(variables())


@st.composite
def programs(draw: st.DrawFn) -> s.Body:
    """The statements of a main: first every variable gets a value, then things happen to them.

    Loops count with K0, K1 and so on, which have no fixed value at the end; all others do.
    """
    found: list[s.Statement] = [s.Assign(name, _written(value)) for name, value in _named(draw(variables()))]
    return tuple(found) + _Program(draw).body(draw(st.integers(1, 5)), 0)


def _named(values: dict[str, Any]) -> list[tuple[s.Variable, Any]]:
    return [(s.Variable(name), value) for name, value in values.items()]


def _written(value: Any) -> s.Expression:
    """A value as a literal."""
    if isinstance(value, VectorValue):
        return s.Vector(tuple(map(_written, value.elements)))
    if isinstance(value, dict):
        return s.Dict(tuple((s.String(key), _written(inner)) for key, inner in value.items()))
    if isinstance(value, list):
        found = tuple(map(_written, value))
        return found[0] if len(found) == 1 else s.Tuple(found)
    kinds = {int: "integer", float: "real", str: "string"}
    return _literal(kinds[type(value)], value)


class _Program:
    """Draws statements; `loops` counts the loops around the next one."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.loops = 0
        self.n_counters = 0

    def body(self, n_statements: int, depth: int) -> s.Body:
        return tuple(self.statement(depth) for _ in range(n_statements))

    def some(self, depth: int) -> s.Body:
        return self.body(self.draw(st.integers(1, 3)), depth + 1)

    def expression(self, kind: str, length: int = 1) -> s.Expression:
        return _Drawing(self.draw).tree(kind, length, self.draw(st.integers(0, 2)))

    def statement(self, depth: int) -> s.Statement:
        makers = [self.assignment, self.assignment, self.part]
        if depth < 3:
            makers += [self.branches, self.counting, self.repeating, self.switching, self.trying]
        return self.draw(st.sampled_from(makers))(depth)

    def assignment(self, depth: int) -> s.Statement:
        kind = self.draw(st.sampled_from(sorted(_ALONE)))
        length = self.draw(st.sampled_from([1, LENGTH]))
        name = self.draw(st.sampled_from((_ALONE if length == 1 else _TUPLES)[kind]))
        return s.Assign(s.Variable(name), self.within(self.expression(kind, length), kind))

    def part(self, depth: int) -> s.Statement:
        """An element of a tuple, of a vector, or of a dictionary."""
        kind = self.draw(st.sampled_from(sorted(_TUPLES)))
        value = self.within(self.expression(kind), kind)
        several = self.within(self.expression("integer", LENGTH), "integer")
        index = s.Integer(self.draw(st.integers(0, LENGTH - 1)))
        both = s.Tuple((s.Integer(0), s.Integer(2)))
        name = s.Variable(self.draw(st.sampled_from(_TUPLES[kind])))
        return self.draw(
            st.sampled_from(
                [
                    s.Assign(s.Index(name, index), value),
                    s.Assign(s.Index(name, both), value),
                    s.Assign(s.Access(_D, s.String(_KEYS[kind])), value),
                    s.Assign(s.Index(s.Access(_D, s.String(_LISTS[kind])), index), value),
                    s.Assign(s.Element(_V, s.Integer(self.draw(st.integers(0, 1)))), several),
                ]
            )
        )

    def within(self, value: s.Expression, kind: str) -> s.Expression:
        """Numbers and texts stay small, however often a loop goes round."""
        if kind == "integer":
            return s.Binary("%", value, s.Integer(1000))
        if kind == "real":
            return _call("max2", _call("min2", value, s.Real(1e6)), s.Unary("-", s.Real(1e6)))
        return s.Binary("$", value, s.String(".6s"))

    def branches(self, depth: int) -> s.Statement:
        found = tuple(s.Branch(self.expression("truth"), self.some(depth)) for _ in range(self.draw(st.integers(1, 2))))
        return s.If(found, self.draw(st.sampled_from([None, s.Otherwise(self.some(depth))])))

    def leaving(self, body: s.Body) -> s.Body:
        """Now and then, out of the loop or on to its next pass."""
        out = self.draw(st.sampled_from([None, s.Break(), s.Continue()]))
        if out is None:
            return body
        test = s.If((s.Branch(self.expression("truth"), (out,)),))
        at = self.draw(st.integers(0, len(body)))
        return (*body[:at], test, *body[at:])

    def counter(self) -> s.Variable:
        self.n_counters += 1
        return s.Variable(f"K{self.n_counters - 1}")

    def counting(self, depth: int) -> s.Statement:
        first, last = (_literal("integer", self.draw(st.integers(-2, 3))) for _ in range(2))
        step = _literal("integer", self.draw(st.sampled_from([1, 2, -1])))
        target = self.counter()
        inside = s.Assign(s.Variable("I"), s.Binary("+", target, s.Integer(1)))
        return s.For(target, first, last, step, (inside, *self.leaving(self.some(depth))))

    def repeating(self, depth: int) -> s.Statement:
        """A block that counts the passes in its first statement, so that it ends."""
        target = self.counter()
        count = s.Assign(target, s.Binary("+", target, s.Integer(1)))
        body = (count, *self.leaving(self.some(depth)))
        enough = s.Binary(">=", target, s.Integer(self.draw(st.integers(1, 3))))
        start = s.Assign(target, s.Integer(0))
        loop: s.Statement = s.Repeat(body, enough)
        if self.draw(st.booleans()):
            loop = s.While(s.Unary("not", enough), body)
        return s.If((s.Branch(s.Boolean(True), (start, loop)),))

    def switching(self, depth: int) -> s.Statement:
        labels: list[s.Expression | None] = [s.Integer(0), s.Integer(1), s.Integer(2)]
        labels = labels[: self.draw(st.integers(1, 3))] + self.draw(st.sampled_from([[], [None]]))
        cases = []
        for label in labels:
            body = self.draw(st.sampled_from([(), self.some(depth)]))
            if self.draw(st.booleans()):
                test = s.If((s.Branch(self.expression("truth"), (s.Break(),)),))
                body = (*body, test, *self.some(depth))
            cases.append(s.Case(label, (*body, *self.draw(st.sampled_from([(), (s.Break(),)])))))
        value = s.Binary("%", _call("abs", self.expression("integer")), s.Integer(4))
        return s.Switch(value, (), tuple(cases))

    def trying(self, depth: int) -> s.Statement:
        thrown = s.If((s.Branch(self.expression("truth"), (s.Throw(s.Tuple((s.Integer(30000), s.String("own")))),)),))
        body = self.some(depth)
        at = self.draw(st.integers(0, len(body)))
        code = s.Assign(s.Variable("J"), s.Index(s.Variable("Caught"), s.Integer(0)))
        return s.Try((*body[:at], thrown, *body[at:]), s.Catch(s.Variable("Caught"), (code, *self.some(depth))))


class _Drawing:
    """Draws one tree, from its root down."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.depth = 0

    def tree(self, kind: str, length: int, depth: int) -> s.Expression:
        """A tree of at most that many operators above each other."""
        before, self.depth = self.depth, depth - 1
        makers = [self.literal, self.name] if depth == 0 else [self.name, self.any_kind, *_MAKERS[kind] * 2]
        found = self.one_of(makers)(kind, length) if depth == 0 else self.grown(makers, kind, length)
        self.depth = before
        return found

    def grown(self, makers: list[Any], kind: str, length: int) -> s.Expression:
        maker = self.one_of(makers)
        return maker(kind, length) if maker in (self.name, self.any_kind) else maker(self, length)

    def below(self, kind: str, length: int = 1) -> s.Expression:
        """An operand."""
        return self.tree(kind, length, max(self.depth, 0))

    def one_of(self, found: Any) -> Any:
        return self.draw(st.sampled_from(list(found)))

    def pair(self, one: str, other: str, length: int) -> tuple[s.Expression, s.Expression]:
        """Operands: all with all, one with all, or all with one."""
        a, b = self.one_of([(length, length), (1, length), (length, 1)])
        return self.below(one, a), self.below(other, b)

    # Leaves, and what leaves the kind as it is

    def literal(self, kind: str, length: int) -> s.Expression:
        found = tuple(_literal(kind, self.draw(_ELEMENTS[kind])) for _ in range(length))
        return found[0] if length == 1 else s.Tuple(found)

    def name(self, kind: str, length: int) -> s.Expression:
        if kind == "truth":
            return self.literal(kind, length)
        key = s.String((_KEYS if length == 1 else _LISTS)[kind])
        found: list[s.Expression] = [s.Variable(name) for name in (_ALONE if length == 1 else _TUPLES)[kind]]
        found += [s.Access(_D, key)]
        if kind == "real" and length == 1:
            found.append(s.Access(s.Access(_D, s.String("inner")), s.String("score")))
        if kind == "integer" and length == LENGTH:
            first = self.draw(st.integers(0, 20))
            found += [s.Element(_V, s.Integer(0)), s.Element(_V, s.Integer(1))]
            found += [s.Sequence(s.Integer(first), s.Integer(first + LENGTH - 1))]
            found += [s.Sequence(s.Integer(first + 4), s.Integer(first), s.Unary("-", s.Integer(2)))]
        return self.one_of(found)

    def any_kind(self, kind: str, length: int) -> s.Expression:
        """Choosing and putting together."""
        if length == 1:
            return self.one_of([self.chosen, self.wrapped, self.slice_of_one, self.entry])(kind)
        return self.one_of([self.joined, self.spread, self.reordered, self.whole_slice])(kind)

    def index(self) -> s.Expression:
        return s.Integer(self.draw(st.integers(0, LENGTH - 1)))

    def chosen(self, kind: str) -> s.Expression:
        last = s.Binary("-", s.Length(s.Variable("T")), s.Integer(1))  # every tuple here has LENGTH elements
        return s.Index(self.below(kind, LENGTH), self.one_of([self.index(), last]))

    def wrapped(self, kind: str) -> s.Expression:
        inner = self.below(kind)
        return s.Tuple(self.one_of([(inner,), (s.Tuple(()), inner), (_E, s.Tuple((inner,)))]))

    def slice_of_one(self, kind: str) -> s.Expression:
        index = self.index()
        return s.Range(self.below(kind, LENGTH), index, index)

    def entry(self, kind: str) -> s.Expression:
        key = s.String(self.one_of(["key", "some key"]))
        return s.Access(s.Dict(((s.String("other"), s.Integer(1)), (key, self.below(kind)))), key)

    def joined(self, kind: str) -> s.Expression:
        return s.Tuple(tuple(self.below(kind) for _ in range(LENGTH)))

    def spread(self, kind: str) -> s.Expression:
        part = s.Range(self.below(kind, LENGTH), s.Integer(1), s.Integer(LENGTH - 1))
        return s.Tuple((self.below(kind), part))

    def reordered(self, kind: str) -> s.Expression:
        return s.Index(self.below(kind, LENGTH), s.Tuple(tuple(self.index() for _ in range(LENGTH))))

    def whole_slice(self, kind: str) -> s.Expression:
        return s.Range(self.below(kind, LENGTH), s.Integer(0), s.Integer(LENGTH - 1))

    # Numbers

    def factor(self, kind: str, least: int = 0) -> s.Expression:
        """A small literal, 1 or more where it divides."""
        if kind == "real":
            return _literal("real", self.one_of([0.5, 2.0, -1.5, 3.0, -0.25]))
        size = self.draw(st.integers(least, 9))
        return _literal("integer", self.one_of([size, -size]))

    def integer_operator(self, length: int) -> s.Expression:
        operator = self.one_of(["+", "-", "+", "-", "band", "bor", "bxor"])
        return s.Binary(operator, *self.pair("integer", "integer", length))

    def integer_product(self, length: int) -> s.Expression:
        operator = self.one_of("*/%")
        return s.Binary(operator, self.below("integer", length), self.factor("integer", int(operator != "*")))

    def integer_function(self, length: int) -> s.Expression:
        match self.one_of(["negative", "bnot", "whole", "nearest", "two", "strlen", "strstr"]):
            case "negative":
                return s.Unary("-", self.below("integer", length))
            case "bnot":
                return s.Unary("bnot", self.below("integer", length))
            case "whole":
                return _call(self.one_of(["abs", "sgn"]), self.below("integer", length))
            case "nearest":
                return _call(self.one_of(["int", "round"]), self.below("real", length))
            case "two":
                return _call(self.one_of(["max2", "min2"]), *self.pair("integer", "integer", length))
            case "strlen":
                return _call("strlen", self.below("string", length))
        return _call("strstr", self.below("string", length), self.below("string"))

    def integer_of_tuples(self, length: int) -> s.Expression:
        if length == 1:
            kind = self.one_of(_ALONE)
            several = self.below("integer", LENGTH)
            return self.one_of(
                [
                    lambda: _call(self.one_of(["sum", "max", "min"]), several),
                    lambda: s.Length(self.below(kind, self.one_of([1, LENGTH]))),
                    lambda: s.Length(_E),
                    lambda: s.MethodCall(_V, "length", ()),
                    lambda: _call("subset", several, self.index()),
                    lambda: _call("find_first", several, self.below("integer")),
                    lambda: s.Index(_call("find", several, s.Index(s.Variable("T"), self.index())), s.Integer(0)),
                ]
            )()
        return self.one_of(
            [
                lambda: _call(self.one_of(["sort", "inverse", "cumul"]), self.below("integer", LENGTH)),
                lambda: _call("sort_index", self.below(self.one_of(_ALONE), LENGTH)),
                lambda: _call("gen_tuple_const", s.Integer(LENGTH), self.below("integer")),
            ]
        )()

    def real_operator(self, length: int) -> s.Expression:
        kinds = self.one_of([("real", "real"), ("real", "integer"), ("integer", "real")])
        return s.Binary(self.one_of("+-"), *self.pair(*kinds, length))

    def real_product(self, length: int) -> s.Expression:
        kinds = self.one_of([("real", "real"), ("real", "integer"), ("integer", "real")])
        return s.Binary(self.one_of("*/"), self.below(kinds[0], length), self.factor(kinds[1], 1))

    def real_function(self, length: int) -> s.Expression:
        match self.one_of(["negative", "one", "root", "real", "two"]):
            case "negative":
                return s.Unary("-", self.below("real", length))
            case "one":
                return _call(self.one_of(["abs", "floor", "ceil", "rad", "deg"]), self.below("real", length))
            case "root":
                return _call("sqrt", _call("abs", self.below("integer", length)))
            case "real":
                return _call("real", self.below("integer", length))
        return _call(self.one_of(["max2", "min2"]), *self.pair("real", "integer", length))

    def real_of_tuples(self, length: int) -> s.Expression:
        names = ["sum", "max", "min", "mean", "median"] if length == 1 else ["sort", "inverse"]
        return _call(self.one_of(names), self.below("real", LENGTH))

    # Strings

    def string_operator(self, length: int) -> s.Expression:
        kinds = ["string", self.one_of(_ELEMENTS)]
        return s.Binary("+", *self.pair(*self.one_of([kinds, kinds[::-1]]), length))

    def string_format(self, length: int) -> s.Expression:
        kind = self.one_of(_FORMATS)
        return s.Binary("$", self.below(kind, length), s.String(self.one_of(_FORMATS[kind])))

    def string_of_tuples(self, length: int) -> s.Expression:
        if length == 1:
            first, last = sorted(self.draw(st.tuples(st.integers(0, 6), st.integers(0, 6))))
            return s.Characters(s.String("anomaly"), s.Integer(first), self.one_of([None, s.Integer(last)]))
        parts = _call("split", s.String("part_07.png"), s.String("_."))
        return self.one_of([parts, _call(self.one_of(["sort", "inverse"]), self.below("string", LENGTH))])

    # Truth

    def comparison(self, length: int) -> s.Expression:
        one, other = self.one_of([("integer", "integer"), ("integer", "real"), ("string", "string"), ("real", "real")])
        operator = self.one_of(_COMPARISONS)
        if length == 1:
            lengths = self.one_of([(1, 1), (1, 1), (LENGTH, LENGTH), (1, LENGTH)])
            return s.Binary(operator, self.below(one, lengths[0]), self.below(other, lengths[1]))
        return s.Binary(f"[{operator}]", *self.pair(one, other, length))

    def equality(self, length: int) -> s.Expression:
        """Of different kinds, and with nothing."""
        operator = self.one_of(["==", "!="])
        if length == LENGTH:
            return s.Binary(f"[{operator}]", *self.pair("string", "integer", length))
        other = self.one_of([self.below("integer"), self.below("string", LENGTH), _E, s.Tuple(())])
        return s.Binary(operator, other, self.one_of([s.Tuple(()), self.below("string")]))

    def logical(self, length: int) -> s.Expression:
        return s.Binary(self.one_of(["and", "or", "xor"]), *self.pair("truth", "truth", length))

    def negated(self, length: int) -> s.Expression:
        return s.Unary("not", self.below("truth", length))

    def type_test(self, length: int) -> s.Expression:
        name = self.one_of(["is_int", "is_real", "is_string"])
        answer = _call(name, self.below(self.one_of(_ALONE), self.one_of([1, LENGTH])))
        return answer if length == 1 else s.Tuple((answer,) * LENGTH)


_MAKERS: dict[str, list[Callable[[_Drawing, int], s.Expression]]] = {
    "integer": [
        _Drawing.integer_operator,
        _Drawing.integer_product,
        _Drawing.integer_function,
        _Drawing.integer_of_tuples,
    ],
    "real": [_Drawing.real_operator, _Drawing.real_product, _Drawing.real_function, _Drawing.real_of_tuples],
    "string": [_Drawing.string_operator, _Drawing.string_format, _Drawing.string_of_tuples],
    "truth": [
        _Drawing.comparison,
        _Drawing.comparison,
        _Drawing.equality,
        _Drawing.logical,
        _Drawing.negated,
        _Drawing.type_test,
    ],
}


def _literal(kind: str, value: Any) -> s.Expression:
    if kind == "truth":
        return s.Boolean(bool(value))
    if kind == "string":
        return s.String(value)
    number: s.Expression = s.Integer(abs(value)) if kind == "integer" else s.Real(abs(value))
    return s.Unary("-", number) if value < 0 else number


def _call(name: str, *arguments: s.Expression) -> s.Expression:
    return s.FunctionCall(name, arguments)
