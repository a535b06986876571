"""Loops, branches, switches, try blocks and jumps of HDevelop as Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.calls import Calls
from dlproc.hdevelop.expressions import UnknownFunction, literal_integer
from dlproc.hdevelop.function_text import Loop
from dlproc.hdevelop.kinds import ANYTHING, UNKNOWN, one
from dlproc.hdevelop.program import walk_expressions, walk_statements
from dlproc.hdevelop.python_code import COMPARISON, Code, call

_ENDS = (syntax.Break, syntax.Continue, syntax.Return, syntax.Throw, syntax.Exit)


class Blocks(Calls):
    """Writes what holds or leads to other statements."""

    def condition(self, expression: syntax.Expression) -> str:
        return self.known(lambda: Code(self.expressions.condition(expression))).text

    def if_block(self, statement: Any) -> None:
        for place, branch in enumerate(statement.branches):
            self.source = branch.line or statement.line
            self.inner(f"{'elif' if place else 'if'} {self.condition(branch.condition)}:", branch.body)
        if statement.otherwise is not None:
            self.source = statement.otherwise.line
            self.inner("else:", statement.otherwise.body)

    def for_block(self, statement: Any) -> None:
        target = statement.target
        is_local = isinstance(target, syntax.Variable) and target.name not in self.globals
        if not is_local or flow.may_assign(target.name, statement.body, self.results):
            self.counting_loop(statement)
            return
        steps = self.value(syntax.Sequence(statement.first, statement.last, statement.step))
        step = literal_integer(statement.step) or 0
        in_range = step != 0 and self.known(
            lambda: Code(self.expressions.range(_as_sequence(statement)) or "", one("truth"))
        )
        name = self.name_of(target.name)
        if steps.kind != UNKNOWN:
            self.knowledge.learn_variable(self.scope(target.name), target.name, one(steps.kind.type))
        if self.knowledge.variable(self.scope(target.name), target.name).form != "one":
            self.counting_loop(statement)
            return
        read_after = flow.is_read_after(target.name, statement, self.procedure.body)
        can_be_told = step == 1 and all(
            self.is_steady(bound, statement.body) for bound in (statement.first, statement.last)
        )
        if in_range and in_range.text and (can_be_told or not read_after):
            head = f"for {name} in {in_range.text}:"
        elif read_after:
            self.counting_loop(statement)
            return
        else:
            self.imported.add("steps")
            bounds = [self.value(part).text for part in (statement.first, statement.last, statement.step)]
            head = f"for {name} in {call('steps', bounds)}:"
        self.loops.append(Loop())
        self.inner(head, statement.body)
        self.loops.pop()
        if read_after:
            self.value_after(name, statement)

    def value_after(self, name: str, statement: syntax.For) -> None:
        """What a loop's variable is behind the loop in HDevelop: the first value that is too much."""
        first, last = literal_integer(statement.first), literal_integer(statement.last)
        if first is not None and last is not None:
            value = str(max(first, last + 1))
        else:
            end = self.known(lambda: Code(self.expressions.plus(statement.last, 1))).text
            value = end if first == 0 and end.startswith("len(") else f"max({self.value(statement.first).text}, {end})"
        has_break = bool(flow.own_jumps(statement.body, syntax.Break))
        if has_break:
            self.emit("else:")
        self.depth += has_break
        self.emit(f"{name} = {value}  # as HDevelop leaves it")
        self.depth -= has_break

    def is_steady(self, expression: syntax.Expression, body: syntax.Body) -> bool:
        """Whether an expression has the same value before, in and behind a loop with this body, and none changes it."""
        parts = [expression, *walk_expressions(expression)]
        names = {part.name for part in parts if isinstance(part, syntax.Variable)}
        if names & self.globals or any(flow.may_assign(name, body, self.results) for name in names):
            return False
        functions = {part.name for part in parts if isinstance(part, syntax.FunctionCall)}
        is_value = not any(isinstance(part, syntax.Access) for part in parts)  # a dictionary is changed elsewhere, too
        return is_value and not functions & {"rand", "environment"}

    def kept(self, wanted: str, loop: syntax.For, expression: syntax.Expression) -> syntax.Expression:
        """A bound of a loop, to be looked at in each pass: where it may change a variable with its first value."""
        if self.is_steady(expression, loop.body):
            return expression
        variable = syntax.Variable(f"{wanted} {id(loop)}")  # no name of HDevelop's has a space in it
        self.assign(variable, self.value(expression))
        return variable

    def counting_loop(self, statement: Any) -> None:
        """A loop whose variable is changed or read elsewhere, as a while loop; its bounds are looked at once."""
        first, last, step = (self.value(part) for part in (statement.first, statement.last, statement.step))
        if first.kind.is_one and first.kind.is_a("integer") and (last.kind.is_a("real") or step.kind.is_a("real")):
            is_written = literal_integer(statement.first) is not None
            first = Code(f"{first.text}.0" if is_written else call("float", [first.text]), one("real"))
        sign = -1 if _is_negative(statement.step) else int(step.kind.is_a("natural") or _is_number(statement.step))
        kept_last, by = (self.kept(name, statement, getattr(statement, name)) for name in ("last", "step"))
        self.assign(statement.target, first)
        target, index, last = statement.target, self.one(statement.target), self.one(kept_last)
        literal = literal_integer(by) or 0
        is_next = (
            syntax.Binary("-", target, syntax.Integer(-literal)) if literal < 0 else syntax.Binary("+", target, by)
        )
        next_lines = self.lines_of(lambda: self.assignment(syntax.Assign(target, is_next)))
        up, down = (f"{index.text} {word} {last.at_least(COMPARISON + 1)}" for word in ("<=", ">="))
        test = {1: up, -1: down}.get(sign) or f"{up} if {self.one(by).at_least(COMPARISON + 1)} > 0 else {down}"
        self.loops.append(Loop(next_lines))
        self.emit(f"while {test}:")
        with self.deeper():
            self.block(statement.body)
            for line in next_lines:
                self.emit(line)
        self.loops.pop()

    def lines_of(self, write: Callable[[], None]) -> list[str]:
        """The lines that are written, taken back."""
        before = len(self.lines)
        write()
        written = [line.text for line in self.lines[before:]]
        del self.lines[before:]
        return written

    def while_block(self, statement: Any) -> None:
        self.loops.append(Loop())
        self.inner(f"while {self.condition(statement.condition)}:", statement.body)
        self.loops.pop()

    def repeat_block(self, statement: Any) -> None:
        condition = self.condition(statement.condition)
        until = [f"if {condition}:", "    break"]
        self.loops.append(Loop(until))
        self.emit("while True:")
        with self.deeper():
            self.block(statement.body, may_be_empty=True)
            for line in until:
                self.emit(line)
        self.loops.pop()

    def switch_block(self, statement: Any) -> None:
        """A chain of ifs; cases that go on into the next one share its statements."""
        self.block(statement.before, may_be_empty=True)
        value = self.one(statement.value)
        cases = _cases(statement.cases)
        n_compared = sum(None not in labels for labels, _, _ in cases)
        if n_compared > 1 and not isinstance(statement.value, syntax.Variable | syntax.Access):  # worked out once
            name = self.names.free("case")
            self.emit(f"{name} = {value.text}")
            value = Code(name, value.kind)
        needs_loop = any(flow.own_jumps(body, syntax.Break) for _, body, _ in cases)
        goes_on = needs_loop and any(flow.own_jumps(body, syntax.Continue) for _, body, _ in cases)
        loop = Loop(goes_on=self.names.free("goes_on") if goes_on else "")
        if goes_on:
            self.emit(f"{loop.goes_on} = False  # whether the loop around the switch does")
        if needs_loop:
            self.emit("while True:  # a switch, which break leaves")
            self.loops.append(loop)
            self.depth += 1
        written = False
        for labels, body, line in cases:
            self.source = line
            self.inner(self.case_head(value, labels, written), body)
            written = True
        if needs_loop:
            self.emit("break")
            self.depth -= 1
            self.loops.pop()
        if goes_on:
            self.emit(f"if {loop.goes_on}:")
            with self.deeper():
                self.continue_line(statement)

    def case_head(self, value: Code, labels: Sequence[syntax.Expression | None], is_later: bool) -> str:
        if None in labels:
            return "else:" if is_later else "if True:"
        texts = [self.one(label).at_least(COMPARISON + 1) for label in labels if label]
        compared = f"== {texts[0]}" if len(texts) == 1 else f"in ({', '.join(texts)})"
        return f"{'elif' if is_later else 'if'} {value.at_least(COMPARISON + 1)} {compared}:"

    def try_block(self, statement: Any) -> None:
        self.inner("try:", statement.body)
        self.source = statement.catch.line
        self.imported.add("exception_tuple")
        self.emit("except Exception as error:")
        target = statement.catch.target or syntax.Variable("_")
        with self.deeper():
            self.assign(target, Code("exception_tuple(error)", ANYTHING))
            self.block(statement.catch.body, may_be_empty=True)

    # --- Jumps

    def throw(self, statement: Any) -> None:
        self.imported.add("HDevelopException")
        self.emit(f"raise {call('HDevelopException', [self.value(statement.exception).text])}")

    def break_line(self, statement: Any) -> None:
        if not self.loops:
            raise UnknownFunction("break outside of a loop")
        self.emit("break")

    def continue_line(self, statement: Any) -> None:
        if not self.loops:
            raise UnknownFunction("continue outside of a loop")
        loop = self.loops[-1]
        for line in loop.before_continue:
            self.emit(line)
        if loop.goes_on:
            self.emit(f"{loop.goes_on} = True")
        self.emit("break" if loop.goes_on else "continue")

    def return_line(self, statement: Any) -> None:
        self.emit(f"return {', '.join(self.outputs)}".rstrip())

    def stop(self, statement: Any) -> None:
        self.emit("# stop (): HDevelop waits here for a key")

    def exit(self, statement: Any) -> None:
        self.emit("raise SystemExit")

    def global_line(self, statement: Any) -> None:
        """Said at the head of the function."""

    def par_start(self, statement: Any) -> None:
        self.emit("# HDevelop starts this in a thread of its own; here it is done at once")
        self.call(statement.call)
        thread = flow.root(statement.thread)
        if self.is_more_than_joined(thread):
            self.assign(statement.thread, Code("0", one("natural")))

    def is_more_than_joined(self, thread: str) -> bool:
        """Whether a thread's number is used by more than ``par_start`` and ``par_join``: put into a tuple, say."""
        lines = (syntax.ParStart, syntax.ParJoin)
        return any(
            not isinstance(statement, lines) and thread in flow.mentions(statement)
            for statement in walk_statements(self.procedure.body)
        )

    def par_join(self, statement: Any) -> None:
        """Nothing to wait for."""


