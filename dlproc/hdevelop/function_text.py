"""The lines of a Python function, and what is known while they are written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.expressions import Expressions, UnknownFunction
from dlproc.hdevelop.kinds import UNKNOWN, Kind
from dlproc.hdevelop.knowledge import Knowledge
from dlproc.hdevelop.names import Names
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.program import Procedure, walk_statements
from dlproc.hdevelop.python_code import Code


@dataclass(frozen=True, slots=True)
class PythonLine:
    """A line of the translation, not broken yet.

    Attributes
    ----------
    depth : int
        How many blocks it is in.
    source : int
        The line of the procedure that it comes from.
    """

    text: str
    depth: int
    source: int


@dataclass(frozen=True, slots=True)
class Use:
    """A call in the program, for the report.

    Attributes
    ----------
    kind : str
        ``'operator'`` of dlproc, ``'procedure'`` of the program, ``'plain'`` Python, ``'without effect'``, or
        ``'unknown'``.
    reason : str
        Why it has no translation: ``'is not in dlproc'``, or what is wrong with the call.
    """

    name: str
    procedure: str
    line: int
    kind: str
    reason: str = ""


class NotYetKnown(Exception):
    """An expression has a variable of which nothing is learnt yet."""


@dataclass
class Loop:
    """A loop that is being written.

    Attributes
    ----------
    before_continue : list of str
        Lines to write before ``continue``: what the head of HDevelop's loop does.
    goes_on : str
        Of a loop that stands for a switch: the variable that tells the loop around it to go on with ``continue``.
    """

    before_continue: list[str] = field(default_factory=list)
    goes_on: str = ""


class FunctionText(ABC):
    """The text of one procedure, as far as it is written.

    Parameters
    ----------
    procedure : Procedure
    knowledge : Knowledge
        Of the whole program; added to.
    names : Names
        Of this function.
    function_names : mapping
        The Python names of the program's procedures.
    global_names : mapping
        The Python names of global variables.
    """

    def __init__(
        self,
        procedure: Procedure,
        knowledge: Knowledge,
        names: Names,
        function_names: Mapping[str, str],
        global_names: Mapping[str, str],
    ) -> None:
        self.procedure = procedure
        self.knowledge = knowledge
        self.names = names
        self.function_names = function_names
        self.global_names = global_names
        self.globals = set(declared_globals(procedure))
        self.shared = flow.shared_lists(procedure.body, self.results, OPERATORS)
        self.imported: set[str] = set()
        self.expressions = Expressions(
            self.name_of, self.kind_of, self.key_kind, self.knowledge.learn_key, self.imported
        )
        self.lines: list[PythonLine] = []
        self.uses: list[Use] = []
        self.depth = 1
        self.source = 0
        self.loops: list[Loop] = []
        self.n_nested = 0  # loops, switches and try blocks around the statement that is written

    # --- What is known

    def name_of(self, name: str) -> str:
        return self.global_names[name] if name in self.globals else self.names.of(name)

    def scope(self, name: str) -> str:
        return "" if name in self.globals else self.procedure.name

    def kind_of(self, name: str) -> Kind:
        kind = self.knowledge.variable(self.scope(name), name)
        if kind == UNKNOWN and self.knowledge.is_learning:
            raise NotYetKnown
        return kind

    def key_kind(self, name: str) -> Kind:
        kind = self.knowledge.key(name)
        if kind == UNKNOWN and self.knowledge.is_learning:
            raise NotYetKnown
        return kind

    def value(self, expression: syntax.Expression) -> Code:
        """An expression; of unknown kind while something in it is still to be learnt."""
        return self.known(lambda: self.expressions.of(expression))

    def one(self, expression: syntax.Expression) -> Code:
        """The same where a single value is needed."""
        return self.known(lambda: self.expressions.one(expression))

    def in_form(self, code: Code, form: str) -> Code:
        """A value in the form that a variable has."""
        return self.known(lambda: self.expressions.in_form(code, form))

    def known(self, write: Callable[[], Code]) -> Code:
        try:
            return write()
        except NotYetKnown:
            return Code("None", UNKNOWN)

    @property
    def outputs(self) -> list[str]:
        """The Python names of what the function returns."""
        return [self.name_of(parameter.name) for parameter in self.procedure.interface.outputs]

    # --- Lines

    @abstractmethod
    def statement(self, statement: syntax.Statement) -> None:
        """Write one statement."""

    def emit(self, text: str) -> None:
        self.lines.append(PythonLine(text, self.depth, self.source))

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        yield
        self.depth -= 1

    def inner(self, head: str, body: syntax.Body) -> None:
        """A line with a colon, and the statements under it."""
        self.emit(head)
        with self.deeper():
            self.block(body)

    def block(self, body: syntax.Body, may_be_empty: bool = False) -> None:
        """Statements one level deeper than what heads them; ``pass`` where none is left."""
        before = len(self.lines)
        for statement in body:
            self.statement(statement)
        if not may_be_empty and not any(is_code(line) for line in self.lines[before:]):
            self.emit("pass")

    def note(self, place: int, note: str) -> None:
        """The comment behind a statement, behind its first line of code."""
        line = self.lines[place]
        comment = as_comment(note.strip())
        fits = 4 * line.depth + len(line.text) + len(comment) + 2 <= 88
        if fits and is_code(line):
            self.lines[place] = replace(line, text=f"{line.text}  {comment}")
        else:
            self.lines.insert(place, replace(line, text=comment))

    def use(self, name: str, kind: str) -> None:
        self.uses.append(Use(name, self.procedure.name, self.source, kind))

    # --- Results of calls

    def results(self, statement: syntax.Call) -> Sequence[syntax.Expression]:
        """The arguments of a call that get its results; none of an unknown one."""
        return given_and_results(statement, self.knowledge.procedures)[1]

    def target(self, argument: syntax.Expression | None, name: str) -> syntax.Expression:
        """An argument as a place for a result."""
        if argument is None or not flow.root(argument):
            raise UnknownFunction(name)
        return argument


def declared_globals(procedure: Procedure) -> dict[str, syntax.Global]:
    """The global variables that a procedure declares; a parameter of the same name is none."""
    parameters = {parameter.name for parameter in procedure.interface.parameters}
    found = [statement for statement in walk_statements(procedure.body) if isinstance(statement, syntax.Global)]
    return {statement.name: statement for statement in found if statement.name not in parameters}


def given_and_results(
    statement: syntax.Call, procedures: Mapping[str, Procedure]
) -> tuple[list[syntax.Expression], list[syntax.Expression]]:
    """The arguments of a call: what goes in, and what gets its results; of an unknown call all go in."""
    name, arguments = statement.name, statement.arguments
    if name in procedures:
        return divided(arguments, procedures[name].interface.groups)
    if name in OPERATORS:
        return divided(arguments, OPERATORS[name].groups)
    if name.startswith("tuple_") or name in ("assign", "insert", "assign_at"):
        return list(arguments[:-1]), list(arguments[-1:])
    return list(arguments), []


def divided(
    arguments: Sequence[syntax.Expression], groups: Sequence[Sequence[object]]
) -> tuple[list[syntax.Expression], list[syntax.Expression]]:
    """The arguments of a call in HDevelop's order: what goes in and what comes out, each in Python's order.

    Parameters
    ----------
    groups : sequence of 4 sequences
        The parameters: iconic in, iconic out, control in, control out.
    """
    n_iconic_in, n_iconic_out, n_control_in = map(len, groups[:3])
    n_iconic = n_iconic_in + n_iconic_out
    given = [*arguments[:n_iconic_in], *arguments[n_iconic : n_iconic + n_control_in]]
    return given, [*arguments[n_iconic_in:n_iconic], *arguments[n_iconic + n_control_in :]]


def as_comment(text: str) -> str:
    """A text behind a number sign; what would end the line, or is not seen, becomes a space."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text.expandtabs(4)).rstrip()
    return f"#{shown}" if not shown or shown[0] == " " else f"# {shown}"


def is_code(line: PythonLine) -> bool:
    """Whether a line is neither blank nor a comment."""
    return bool(line.text) and not line.text.startswith("#")
