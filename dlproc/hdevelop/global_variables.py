"""Global variables of a program: their Python names, and which of them are read before they get a value.

A global variable that nothing has been assigned to is the empty tuple (or object). Where a program may read one in
that state, the variable is a list in Python, so that it can be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.function_text import declared_globals, given_and_results
from dlproc.hdevelop.names import Names
from dlproc.hdevelop.program import Procedure, Program, walk_expressions, walk_statements


def python_names(program: Program, taken: set[str]) -> dict[str, str]:
    """A Python name for each global variable."""
    names = Names(taken)
    return {name: names.of(name) for procedure in program.procedures for name in declared_globals(procedure)}


def read_first(program: Program) -> set[str]:
    """The global tuples that may be read before a value is assigned to them.

    A program begins in ``main``; a library without one may begin in each of its procedures.
    """
    procedures = {procedure.name: procedure for procedure in program.procedures}
    starts = [program.main] if program.main is not None else program.procedures
    tuples = {
        name
        for procedure in program.procedures
        for name, statement in declared_globals(procedure).items()
        if statement.kind == "tuple" and not statement.dimension
    }
    return {name for name in tuples if any(_Uses(name, procedures).first(start) == "read" for start in starts)}


class _Uses:
    """What happens first to one global variable: it is ``'read'``, ``'set'``, or ``'none'`` of both for sure."""

    def __init__(self, name: str, procedures: Mapping[str, Procedure]) -> None:
        self.name = name
        self.variable = syntax.Variable(name)
        self.procedures = procedures
        self.active: list[str] = []  # procedures that are looked at, so that recursion ends

    def first(self, procedure: Procedure) -> str:
        """The first use in a procedure and in those that it calls."""
        if procedure.name in self.active:
            return "none"
        self.active.append(procedure.name)
        is_known = self.name in declared_globals(procedure)
        use = self.in_body(procedure.body, is_known)
        self.active.pop()
        leaves = any(isinstance(statement, syntax.Return) for statement in walk_statements(procedure.body[:-1]))
        return "none" if use == "set" and leaves and self.active else use

    def in_body(self, body: syntax.Body, is_known: bool) -> str:
        uses = (self.in_statement(statement, is_known) for statement in body)
        return next((use for use in uses if use != "none"), "none")

    def in_statement(self, statement: Any, is_known: bool) -> str:
        if isinstance(statement, syntax.ParStart):
            return self.in_statement(statement.call, is_known)
        if isinstance(statement, syntax.Call):
            return self.in_call(statement, is_known)
        if isinstance(statement, syntax.Assign) and is_known and statement.target == self.variable:
            return "read" if self.is_in([statement.value]) else "set"
        if is_known and any(part == self.variable for part in self.heads(statement)):
            return "read"
        if isinstance(statement, syntax.For) and is_known and statement.target == self.variable:
            return "set"
        inner = [self.in_body(body, is_known) for body in flow.blocks(statement)]
        is_sure = isinstance(statement, syntax.Repeat) or (isinstance(statement, syntax.If) and statement.otherwise)
        if "read" in inner:
            return "read"
        return "set" if is_sure and all(use == "set" for use in inner) else "none"

    def in_call(self, call: syntax.Call, is_known: bool) -> str:
        given, results = given_and_results(call, self.procedures)
        parts = [result for result in results if result != self.variable]
        if is_known and self.is_in([*given, *parts]):
            return "read"
        use = self.first(self.procedures[call.name]) if call.name in self.procedures else "none"
        return "set" if use == "none" and is_known and self.variable in results else use

    def heads(self, statement: Any) -> Iterator[Any]:
        """The expressions of a statement itself, without the variable that a loop counts with."""
        if isinstance(statement, syntax.For):
            bounds = [statement.first, statement.last, statement.step]
            yield from (part for bound in bounds for part in (bound, *walk_expressions(bound)))
        else:
            yield from (part for head in (statement, *flow.heads(statement)) for part in walk_expressions(head))

    def is_in(self, expressions: Iterable[syntax.Expression]) -> bool:
        return any(part == self.variable for one in expressions for part in (one, *walk_expressions(one)))
