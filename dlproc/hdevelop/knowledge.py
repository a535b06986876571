"""What is known of a program's variables, dictionary keys and procedures before it runs.

It is learnt by translating the program again and again: each assignment adds to what its variable can be, until
nothing is added. What is known only grows, so that comes to an end.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from dlproc.hdevelop.kinds import ANYTHING, EMPTY, UNKNOWN, Kind, join, join_as_stored, many, one
from dlproc.hdevelop.program import Procedure, Program, called
from dlproc.schema import keys, kinds
from dlproc.schema.check import kinds_of


class Knowledge:
    """What is known of a program.

    Attributes
    ----------
    procedures : dict
        The program's procedures by name.
    is_learning : bool
        Whether what is not known yet may still be learnt. Afterwards it can be anything.
    """

    def __init__(self, program: Program) -> None:
        self.procedures: dict[str, Procedure] = {procedure.name: procedure for procedure in program.procedures}
        self.is_learning = True
        calls = {name for procedure in program.procedures for name in called(procedure.body)}
        self._has_foreign = "json_to_dict" in calls  # dictionaries whose keys may mean something else than dlproc's
        self._variables: dict[tuple[str, str], Kind] = {}
        self._keys: dict[str, Kind] = {}
        self._any_key = UNKNOWN  # what is stored under keys that are computed
        self._n_learnt = 0

    @property
    def n_learnt(self) -> int:
        """How often something was added: unchanged after a round, nothing more will come."""
        return self._n_learnt

    def variable(self, scope: str, name: str) -> Kind:
        """What is known of a variable of a procedure (of a global one: ``''``)."""
        return self._variables.get((scope, name), UNKNOWN)

    def learn_variable(self, scope: str, name: str, kind: Kind) -> Kind:
        """Add what a variable can be; what is known then."""
        before = self.variable(scope, name)
        after = join(before, kind)
        if after != before:
            self._variables[scope, name] = after
            self._n_learnt += 1
        return after

    def key(self, name: str) -> Kind:
        """What is known of a dictionary's key. A key that the program stores may be a computed one, too."""
        own = self._keys.get(name, UNKNOWN)
        own = own if own == UNKNOWN else join_as_stored(own, self._any_key)
        if self._has_foreign:
            return own if own == UNKNOWN else join_as_stored(own, ANYTHING)
        return join_as_stored(_schema_keys().get(name, UNKNOWN), own)

    def learn_key(self, name: str | None, kind: Kind) -> None:
        """Add what is stored under a key; None for one that is computed."""
        before = self._any_key if name is None else self._keys.get(name, UNKNOWN)
        after = join_as_stored(before, kind)
        if after == before:
            return
        self._n_learnt += 1
        if name is None:
            self._any_key = after
        else:
            self._keys[name] = after


@lru_cache(maxsize=1)
def _schema_keys() -> MappingProxyType[str, Kind]:
    """The keys of dlproc's own dictionaries; of a key that several have, what is true of all."""
    found: dict[str, Kind] = {}
    for schema in vars(keys).values():
        if isinstance(schema, type) and hasattr(schema, "__total__"):
            for key, kind in kinds_of(schema).items():
                found[key] = join_as_stored(found.get(key, UNKNOWN), _kind_of(kind))
    return MappingProxyType(found)


def _kind_of(kind: kinds.Kind) -> Kind:
    """A kind of the dictionaries' schema as one of a program's values."""
    if isinstance(kind, kinds.Integer):
        return one("natural" if kind.low is not None and kind.low >= 0 else "integer")
    if isinstance(kind, kinds.Items):
        inner = _kind_of(kind.kind)
        return many(inner.type) if inner.is_one else EMPTY.with_type("any")
    plain = {kinds.Real: "real", kinds.Flag: "truth", kinds.Text: "string", kinds.Nested: "dict", kinds.Array: "object"}
    return one(plain[type(kind)]) if type(kind) in plain else ANYTHING
