"""The functions of HDevelop's expressions: what they give, and where plain Python does the same."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import dlproc

# What a function gives, how many: 'each' as its arguments, 'whole' one value for a whole tuple, 'list' a tuple.
# Of what type: a type of dlproc.hdevelop.kinds, or 'same' as its first argument, 'both' as all arguments together.
_TABLE = """
each real: sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 exp10 log log2 log10 sqrt cbrt fabs
each real: floor ceil tgamma lgamma erf erfc rad deg real atan2 pow fmod ldexp hypot
each integer: int round sgn
each natural: ord strlen
each integer: strchr strrchr strstr strrstr str_distance
each same: abs neg
each both: min2 max2
each integer: bnot lsh rsh band bor bxor
each truth: is_number is_int_elem is_real_elem is_string_elem is_handle_elem is_nan_elem is_serializable_elem
each truth: regexp_test
each truth: equal_elem not_equal_elem less_elem less_equal_elem greater_elem greater_equal_elem
each truth: not and or xor
each string: chr environment substr str_first_n str_last_n str_replace regexp_replace string
each number: number
each natural: type_elem
whole natural: length type
whole truth: is_int is_real is_string is_handle is_mixed is_serializable is_valid_handle
whole truth: equal not_equal less less_equal greater greater_equal
whole same: sum min max median select_rank
whole real: mean deviation
whole string: join sem_type
list same: cumul first_n last_n inverse sort uniq remove repeat repeat_elem select select_mask select_range
list same: str_bit_select regexp_select
list both: add sub mult div mod concat union intersection difference symmdiff insert replace gen_sequence
list integer: find find_first find_last
list natural: sort_index ords
list string: split regexp_match sem_type_elem
list any: chrt constant
list real: rand
list second: gen_const
"""
_OTHER_NAMES = {
    "gen_tuple_const": "gen_const",
    "subset": "select",
    "firstn": "first_n",
    "lastn": "last_n",
    "str_firstn": "str_first_n",
    "str_lastn": "str_last_n",
    "str_bitselect": "str_bit_select",
    "selectrange": "select_range",
}

# Where plain Python does the same: pattern of the arguments, text, and how strong it is. Patterns: n a number, i an
# integer, s a text; N a list of numbers of one type, S a list of numbers or of texts of one type, L any list.
_PLAIN = """
abs n abs({0})
int n int({0})
real n float({0})
fabs n math.fabs({0})
sqrt n math.sqrt({0})
sin n math.sin({0})
cos n math.cos({0})
tan n math.tan({0})
asin n math.asin({0})
acos n math.acos({0})
atan n math.atan({0})
atan2 nn math.atan2({0}, {1})
exp n math.exp({0})
log n math.log({0})
log10 n math.log10({0})
log2 n math.log2({0})
pow nn math.pow({0}, {1})
fmod nn math.fmod({0}, {1})
hypot nn math.hypot({0}, {1})
rad n math.radians({0})
deg n math.degrees({0})
strlen s len({0})
strstr ss {0}.find({1})
strrstr ss {0}.rfind({1})
ord s ord({0})
chr i chr({0})
length L len({0})
sum N sum({0})
max S max({0})
min S min({0})
sort S sorted({0})
inverse L {0}[::-1]
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its operator is ``tuple_`` and `name`; `result` and `type` as in the table above."""

    name: str
    result: str
    type: str

    @property
    def operator(self) -> str:
        """The operator that does the same, ``tuple_sin``."""
        return f"tuple_{self.name}"


@dataclass(frozen=True, slots=True)
class Plain:
    """How plain Python writes it, for arguments that match `pattern`."""

    pattern: str
    template: str


def _functions() -> dict[str, Function]:
    found = {}
    for line in _TABLE.strip().splitlines():
        head, names = line.split(":")
        result, type_name = head.split()
        found.update({name: Function(name, result, type_name) for name in names.split()})
    found.update({other: found[name] for other, name in _OTHER_NAMES.items()})
    return found


def _plain() -> dict[str, Plain]:
    rows = (line.split(" ", 2) for line in _PLAIN.strip().splitlines())
    return {name: Plain(pattern, template) for name, pattern, template in rows}


def n_arguments(function: Function) -> int:
    """How many arguments a function takes; -1 where it is not there."""
    operator = getattr(dlproc, function.operator, None)
    return -1 if operator is None else len(inspect.signature(operator).parameters)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(_functions())
PLAIN: Mapping[str, Plain] = MappingProxyType(_plain())
