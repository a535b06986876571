"""What is known of a value before a program runs: how many elements it has, and of what type.

HDevelop knows only tuples; a person who writes Python has numbers, texts and lists. To write such Python the translator
must know, of each variable, whether it always holds one element (then it becomes a plain value), holds a list, or
can be either.

Forms: ``'one'`` a plain value, ``'many'`` a list of any length, ``'either'`` one or the other, ``'none'`` nothing
known yet.

Types, of the value or of a list's elements: ``'truth'`` (True, False, 1 or 0) and ``'positive'`` (from 1 on) are
``'natural'`` (from 0 on), which is an ``'integer'``, which is a ``'number'``; ``'real'`` is a ``'number'``;
``'string'``, ``'dict'``, ``'handle'``, ``'object'`` (iconic); ``'any'`` could be each of them, ``'nothing'`` is the
type of no elements.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_WIDER = {
    "truth": "natural",
    "positive": "natural",
    "natural": "integer",
    "integer": "number",
    "real": "number",
    "number": "any",
    "string": "any",
    "dict": "any",
    "handle": "any",
    "object": "any",
}


_DEEPEST = 8  # vectors within vectors: a program that puts one into itself must not be learnt from for ever


@dataclass(frozen=True, slots=True)
class Kind:
    """The form and type of a value; of a vector, those of its innermost elements, and its `dimension`."""

    form: str = "none"
    type: str = "nothing"
    dimension: int = 0

    @property
    def is_one(self) -> bool:
        """A plain value."""
        return self.form == "one" and not self.dimension

    @property
    def is_many(self) -> bool:
        """A list, but no vector."""
        return self.form == "many" and not self.dimension

    def is_a(self, *types: str) -> bool:
        """Whether the type is one of these, or narrower than one of them."""
        return any(wider in types for wider in _and_wider(self.type))

    def with_form(self, form: str) -> Kind:
        """The same with another form."""
        return replace(self, form=form)

    def with_type(self, type_name: str) -> Kind:
        """The same with another type."""
        return replace(self, type=type_name)

    @property
    def element(self) -> Kind:
        """What a vector of this kind holds."""
        return replace(self, dimension=self.dimension - 1)


UNKNOWN = Kind()
ANYTHING = Kind("either", "any")
EMPTY = Kind("many", "nothing")


def one(type_name: str) -> Kind:
    """One value of a type."""
    return Kind("one", type_name)


def many(type_name: str) -> Kind:
    """A list of values of a type."""
    return Kind("many", type_name)


def vector_of(form: str, type_name: str, dimension: int) -> Kind:
    """A vector whose elements have a dimension."""
    return Kind(form, type_name, min(dimension + 1, _DEEPEST))


def join(first: Kind, second: Kind) -> Kind:
    """What holds of a variable that gets both: one and many make many, for a value can be put into a list."""
    if UNKNOWN in (first, second):
        return second if first == UNKNOWN else first
    form = first.form if first.form == second.form else _joined_form({first.form, second.form})
    return Kind(form, join_types(first.type, second.type), max(first.dimension, second.dimension))


def join_as_stored(first: Kind, second: Kind) -> Kind:
    """The same of a dictionary's key, where a value stays as it was given: one and many make either."""
    joined = join(first, second)
    forms = {first.form, second.form} - {"none"}
    return joined.with_form("either") if len(forms) > 1 else joined


def join_types(first: str, second: str) -> str:
    """The narrowest type that both are; where True may be a number, it is no integer, for it is written otherwise."""
    if "nothing" in (first, second):
        return second if first == "nothing" else first
    if "truth" in (first, second) and first != second:
        first, second = ("number" if one == "truth" else one for one in (first, second))
    wider = _and_wider(second)
    return next(name for name in _and_wider(first) if name in wider)


def _joined_form(forms: set[str]) -> str:
    forms = forms - {"none"}
    if len(forms) == 1:
        return forms.pop()
    return "either" if "either" in forms else "many"


def _and_wider(type_name: str) -> list[str]:
    found = [type_name]
    while found[-1] in _WIDER:
        found.append(_WIDER[found[-1]])
    return found
