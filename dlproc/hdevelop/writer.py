"""Statements of HDevelop as Python: one function for each procedure.

A `Writer` is used again and again (see `dlproc.hdevelop.knowledge`): while it writes, it notes what each assignment
says of its variable, and only its last text counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.blocks import Blocks
from dlproc.hdevelop.expressions import UnknownFunction
from dlproc.hdevelop.function_text import Loop, PythonLine, Use, as_comment
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.kinds import EMPTY
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.printer import print_statement
from dlproc.hdevelop.program import walk_statements
from dlproc.hdevelop.python_code import Code, call, quoted

NOT_HERE = "is not in dlproc"
_NESTING = (syntax.For, syntax.While, syntax.Repeat, syntax.Switch, syntax.Try)
_MOST_NESTED = 9  # Python allows 20 blocks within each other, and a try with its except counts twice


class Writer(Blocks):
    """Writes one procedure."""

    def write(self) -> list[PythonLine]:
        """The lines of the function, its head included."""
        inputs = [self.name_of(parameter.name) for parameter in self.procedure.interface.inputs]
        head = call(self.function_names[self.procedure.name], inputs)
        self.depth = 0
        self.emit(f"def {head}:")
        self.depth = 1
        for name in sorted(self.globals):
            self.emit(f"global {self.name_of(name)}")
        self.initialise()
        body = list(self.procedure.body)
        while body and isinstance(body[-1], syntax.Blank):
            body.pop()
        ends = bool(body) and isinstance(body[-1], syntax.Return)
        if ends:
            self.source = body.pop().line
        self.block(tuple(body), may_be_empty=bool(self.outputs))
        if self.outputs:
            self.emit(f"return {', '.join(self.outputs)}")
        return self.lines

    def initialise(self) -> None:
        """Values for outputs that may stay without one, and for tuples that are filled element by element."""
        outputs = [parameter.name for parameter in self.procedure.interface.outputs]
        inputs = [parameter.name for parameter in self.procedure.interface.inputs]
        empty = [
            name
            for name in outputs
            if name not in inputs and not flow.always_assigns(name, self.procedure.body, self.results)
        ]
        seen = {*inputs, *empty, *self.globals}
        for statement in walk_statements(self.procedure.body):
            for target in self.targets(statement):
                name = "" if isinstance(target, syntax.Variable | syntax.Access) else flow.root(target)
                if name and name not in seen:
                    empty.append(name)
                    seen.add(name)
            seen.update(flow.mentions(statement))
        for name in dict.fromkeys(empty):
            self.assign(syntax.Variable(name), Code("[]", EMPTY))

    def targets(self, statement: syntax.Statement) -> list[Any]:
        """What a statement gives a value to."""
        call = statement.call if isinstance(statement, syntax.ParStart) else statement
        found = [*self.results(call)] if isinstance(call, syntax.Call) else []
        found += [statement.operation] if isinstance(statement, syntax.Execute) else []
        if isinstance(statement, syntax.ParStart) and self.is_more_than_joined(flow.root(statement.thread)):
            found.append(statement.thread)
        target = getattr(statement, "target", None)
        return found if target is None else [*found, target]

    def statement(self, statement: syntax.Statement) -> None:
        """One statement; where it calls a function that there is not, a place to port."""
        self.source = statement.line
        before, n_uses, depth, n_loops = len(self.lines), len(self.uses), self.depth, len(self.loops)
        is_nesting = isinstance(statement, _NESTING)
        self.n_nested += is_nesting
        try:
            if self.n_nested > _MOST_NESTED:
                raise UnknownFunction("too many blocks within each other")
            _WRITERS[type(statement)](self, statement)
        except UnknownFunction as unknown:
            del self.lines[before:], self.uses[n_uses:], self.loops[n_loops:]
            self.depth = depth
            self.not_ported(statement, unknown.name)
        self.n_nested -= is_nesting
        if statement.note and len(self.lines) > before:
            self.note(before, statement.note)

    def not_ported(self, statement: syntax.Statement, name: str) -> None:
        """A place that a person must port: it raises when it is reached. Blocks within are translated all the same."""
        reason = self.reason(statement, name)
        self.uses.append(Use(name, self.procedure.name, statement.line, "unknown", reason))
        n_loops = len(self.loops)
        self.source = statement.line
        self.emit(f"# TODO port: {name} (line {statement.line})")
        simple = replace(statement, note="")
        if not isinstance(statement, syntax.Block):
            for line in print_statement(simple):
                self.emit(as_comment(line.strip()))
        text = quoted(f"{name} (line {statement.line}) {reason}")
        self.emit(f"raise NotImplementedError({text})")
        is_loop = not isinstance(statement, syntax.If)
        for body in flow.blocks(statement) if self.n_nested <= _MOST_NESTED else ():
            self.loops += [Loop()] * is_loop
            self.inner("while False:" if is_loop else "if False:", body)
            del self.loops[n_loops:]

    def reason(self, statement: syntax.Statement, name: str) -> str:
        """Why a name has no translation: it is called as it cannot be, misspelt, or unknown."""
        if isinstance(statement, syntax.Unreadable):
            return f"cannot be understood: {statement.reason}"
        if self.n_nested > _MOST_NESTED:
            return f"are more than Python allows; make procedures of the inner ones (from {_MOST_NESTED} on)"
        is_call = isinstance(statement, syntax.Call) and statement.name == name
        functions = [f"tuple_{function}" for function in FUNCTIONS] if is_call else list(FUNCTIONS)
        if name in OPERATORS and is_call:
            return f"is called otherwise than HALCON's {OPERATORS[name].signature}"
        if name in functions or (name in self.function_names and is_call):
            return "is called with another number of parameters than it has"
        if name in OPERATORS or name in self.function_names:
            return "stands in an expression, but gives its result only in a line of its own"
        known = [*OPERATORS, *self.function_names, *functions] if is_call else functions
        near = get_close_matches(name, known, n=1, cutoff=0.9)
        return f"{NOT_HERE} (did you mean {near[0]}?)" if near else NOT_HERE

    # --- Lines without code

    def comment(self, statement: Any) -> None:
        self.emit(as_comment(statement.text))

    def blank(self, statement: Any) -> None:
        self.emit("")

    def unreadable(self, statement: Any) -> None:
        found = syntax.WORD.match(statement.text)
        self.not_ported(statement, found.group() if found else statement.text[:1])

    def exported(self, statement: Any) -> None:
        self.emit(as_comment(statement.text.strip()))

    def import_line(self, statement: Any) -> None:
        self.emit(as_comment(f"import {statement.source}"))


_WRITERS: Mapping[type, Callable[[Writer, Any], None]] = {
    syntax.Comment: Writer.comment,
    syntax.Blank: Writer.blank,
    syntax.Unreadable: Writer.unreadable,
    syntax.ExportedCode: Writer.exported,
    syntax.Import: Writer.import_line,
    syntax.Assign: Writer.assignment,
    syntax.Execute: Writer.execute,
    syntax.Call: Writer.call,
    syntax.If: Writer.if_block,
    syntax.For: Writer.for_block,
    syntax.While: Writer.while_block,
    syntax.Repeat: Writer.repeat_block,
    syntax.Switch: Writer.switch_block,
    syntax.Try: Writer.try_block,
    syntax.Throw: Writer.throw,
    syntax.Break: Writer.break_line,
    syntax.Continue: Writer.continue_line,
    syntax.Return: Writer.return_line,
    syntax.Stop: Writer.stop,
    syntax.Exit: Writer.exit,
    syntax.Global: Writer.global_line,
    syntax.ParStart: Writer.par_start,
    syntax.ParJoin: Writer.par_join,
}
