"""Statements of HDevelop as Python: one function for each procedure.

A `Writer` is used again and again (see `dlproc.hdevelop.knowledge`): while it writes, it notes what each assignment
says of its variable, and only its last text counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.expressions import Expressions, UnknownFunction, literal_integer
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.kinds import ANYTHING, EMPTY, UNKNOWN, Kind, join_types, many, one
from dlproc.hdevelop.knowledge import Knowledge
from dlproc.hdevelop.names import Names
from dlproc.hdevelop.operators import NAMED_RESULTS, OPERATORS, Operator
from dlproc.hdevelop.printer import print_statement
from dlproc.hdevelop.program import Procedure, walk_expressions, walk_statements
from dlproc.hdevelop.python_code import COMPARISON, Code, call, quoted

NOT_HERE = "is not in dlproc"
WITHOUT_EFFECT = "What only HDevelop's own windows do: accepted, without effect"


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


class _NotYetKnown(Exception):
    """An expression has a variable of which nothing is learnt yet."""


@dataclass
class _Loop:
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


class Writer:
    """Writes one procedure.

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
        self.globals = {
            statement.name for statement in walk_statements(procedure.body) if isinstance(statement, syntax.Global)
        }
        self.shared = flow.shared_lists(procedure.body, self.results, OPERATORS)
        self.imported: set[str] = set()
        self.expressions = Expressions(
            self.name_of, self.kind_of, self.key_kind, self.knowledge.learn_key, self.imported
        )
        self.lines: list[PythonLine] = []
        self.uses: list[Use] = []
        self.depth = 1
        self.source = 0
        self.loops: list[_Loop] = []

    # --- What is known

    def name_of(self, name: str) -> str:
        return self.global_names[name] if name in self.globals else self.names.of(name)

    def scope(self, name: str) -> str:
        return "" if name in self.globals else self.procedure.name

    def kind_of(self, name: str) -> Kind:
        kind = self.knowledge.variable(self.scope(name), name)
        if kind == UNKNOWN and self.knowledge.is_learning:
            raise _NotYetKnown
        return kind

    def key_kind(self, name: str) -> Kind:
        kind = self.knowledge.key(name)
        if kind == UNKNOWN and self.knowledge.is_learning:
            raise _NotYetKnown
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
        except _NotYetKnown:
            return Code("None", UNKNOWN)

    # --- The function

    def write(self) -> list[PythonLine]:
        """The lines of the function, its head included."""
        interface = self.procedure.interface
        inputs = [*interface.iconic_inputs, *interface.control_inputs]
        head = call(self.function_names[self.procedure.name], [self.name_of(parameter.name) for parameter in inputs])
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

    @property
    def outputs(self) -> list[str]:
        interface = self.procedure.interface
        return [self.name_of(parameter.name) for parameter in (*interface.iconic_outputs, *interface.control_outputs)]

    def initialise(self) -> None:
        """Values for outputs that may stay without one, and for tuples that are filled element by element."""
        interface = self.procedure.interface
        outputs = [parameter.name for parameter in (*interface.iconic_outputs, *interface.control_outputs)]
        inputs = [parameter.name for parameter in (*interface.iconic_inputs, *interface.control_inputs)]
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

    # --- Lines

    def emit(self, text: str) -> None:
        self.lines.append(PythonLine(text, self.depth, self.source))

    def block(self, body: syntax.Body, may_be_empty: bool = False) -> None:
        """Statements one level deeper than what heads them; ``pass`` where none is left."""
        before = len(self.lines)
        for statement in body:
            self.statement(statement)
        if not may_be_empty and not any(_is_code(line) for line in self.lines[before:]):
            self.emit("pass")

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

    def statement(self, statement: syntax.Statement) -> None:
        """One statement; where it calls a function that there is not, a place to port."""
        self.source = statement.line
        before, n_uses, depth, n_loops = len(self.lines), len(self.uses), self.depth, len(self.loops)
        try:
            _WRITERS[type(statement)](self, statement)
        except UnknownFunction as unknown:
            del self.lines[before:], self.uses[n_uses:], self.loops[n_loops:]
            self.depth = depth
            self.not_ported(statement, unknown.name)
        if statement.note and len(self.lines) > before:
            self.note(before, statement.note)

    def note(self, place: int, note: str) -> None:
        """The comment behind a statement, behind its first line of code."""
        line = self.lines[place]
        comment = as_comment(note.strip())
        fits = 4 * line.depth + len(line.text) + len(comment) + 2 <= 88
        if fits and _is_code(line):
            self.lines[place] = replace(line, text=f"{line.text}  {comment}")
        else:
            self.lines.insert(place, replace(line, text=comment))

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
        for body in flow.blocks(statement):
            self.loops += [_Loop()] * is_loop
            self.inner("while False:" if is_loop else "if False:", body)
            del self.loops[n_loops:]

    def reason(self, statement: syntax.Statement, name: str) -> str:
        """Why a name has no translation: it is called as it cannot be, misspelt, or unknown."""
        if isinstance(statement, syntax.Unreadable):
            return f"cannot be understood: {statement.reason}"
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

    def use(self, name: str, kind: str) -> None:
        self.uses.append(Use(name, self.procedure.name, self.source, kind))

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

    # --- Assignments

    def assignment(self, statement: Any) -> None:
        target, value = statement.target, statement.value
        is_next = isinstance(target, syntax.Index) and target.index == syntax.Length(target.base)
        if is_next and self.value(value).kind.is_one:  # T[|T|] := X
            target, value = target.base, syntax.Tuple((target.base, value))
        if isinstance(target, syntax.Variable):
            if isinstance(value, syntax.Binary) and value.left == target and self.augment(target, value):
                return
            if isinstance(value, syntax.Tuple) and value.elements[:1] == (target,) and self.append(target, value):
                return
        self.assign(target, self.value(value))

    def append(self, target: syntax.Variable, value: syntax.Tuple) -> bool:
        """``found.append(x)``, where the list is nobody else's."""
        code = self.value(value)
        if code.kind == UNKNOWN or len(value.elements) == 1:
            return False
        kind = self.knowledge.learn_variable(self.scope(target.name), target.name, code.kind)
        if not (kind.is_many and self.is_own_list(target.name)):
            return False
        rest = syntax.Tuple(value.elements[1:])
        new, name = self.value(rest), self.name_of(target.name)
        if len(rest.elements) == 1 and self.value(rest.elements[0]).kind.is_one:
            self.emit(f"{name}.append({self.value(rest.elements[0]).text})")
        else:
            self.emit(f"{name} += {new.text}")
        return True

    def is_own_list(self, name: str) -> bool:
        """Whether no other variable, key or procedure can hold the list that a variable holds."""
        if name in self.globals:
            return False
        interface = self.procedure.interface
        inputs = [parameter.name for parameter in interface.control_inputs]
        return name not in inputs and name not in self.shared

    def augment(self, target: syntax.Variable, value: syntax.Binary) -> bool:
        """``i += 1``, where the sum is one of numbers."""
        code = self.value(value)
        right = self.value(value.right)
        name = self.name_of(target.name)
        is_sum = value.operator in "+-*" and code.text == f"{name} {value.operator} {right.text}"
        if not is_sum or not (code.kind.is_one and code.kind.is_a("number")):
            return False
        kind = self.knowledge.learn_variable(self.scope(target.name), target.name, code.kind)
        if not kind.is_one:
            return False
        self.emit(f"{name} {value.operator}= {right.text}")
        return True

    def assign(self, target: syntax.Expression, code: Code) -> None:
        """Write ``target = code``, in the form that the variable has, and note what it says of it."""
        if isinstance(target, syntax.Variable):
            self.assign_variable(target.name, code)
        elif isinstance(target, syntax.Access):
            self.assign_key(target, code)
        elif isinstance(target, syntax.Element):
            self.assign_element(target, code)
        elif isinstance(target, syntax.Index):
            self.assign_index(target, code)
        elif isinstance(target, syntax.Range):
            self.assign_range(target, code)
        else:
            raise UnknownFunction("assignment to characters of a text")

    def assign_variable(self, name: str, code: Code) -> None:
        if name == "_":
            self.emit(f"_ = {code.text}")
            return
        kind = code.kind
        if kind != UNKNOWN:
            kind = self.knowledge.learn_variable(self.scope(name), name, kind)
        if not kind.dimension:
            code = self.in_form(code, kind.form)
        self.emit(f"{self.name_of(name)} = {code.text}")

    def assign_key(self, target: syntax.Access, code: Code) -> None:
        if code.kind != UNKNOWN:
            self.knowledge.learn_key(target.key.value if isinstance(target.key, syntax.String) else None, code.kind)
        place = self.known(lambda: self.entry(target))
        self.emit(f"{place.text} = {code.text}")

    def entry(self, target: syntax.Access) -> Code:
        """A key of a dictionary, to be assigned to."""
        key = self.expressions.one(target.key).text
        return Code(f"{self.expressions.one(target.dictionary).atom}[{key}]")

    def assign_index(self, target: syntax.Index, code: Code) -> None:
        base = self.value(target.base)
        index = self.value(target.index)
        if UNKNOWN in (code.kind, index.kind):
            return
        known = base.kind if base.kind != UNKNOWN else EMPTY
        kind = many(join_types(known.type, code.kind.type))
        self.assign(target.base, Code(call("dl.tuple_replace", [base.text, index.text, code.text]), kind))

    def assign_range(self, target: syntax.Range, code: Code) -> None:
        base = self.value(target.base)
        indices = self.value(syntax.Sequence(target.first, target.last))
        if UNKNOWN in (code.kind, indices.kind):
            return
        kind = many(join_types(base.kind.type, code.kind.type))
        self.assign(target.base, Code(call("dl.tuple_replace", [base.text, indices.text, code.text]), kind))

    def assign_element(self, target: syntax.Element, code: Code) -> None:
        vector = self.value(target.vector)
        index = self.one(target.index)
        if UNKNOWN in (code.kind, index.kind):
            return
        self.imported.add("replaced")
        kind = Kind(code.kind.form, code.kind.type, code.kind.dimension + 1)
        if vector.kind.dimension and vector.kind.form != "none":
            form = kind.form if kind.form == vector.kind.form else "either"
            kind = Kind(form, join_types(kind.type, vector.kind.type), kind.dimension)
        self.assign(target.vector, Code(call("replaced", [vector.text, index.text, code.text]), kind))

    def execute(self, statement: Any) -> None:
        """``V.clear()``, ``V.insert(0, X)``: the vector becomes another one."""
        self.operation(statement.operation)

    def operation(self, operation: syntax.MethodCall) -> None:
        vector = operation.vector
        if isinstance(vector, syntax.MethodCall):  # one behind the other
            self.operation(vector)
            while isinstance(vector, syntax.MethodCall):
                vector = vector.vector
        if operation.name not in ("clear", "insert", "remove"):
            raise UnknownFunction(f".{operation.name}()")
        changed = replace(operation, vector=vector)
        code = self.value(changed)
        if operation.name == "insert" and code.kind != UNKNOWN:
            new = self.value(operation.arguments[1])
            index = self.one(operation.arguments[0])
            before = self.value(vector)
            if UNKNOWN in (new.kind, index.kind):
                return
            self.imported.add("inserted")
            form = new.kind.form if before.kind.form in (new.kind.form, "none") or before.text == "[]" else "either"
            kind = Kind(form, join_types(before.kind.type, new.kind.type), new.kind.dimension + 1)
            code = Code(call("inserted", [before.text, index.text, new.text]), kind)
        self.assign(vector, code)

    # --- Calls

    def call(self, statement: Any) -> None:
        name, arguments = statement.name, statement.arguments
        if name in self.function_names and name in self.knowledge.procedures:
            self.use(name, "procedure")
            self.call_procedure(name, arguments)
        elif name in _DICTIONARY and self.dictionary_call(name, arguments):
            self.use(name, "plain")
        elif name == "dev_error_var" and len(arguments) == 2 and isinstance(arguments[0], syntax.Variable):
            self.use(name, "plain")
            self.assign(arguments[0], Code("2", one("natural")))  # H_MSG_TRUE: an error is raised, never noted
        elif name in ("assign", "insert", "assign_at"):
            self.use(name, "plain")
            self.old_assignment(name, arguments)
        elif name.startswith("tuple_") and name.removeprefix("tuple_") in FUNCTIONS:
            self.use(name, "operator")
            expression = syntax.FunctionCall(name.removeprefix("tuple_"), arguments[:-1])
            self.assign(self.target(arguments[-1] if arguments else None, name), self.value(expression))
        elif name in OPERATORS and len(arguments) == _n_parameters(OPERATORS[name]):
            self.call_operator(OPERATORS[name], arguments)
        else:
            raise UnknownFunction(name)

    def results(self, statement: syntax.Call) -> Sequence[syntax.Expression]:
        """The arguments of a call that get its results; none of an unknown one."""
        name, arguments = statement.name, statement.arguments
        if name in self.function_names:
            interface = self.knowledge.procedures[name].interface
            n_io, n_oo, n_ic = (
                len(group) for group in (interface.iconic_inputs, interface.iconic_outputs, interface.control_inputs)
            )
        elif name in OPERATORS:
            operator = OPERATORS[name]
            n_io, n_oo, n_ic = len(operator.iconic_in), len(operator.iconic_out), len(operator.control_in)
        elif name.startswith("tuple_") or name in ("assign", "insert", "assign_at"):
            return arguments[-1:]
        else:
            return ()
        return [*arguments[n_io : n_io + n_oo], *arguments[n_io + n_oo + n_ic :]]

    def target(self, argument: syntax.Expression | None, name: str) -> syntax.Expression:
        """An argument as a place for a result."""
        if argument is None or not flow.root(argument):
            raise UnknownFunction(name)
        return argument

    def old_assignment(self, name: str, arguments: Sequence[syntax.Expression]) -> None:
        """``assign (X, Y)``, ``insert (T, Value, Index, T)``, ``assign_at (Index, Value, T)``."""
        if name == "assign" and len(arguments) == 2:
            self.assign(self.target(arguments[1], name), self.value(arguments[0]))
        elif name == "assign_at" and len(arguments) == 3:
            self.assign(syntax.Index(self.target(arguments[2], name), arguments[0]), self.value(arguments[1]))
        elif name == "insert" and len(arguments) == 4:
            replaced = syntax.FunctionCall("replace", (arguments[0], arguments[2], arguments[1]))
            self.assign(self.target(arguments[3], name), self.value(replaced))
        else:
            raise UnknownFunction(name)

    def call_operator(self, operator: Operator, arguments: Sequence[syntax.Expression]) -> None:
        if operator.chapter == WITHOUT_EFFECT:
            self.use(operator.name, "without effect")
            return
        self.use(operator.name, "operator")
        n_io, n_oo, n_ic = len(operator.iconic_in), len(operator.iconic_out), len(operator.control_in)
        given = [*arguments[:n_io], *arguments[n_io + n_oo : n_io + n_oo + n_ic]]
        targets = [*arguments[n_io : n_io + n_oo], *arguments[n_io + n_oo + n_ic :]]
        targets = [self.target(target, operator.name) for target in targets]
        codes = [self.iconic(argument) for argument in given[:n_io]] + [
            self.value(argument) for argument in given[n_io:]
        ]
        texts = []
        for parameter, code, argument in zip(operator.inputs, codes, given, strict=True):
            texts.append(self.one(argument).text if parameter.must_be_one else code.text)
        for parameter, argument in zip(reversed(operator.inputs), reversed(given), strict=True):
            if not (parameter.optional and argument == syntax.Tuple(())):
                break
            texts.pop()
        by_name = {parameter.name: code.kind for parameter, code in zip(operator.inputs, codes, strict=True)}
        kinds = [output.kind([by_name[name] for name in output.of]) for output in operator.outputs]
        text = call(f"dl.{operator.name}", texts)
        place, named = NAMED_RESULTS.get(operator.name, (0, {}))
        name = given[place] if named else None
        if isinstance(name, syntax.String) and name.value in named:
            kinds = [one(named[name.value])]
        if len(kinds) == 1 and operator.outputs[0].form == "each" and kinds[0].is_one:
            text += "[0]"
        self.store(targets, kinds, text)

    def iconic(self, argument: syntax.Expression) -> Code:
        """An iconic argument; what no known operator makes is taken for one object."""
        if isinstance(argument, syntax.Variable) and not self.knowledge.is_learning:
            scope = self.scope(argument.name)
            if self.knowledge.variable(scope, argument.name) == UNKNOWN:
                self.knowledge.learn_variable(scope, argument.name, one("object"))
        return self.value(argument)

    def call_procedure(self, name: str, arguments: Sequence[syntax.Expression]) -> None:
        interface = self.knowledge.procedures[name].interface
        groups = (
            interface.iconic_inputs,
            interface.iconic_outputs,
            interface.control_inputs,
            interface.control_outputs,
        )
        if len(arguments) != sum(map(len, groups)):
            raise UnknownFunction(name)
        n_io, n_oo, n_ic = map(len, groups[:3])
        given = [*arguments[:n_io], *arguments[n_io + n_oo : n_io + n_oo + n_ic]]
        targets = [*arguments[n_io : n_io + n_oo], *arguments[n_io + n_oo + n_ic :]]
        texts = []
        for parameter, argument in zip((*groups[0], *groups[2]), given, strict=True):
            code = self.value(argument)
            kind = code.kind
            if kind != UNKNOWN:
                kind = self.knowledge.learn_variable(name, parameter.name, kind)
            if not kind.dimension:
                code = self.in_form(code, kind.form)
            texts.append(code.text)
        kinds = [self.knowledge.variable(name, parameter.name) for parameter in (*groups[1], *groups[3])]
        if not self.knowledge.is_learning:
            kinds = [ANYTHING if kind == UNKNOWN else kind for kind in kinds]
        self.store([self.target(target, name) for target in targets], kinds, call(self.function_names[name], texts))

    def store(self, targets: Sequence[syntax.Expression], kinds: Sequence[Kind], text: str) -> None:
        """Write a call whose results go to these targets."""
        if all(target == syntax.Variable("_") for target in targets):
            self.emit(text)
            return
        if len(targets) == 1:
            self.assign(targets[0], Code(text, kinds[0]))
            return
        names: list[str] = []
        later: list[tuple[syntax.Expression, Code]] = []
        for target, kind in zip(targets, kinds, strict=True):
            if isinstance(target, syntax.Variable):
                name = self.name_of(target.name)
                form = kind.form
                if kind != UNKNOWN and target.name != "_":
                    form = self.knowledge.learn_variable(self.scope(target.name), target.name, kind).form
                if form != kind.form and not kind.dimension and target.name != "_":
                    later.append((target, Code(name, kind)))
            else:
                name = self.names.free(f"new_{self.name_of(flow.root(target))}".replace("__", "_"))
                later.append((target, Code(name, kind)))
            names.append(name)
        self.emit(f"{', '.join(names)} = {text}")
        for target, code in later:
            self.assign(target, code)

    def dictionary_call(self, name: str, arguments: Sequence[syntax.Expression]) -> bool:
        """An operator on dictionaries as plain Python; whether that can be written."""
        if len(arguments) != _n_parameters(OPERATORS[name]):
            return False
        if name == "create_dict":
            self.assign(self.target(arguments[0], name), Code("{}", one("dict")))
        elif name == "set_dict_tuple":
            self.assign(syntax.Access(arguments[0], arguments[1]), self.value(arguments[2]))
        elif name == "set_dict_object":
            self.assign(syntax.Access(arguments[1], arguments[2]), self.value(arguments[0]))
        elif name == "get_dict_tuple":
            self.assign(self.target(arguments[2], name), self.value(syntax.Access(arguments[0], arguments[1])))
        elif name == "get_dict_object":
            access = self.value(syntax.Access(arguments[1], arguments[2]))
            kind = access.kind.with_type("object") if access.kind != UNKNOWN else UNKNOWN
            self.assign(self.target(arguments[0], name), replace(access, kind=kind))
        elif arguments[1] == syntax.String("key_exists") and self.value(arguments[2]).kind.is_one:
            key, place = self.value(arguments[2]), self.one(arguments[0])
            text = f"{key.at_least(COMPARISON + 1)} in {place.at_least(COMPARISON + 1)}"
            self.assign(self.target(arguments[3], name), Code(text, one("truth"), COMPARISON))
        elif arguments[1:3] == (syntax.String("keys"), syntax.Tuple(())):
            place = self.one(arguments[0])
            self.assign(self.target(arguments[3], name), Code(call("list", [place.text]), many("any")))
        else:
            return False
        return True

    # --- Blocks

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
        self.loops.append(_Loop())
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
        self.loops.append(_Loop(next_lines))
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
        self.loops.append(_Loop())
        self.inner(f"while {self.condition(statement.condition)}:", statement.body)
        self.loops.pop()

    def repeat_block(self, statement: Any) -> None:
        condition = self.condition(statement.condition)
        until = [f"if {condition}:", "    break"]
        self.loops.append(_Loop(until))
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
        loop = _Loop(goes_on=self.names.free("goes_on") if goes_on else "")
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
_DICTIONARY = frozenset(
    ["create_dict", "set_dict_tuple", "set_dict_object", "get_dict_tuple", "get_dict_object", "get_dict_param"]
)


def as_comment(text: str) -> str:
    """A text behind a number sign; what would end the line, or is not seen, becomes a space."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text.expandtabs(4)).rstrip()
    return f"#{shown}" if not shown or shown[0] == " " else f"# {shown}"


def _n_parameters(operator: Operator) -> int:
    return len(operator.inputs) + len(operator.outputs)


def _is_code(line: PythonLine) -> bool:
    return bool(line.text) and not line.text.startswith("#")


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


_ENDS = (syntax.Break, syntax.Continue, syntax.Return, syntax.Throw, syntax.Exit)