def _as_sequence(loop: syntax.For) -> syntax.Sequence:
    return syntax.Sequence(loop.first, loop.last, loop.step)


def _is_number(step: syntax.Expression) -> bool:
    return isinstance(step, syntax.Integer | syntax.Real)


def _is_negative(step: syntax.Expression) -> bool:
    """Whether this is a number that is written out, with a minus sign."""
    return isinstance(step, syntax.Unary) and step.operator == "-" and _is_number(step.operand)


def _cases(
    cases: Sequence[syntax.Case],
) -> list[tuple[list[syntax.Expression | None], syntax.Body, int]]:
    """The cases with all that each does: labels, statements without the break at their end, line.

    A case without a break goes on into the next one: its statements are followed by those of the next. Cases with
    nothing of their own share the next one's.
    """
    found = []
    labels: list[syntax.Expression | None] = []
    for place, case in enumerate(cases):
        labels.append(case.value)
        code = [part for part in case.body if not isinstance(part, syntax.Comment | syntax.Blank)]
        if not code and place + 1 < len(cases) and case.value is not None:
            continue
        body: list[syntax.Statement] = []
        for later in cases[place:]:
            ended = next((i for i, part in enumerate(later.body) if isinstance(part, _ENDS)), None)
            body += later.body if ended is None else later.body[: ended + 1]
            if ended is not None:
                break
        if body and isinstance(body[-1], syntax.Break):
            body.pop()
        found.append((labels, tuple(body), case.line))
        labels = []
    others = [case for case in found if None in case[0]]
    return [case for case in found if None not in case[0]] + others[:1]  # else comes last, wherever default stands
