"""Assignments of HDevelop as Python: variables, parts of tuples, keys, elements of vectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dlproc.hdevelop import syntax
from dlproc.hdevelop.expressions import UnknownFunction
from dlproc.hdevelop.function_text import FunctionText
from dlproc.hdevelop.kinds import EMPTY, UNKNOWN, Kind, join_types, many, vector_of
from dlproc.hdevelop.python_code import Code, call


class Assignments(FunctionText):
    """Writes assignments, and notes what each says of its variable."""

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
        index = self.value(target.index)
        if UNKNOWN in (code.kind, index.kind):
            return
        if isinstance(target.base, syntax.Access):
            self.assign_part_of_key(target.base, index, code)
            return
        base = self.before(target.base)
        known = base.kind if base.kind != UNKNOWN else EMPTY
        kind = many(join_types(known.type, code.kind.type))
        self.assign(target.base, Code(call("dl.tuple_replace", [base.text, index.text, code.text]), kind))

    def assign_part_of_key(self, target: syntax.Access, index: Code, code: Code) -> None:
        """Elements of the tuple under a key, ``D.rows[0] := 5``: without the key a new tuple begins."""
        key = target.key.value if isinstance(target.key, syntax.String) else None
        self.knowledge.learn_key(key, many(code.kind.type))
        place = [self.one(target.dictionary), self.one(target.key)]
        self.emit(call("dl.set_dict_tuple_at", [part.text for part in (*place, index, code)]))

    def assign_range(self, target: syntax.Range, code: Code) -> None:
        indices = self.value(syntax.Sequence(target.first, target.last))
        if UNKNOWN in (code.kind, indices.kind):
            return
        if isinstance(target.base, syntax.Access):
            self.assign_part_of_key(target.base, indices, code)
            return
        base = self.before(target.base)
        kind = many(join_types(base.kind.type, code.kind.type))
        self.assign(target.base, Code(call("dl.tuple_replace", [base.text, indices.text, code.text]), kind))

    def assign_element(self, target: syntax.Element, code: Code) -> None:
        vector = self.before(target.vector)
        index = self.one(target.index)
        if UNKNOWN in (code.kind, index.kind):
            return
        self.imported.add("replaced")
        kind = vector_of(code.kind.form, code.kind.type, code.kind.dimension)
        if vector.kind.dimension and vector.kind.form != "none":
            form = kind.form if kind.form == vector.kind.form else "either"
            kind = Kind(form, join_types(kind.type, vector.kind.type), kind.dimension)
        self.assign(target.vector, Code(call("replaced", [vector.text, index.text, code.text]), kind))

    def before(self, target: syntax.Expression) -> Code:
        """What is to be changed in part, ``V.at(1)`` of ``V.at(1).at(0) := 5``: empty where the vector is shorter."""
        code = self.value(target)
        if not isinstance(target, syntax.Element) or code.kind == UNKNOWN:
            return code
        vector, index = self.before(target.vector), self.one(target.index)
        self.imported.add("element_of")
        return Code(call("element_of", [vector.text, index.text]), code.kind)

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
            before = self.before(vector)
            if UNKNOWN in (new.kind, index.kind):
                return
            self.imported.add("inserted")
            form = new.kind.form if before.kind.form in (new.kind.form, "none") or before.text == "[]" else "either"
            kind = vector_of(form, join_types(before.kind.type, new.kind.type), new.kind.dimension)
            code = Code(call("inserted", [before.text, index.text, new.text]), kind)
        self.assign(vector, code)
