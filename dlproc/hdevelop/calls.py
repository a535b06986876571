"""Calls of operators and procedures as Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dlproc.hdevelop import flow, syntax
from dlproc.hdevelop.assignments import Assignments
from dlproc.hdevelop.expressions import UnknownFunction
from dlproc.hdevelop.function_text import divided
from dlproc.hdevelop.functions import FUNCTIONS
from dlproc.hdevelop.kinds import ANYTHING, UNKNOWN, Kind, many, one
from dlproc.hdevelop.operators import NAMED_RESULTS, OPERATORS, Operator
from dlproc.hdevelop.python_code import COMPARISON, Code, call

WITHOUT_EFFECT = "What only HDevelop's own windows do: accepted, without effect"
_OBJECTS = ANYTHING.with_type("object")
_DICTIONARY = frozenset(
    ["create_dict", "set_dict_tuple", "set_dict_object", "get_dict_tuple", "get_dict_object", "get_dict_param"]
)


class Calls(Assignments):
    """Writes calls, and assigns their results."""

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
        given, results = divided(arguments, operator.groups)
        targets = [self.target(result, operator.name) for result in results]
        n_iconic = len(operator.iconic_in)
        codes = [*map(self.iconic, given[:n_iconic]), *map(self.value, given[n_iconic:])]
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
        if len(arguments) != sum(map(len, interface.groups)):
            raise UnknownFunction(name)
        given, targets = divided(arguments, interface.groups)
        texts = []
        for parameter, argument in zip(interface.inputs, given, strict=True):
            code = self.value(argument)
            kind = code.kind
            if kind != UNKNOWN:
                kind = self.knowledge.learn_variable(name, parameter.name, kind)
            if not kind.dimension:
                code = self.in_form(code, kind.form)
            texts.append(code.text)
        kinds = [self.knowledge.variable(name, parameter.name) for parameter in interface.outputs]
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
            stored, name_of_key = self.value(arguments[0]), arguments[2]
            if not (stored.kind.is_one or stored.kind == UNKNOWN):  # a list of one is stored as that one
                known = name_of_key.value if isinstance(name_of_key, syntax.String) else None
                self.knowledge.learn_key(known, _OBJECTS)
                return False
            self.assign(syntax.Access(arguments[1], name_of_key), stored)
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


def _n_parameters(operator: Operator) -> int:
    return len(operator.inputs) + len(operator.outputs)
