"""Python's names for HDevelop's."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable

#: Before an upper-case letter that begins a word: after a small letter or digit, and before the last capital of a row
#: of capitals that a word of at least two small letters goes on from, so ``DLModelIDs`` is ``dl_model_ids``.
_WORD_BEGINS = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z](?:[a-z]|$|_))(?!.s(?:$|_|[A-Z0-9]))"
)

#: Names that generated programs use for themselves: of modules, of all of dlproc.hdevelop.values, and of an exception.
OWN = frozenset(
    ["dl", "math", "main", "error", "HDevelopException", "exception_tuple", "as_text", "as_tuple", "single"]
)
OWN |= {"replaced", "inserted", "element_of", "steps"}
RESERVED = OWN | frozenset(keyword.kwlist) | frozenset(dir(builtins))


def snake_case(name: str) -> str:
    """``DLModelHandle`` becomes ``dl_model_handle``; in the form in which Python compares names."""
    return unicodedata.normalize("NFKC", _WORD_BEGINS.sub("_", name).lower().replace("__", "_"))


class Names:
    """The Python names of one function, each given out once.

    Attributes
    ----------
    taken : set of str
        Names that are not free: Python's own, those of modules and of other functions.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self._of: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The Python name of an HDevelop name; always the same one, and no other name's.

        Behind a space may stand what tells the translator's own names apart.
        """
        if name == "_":
            return "_"
        if name not in self._of:
            self._of[name] = self.free(snake_case(name.partition(" ")[0]))
        return self._of[name]

    def free(self, wanted: str) -> str:
        """The wanted name, or where it is taken the same with an underscore or a number behind it."""
        number = 1
        found = wanted
        while found in self.taken:
            found = f"{wanted}_" if number == 1 else f"{wanted}_{number}"
            number += 1
        self.taken.add(found)
        return found
