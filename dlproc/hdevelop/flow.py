"""Questions about the flow of a procedure: what is assigned when, and which loop a ``break`` belongs to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from dlproc.hdevelop import syntax
from dlproc.hdevelop.program import walk_expressions, walk_statements

#: What a call gives results to; of an unknown one nothing.
Results = Callable[[syntax.Call], Sequence[syntax.Expression]]

_LEAVING = (syntax.Return, syntax.Throw, syntax.Exit)
_LOOPS = (syntax.For, syntax.While, syntax.Repeat)


def root(target: syntax.Expression) -> str:
    """The variable that a target is, or is a part of."""
    while not isinstance(target, syntax.Variable):
        if isinstance(target, syntax.Element | syntax.MethodCall):
            target = target.vector
        elif isinstance(target, syntax.Access):
            target = target.dictionary
        elif isinstance(target, syntax.Index | syntax.Range | syntax.Characters):
            target = target.base
        else:
            return ""
    return target.name


def mentions(statement: syntax.Statement) -> list[str]:
    """The variables in a statement itself, without those of statements within it."""
    return [part.name for part in walk_expressions(statement) if isinstance(part, syntax.Variable)]


def may_assign(name: str, body: syntax.Body, results: Results) -> bool:
    """Whether a statement assigns to a variable, or to a part of it."""
    for statement in walk_statements(body):
        call = statement.call if isinstance(statement, syntax.ParStart) else statement
        if isinstance(call, syntax.Call) and name in map(root, results(call)):
            return True
        target = getattr(statement, "operation" if isinstance(statement, syntax.Execute) else "target", None)
        if target is not None and root(target) == name:
            return True
    return False


def always_assigns(name: str, body: syntax.Body, results: Results) -> bool:
    """Whether a variable has a value at each end of these statements."""
    for statement in body:
        if isinstance(statement, syntax.Return):
            return False
        if isinstance(statement, _LEAVING):
            return True
        if isinstance(statement, syntax.Assign) and statement.target == syntax.Variable(name):
            return True
        if isinstance(statement, syntax.Call) and syntax.Variable(name) in results(statement):
            return True
        if isinstance(statement, syntax.If) and statement.otherwise is not None:
            bodies = [*(branch.body for branch in statement.branches), statement.otherwise.body]
            if all(always_assigns(name, part, results) for part in bodies):
                return True
        cases = statement.cases if isinstance(statement, syntax.Switch) else ()
        has_default = any(case.value is None for case in cases)
        if has_default and all(always_assigns(name, part, results) for part in _runs(cases)):
            return True
        if isinstance(statement, syntax.Repeat) and always_assigns(name, statement.body, results):
            return True
        if isinstance(statement, syntax.Try) and all(
            always_assigns(name, part, results) for part in (statement.body, statement.catch.body)
        ):
            return True
        if any(isinstance(inner, syntax.Return) for inner in walk_statements((statement,))):
            return False
    return False


def _runs(cases: Sequence[syntax.Case]) -> Iterator[syntax.Body]:
    """What a switch does for sure from each case on: up to the first statement that may leave it."""
    for place in range(len(cases)):
        run: list[syntax.Statement] = []
        for statement in (statement for case in cases[place:] for statement in case.body):
            if own_jumps((statement,), syntax.Break) or own_jumps((statement,), syntax.Continue):
                break
            run.append(statement)
        yield tuple(run)


def is_read_after(name: str, loop: syntax.For, body: syntax.Body) -> bool:
    """Whether a procedure's body reads a loop's variable behind the loop, before another loop or line sets it."""
    for rest in _behind(loop, body):
        answer = _first_use(name, rest)
        if answer != "none":
            return answer == "read"
    return False


def _behind(loop: syntax.Statement, body: syntax.Body) -> Iterator[syntax.Body]:
    """The statements behind one, in its own block and in those around it; of a loop around it the whole."""
    for place, statement in enumerate(body):
        if statement is loop:
            yield body[place + 1 :]
            return
        for inner in blocks(statement):
            found = list(_behind(loop, inner))
            if found:
                yield from found
                if isinstance(statement, _LOOPS):
                    yield (statement,)
                yield body[place + 1 :]
                return


def blocks(statement: syntax.Statement) -> list[syntax.Body]:
    """The bodies within a block."""
    if isinstance(statement, syntax.If):
        last = [statement.otherwise.body] if statement.otherwise else []
        return [*(branch.body for branch in statement.branches), *last]
    if isinstance(statement, syntax.Switch):
        return [case.body for case in statement.cases]
    if isinstance(statement, syntax.Try):
        return [statement.body, statement.catch.body]
    return [statement.body] if isinstance(statement, _LOOPS) else []


def heads(statement: syntax.Statement) -> list[syntax.Statement]:
    """The parts of a block that head its bodies: the branches of an ``if``, the cases of a switch, a ``catch``."""
    if isinstance(statement, syntax.If):
        return list(statement.branches)
    if isinstance(statement, syntax.Switch):
        return list(statement.cases)
    return [statement.catch] if isinstance(statement, syntax.Try) else []


def _first_use(name: str, body: syntax.Body) -> str:
    """What statements do with a variable first: ``'read'`` it, ``'set'`` it, or ``'none'`` of both for sure."""
    variable = syntax.Variable(name)
    for statement in body:
        if isinstance(statement, syntax.For) and statement.target == variable:
            bounds = (statement.first, statement.last, statement.step)
            return "read" if any(name in _names(bound) for bound in bounds) else "set"
        if isinstance(statement, syntax.Assign) and statement.target == variable:
            return "read" if name in _names(statement.value) else "set"
        if name in mentions(statement) or any(_first_use(name, inner) == "read" for inner in blocks(statement)):
            return "read"
    return "none"


def _names(expression: syntax.Expression) -> set[str]:
    own = {expression.name} if isinstance(expression, syntax.Variable) else set()
    return own | {part.name for part in walk_expressions(expression) if isinstance(part, syntax.Variable)}


def shared_lists(body: syntax.Body, results: Results, operators: Collection[str]) -> set[str]:
    """The variables whose list may be held by something else too, so that it must not be changed in place.

    Held by nothing else is a list of which two things are true: everything that is assigned to its variable is new,
    and the variable as a whole is given to nothing that could keep it: another variable, a key, a vector, a procedure
    of the program.
    """
    shared: set[str] = set()
    for statement in walk_statements(body):
        call = statement.call if isinstance(statement, syntax.ParStart) else statement
        if isinstance(call, syntax.Call):
            keeps = call.name not in operators and not call.name.startswith("tuple_")
            if keeps or "_dict" in call.name:
                shared.update(map(root, (*call.arguments, *results(call))))
        if isinstance(statement, syntax.Assign):
            value = _bare(statement.value)
            if isinstance(value, syntax.Variable) and value != statement.target:
                shared.add(value.name)
            if isinstance(statement.target, syntax.Variable) and not isinstance(value, _NEW):
                shared.add(statement.target.name)
        if isinstance(statement, syntax.Catch | syntax.For) and statement.target is not None:
            shared.add(root(statement.target))
        for part in walk_expressions(statement):
            shared.update(held.name for held in _held(part) if isinstance(held, syntax.Variable))
    return shared


def _held(part: Any) -> list[syntax.Expression]:
    """What a dictionary or vector that is made holds."""
    if isinstance(part, syntax.Dict):
        return [_bare(value) for _, value in part.entries]
    elements = part.elements if isinstance(part, syntax.Vector) else ()
    return [*map(_bare, elements), *map(_bare, part.arguments if isinstance(part, syntax.MethodCall) else ())]


#: What gives a list that was not there before.
_NEW = (syntax.Tuple, syntax.Sequence, syntax.FunctionCall, syntax.Binary, syntax.Unary, syntax.Length)


def _bare(expression: syntax.Expression) -> syntax.Expression:
    """An expression without the brackets of a tuple around it alone, which change nothing."""
    while isinstance(expression, syntax.Tuple) and len(expression.elements) == 1:
        expression = expression.elements[0]
    return expression


def own_jumps(body: syntax.Body, kind: type[syntax.Break] | type[syntax.Continue]) -> list[syntax.Statement]:
    """The ``break`` or ``continue`` statements that belong to the loop or switch with this body."""
    found: list[syntax.Statement] = []
    for statement in body:
        if isinstance(statement, kind):
            found.append(statement)
        if isinstance(statement, _LOOPS) or (isinstance(statement, syntax.Switch) and kind is syntax.Break):
            continue
        for inner in blocks(statement):
            found += own_jumps(inner, kind)
    return found
