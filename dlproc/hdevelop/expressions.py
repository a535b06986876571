"""Expressions of HDevelop as Python.

A value of which it is known that it is one number or one text becomes a plain Python value, and what is done with it
plain Python; for all else there are the functions ``tuple_…``, which take values and lists alike. So the text computes
what HDevelop computes, whatever the values are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlproc.hdevelop import syntax
from dlproc.hdevelop.functions import FUNCTIONS, PLAIN, Function, n_arguments
from dlproc.hdevelop.kinds import ANYTHING, EMPTY, UNKNOWN, Kind, join, join_types, many, one, vector_of
from dlproc.hdevelop.python_code import (
    AND,
    ATOM,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    COMPARISON,
    NOT,
    OR,
    PRODUCT,
    SIGN,
    SUM,
    Code,
    Hole,
    call,
    formatted,
    quoted,
)

_ARITHMETIC = {"+": "tuple_add", "-": "tuple_sub", "*": "tuple_mult", "/": "tuple_div", "%": "tuple_mod"}
_COMPARISONS = {
    "==": "tuple_equal",
    "!=": "tuple_not_equal",
    "<": "tuple_less",
    "<=": "tuple_less_equal",
    ">": "tuple_greater",
    ">=": "tuple_greater_equal",
}
_BY_ELEMENT = {f"[{sign}]": f"{name}_elem" for sign, name in _COMPARISONS.items()}
_LOGIC = {"and": ("tuple_and", AND), "or": ("tuple_or", OR), "xor": ("tuple_xor", COMPARISON)}
_BITS = {
    "bor": ("|", BIT_OR, "tuple_bor"),
    "bxor": ("^", BIT_XOR, "tuple_bxor"),
    "band": ("&", BIT_AND, "tuple_band"),
}
# Functions that are operators, too.
_SIGNS = {name.removeprefix("tuple_"): sign for sign, name in (_ARITHMETIC | _COMPARISONS | _BY_ELEMENT).items()} | {
    "and": "and",
    "or": "or",
    "xor": "xor",
    "band": "band",
    "bor": "bor",
    "bxor": "bxor",
    "string": "$",
    "regexp_test": "=~",
}
_FORMAT = re.compile(r"([-+ 0]*)([1-9][0-9]{0,2})?(\.[0-9]{1,2})?([dfeEgGsxX]?)")


class UnknownFunction(Exception):
    """An expression calls what is no function; `name` says what."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Expressions:
    """Translates the expressions of one procedure.

    Parameters
    ----------
    name_of : function
        The Python name of a variable.
    kind_of : function
        What is known of a variable.
    key_kind : function
        What is known of the value of a dictionary's key.
    learn_key : function
        Told what a dictionary literal stores under a key; None for a key that is not written out.
    imported : set of str
        Gets the names that the texts need: ``'math'``, ``'as_tuple'``, ….
    """

    def __init__(
        self,
        name_of: Callable[[str], str],
        kind_of: Callable[[str], Kind],
        key_kind: Callable[[str], Kind],
        learn_key: Callable[[str | None, Kind], None],
        imported: set[str],
    ) -> None:
        self.name_of = name_of
        self.kind_of = kind_of
        self.key_kind = key_kind
        self.learn_key = learn_key
        self.imported = imported
        #: What has been written within the outermost expression: parts are asked for again and again.
        self._written: dict[int, tuple[syntax.Expression, Code | None]] = {}

    def of(self, expression: syntax.Expression) -> Code:
        """The expression as Python.

        Raises
        ------
        UnknownFunction
            It calls a function that there is not.
        """
        is_outermost = not self._written
        if id(expression) not in self._written:
            self._written[id(expression)] = expression, None  # kept, so that no other one gets its number
        code = self._written[id(expression)][1]
        try:
            if code is None:
                code = _WRITERS[type(expression)](self, expression)
                self._written[id(expression)] = expression, code
        finally:
            if is_outermost:
                self._written.clear()
        return code

    # --- Forms

    def one(self, expression: syntax.Expression) -> Code:
        """The same where a single value is needed."""
        if isinstance(expression, syntax.Tuple) and len(expression.elements) == 1:
            return self.one(expression.elements[0])
        return self.as_one(self.of(expression))

    def as_one(self, code: Code) -> Code:
        """A value as a single one: the first of a list."""
        if code.kind.is_one or code.kind.dimension:
            return code
        if code.kind.is_many:
            return Code(f"{code.atom}[0]", one(code.kind.type))
        return Code(self.helper("single", [code.text]), one(code.kind.type))

    def as_many(self, code: Code) -> Code:
        """A value as a list."""
        if code.kind.is_many or code.kind.dimension:
            return code
        if code.kind.is_one:
            return Code(f"[{code.text}]", many(code.kind.type))
        return Code(self.helper("as_tuple", [code.text]), many(code.kind.type))

    def in_form(self, code: Code, form: str) -> Code:
        """A value in the form that a variable has."""
        return {"one": self.as_one, "many": self.as_many}.get(form, lambda same: same)(code)

    def condition(self, expression: syntax.Expression) -> str:
        """An expression behind ``if`` and ``while``."""
        return self.one(expression).text

    def helper(self, name: str, arguments: Sequence[str]) -> str:
        """A call of one of dlproc.hdevelop.values' functions."""
        self.imported.add(name)
        return call(name, arguments)

    def operator(self, name: str, *arguments: Code, type_name: str, is_one: bool) -> Code:
        """A call of a function ``tuple_…``, whose result is always a list."""
        text = call(f"dl.{name}", [argument.text for argument in arguments])
        return Code(f"{text}[0]", one(type_name)) if is_one else Code(text, many(type_name))

    # --- Values

    def number(self, expression: Any) -> Code:
        if isinstance(expression, syntax.Real):
            return Code(repr(expression.value), one("real"))
        written = {16: hex, 8: oct}.get(expression.base, str)
        return Code(written(expression.value), one("positive" if expression.value else "natural"))

    def string(self, expression: Any) -> Code:
        return Code(quoted(expression.value), one("string"))

    def boolean(self, expression: Any) -> Code:
        return Code(str(expression.value), one("truth"))

    def constant(self, expression: Any) -> Code:
        return self.operator(
            "tuple_constant", self.string(syntax.String(expression.name)), type_name="any", is_one=True
        )

    def variable(self, expression: Any) -> Code:
        kind = self.kind_of(expression.name)
        return Code(self.name_of(expression.name), ANYTHING if kind == UNKNOWN else kind)

    def tuple(self, expression: Any) -> Code:
        kinds, texts = EMPTY, []
        for element in expression.elements:
            if isinstance(element, syntax.Sequence) and (steps := self.range(element)):
                code = Code(steps, many("integer"))
            else:
                code = self.of(element)
            kinds = many(join_types(kinds.type, code.kind.type))
            if code.kind.is_one:
                texts.append(code.text)
            else:
                texts.append(f"*{code.at_least(BIT_OR) if code.kind.is_many else self.as_many(code).text}")
        if len(texts) == 1 and texts[0].startswith("*") and not texts[0].startswith("*range("):
            return Code(texts[0][1:], kinds)  # brackets around a tuple change nothing
        return Code(f"[{', '.join(texts)}]", kinds)

    def sequence(self, expression: Any) -> Code:
        steps = self.range(expression)
        if steps is not None:
            return Code(f"list({steps})", many(self.range_type(expression)))
        step = self.of(expression.step) if expression.step else Code("1", one("natural"))
        first, last = self.of(expression.first), self.of(expression.last)
        kinds = [first.kind, last.kind, step.kind]
        is_real = any(kind.is_a("real") for kind in kinds)  # then all numbers are
        type_name = "real" if is_real else join_types(first.kind.type, step.kind.type)
        type_name = type_name if is_real or last.kind.is_a("integer") else join_types(type_name, last.kind.type)
        return self.operator("tuple_gen_sequence", first, last, step, type_name=type_name, is_one=False)

    def range(self, expression: syntax.Sequence) -> str | None:
        """The whole numbers of a sequence as Python's range, or None."""
        step = step_of(expression.step)
        first, last = self.of(expression.first), self.of(expression.last)
        if step is None or not all(code.kind.is_one and code.kind.is_a("integer") for code in (first, last)):
            return None
        end = self.plus(expression.last, 1 if step > 0 else -1)
        if step != 1:
            return f"range({first.text}, {end}, {step})"
        return f"range({end})" if first.text == "0" else f"range({first.text}, {end})"

    def range_type(self, expression: syntax.Sequence) -> str:
        """The type of a sequence's numbers."""
        rises = (step_of(expression.step) or 0) > 0
        smallest = self.of(expression.first if rises else expression.last).kind
        return smallest.type if smallest.is_a("natural") and not smallest.is_a("truth") else "integer"

    def plus(self, expression: syntax.Expression, number: int) -> str:
        """A whole number and one more or less, in the shortest form."""
        total, rest = number, expression
        while isinstance(rest, syntax.Binary) and rest.operator in "+-" and isinstance(rest.right, syntax.Integer):
            total += rest.right.value if rest.operator == "+" else -rest.right.value
            rest = rest.left
        literal = literal_integer(rest)
        if literal is not None:
            return str(literal + total)
        code = self.one(rest)
        if total == 0:
            return code.text
        return f"{code.at_least(SUM)} {'+' if total > 0 else '-'} {abs(total)}"

    def dict(self, expression: Any) -> Code:
        entries = []
        for key, value in expression.entries:
            code = self.of(value)
            self.learn_key(key.value if isinstance(key, syntax.String) else None, code.kind)
            entries.append(f"{self.one(key).text}: {code.text}")
        return Code("{" + ", ".join(entries) + "}", one("dict"))

    # --- Vectors

    def vector(self, expression: Any) -> Code:
        codes = [self.of(element) for element in expression.elements]
        kind = UNKNOWN
        for code in codes:
            forms = {kind.form, code.kind.form} - {"none"}
            kind = join(kind, code.kind).with_form(forms.pop() if len(forms) == 1 else "either")
        kind = vector_of(kind.form, kind.type, kind.dimension)
        return Code(f"[{', '.join(code.text for code in codes)}]", kind)

    def element(self, expression: Any) -> Code:
        vector, index = self.of(expression.vector), self.one(expression.index)
        kind = vector.kind.element if vector.kind.dimension else ANYTHING
        return Code(f"{vector.atom}[{index.text}]", ANYTHING if kind.form == "none" and not kind.dimension else kind)

    def method(self, expression: Any) -> Code:
        """What an operation of a vector gives; those that change it give the vector that it becomes."""
        vector, name = self.of(expression.vector), expression.name
        arguments = [self.of(argument) for argument in expression.arguments]
        if name == "length" and not arguments:
            return Code(f"len({vector.text})", one("natural"))
        if name == "clear" and not arguments:
            return Code("[]", vector.kind)
        if name == "concat" and len(arguments) == 1:
            kind = join(vector.kind, arguments[0].kind)
            return Code(f"[*{vector.at_least(BIT_OR)}, *{arguments[0].at_least(BIT_OR)}]", kind)
        if name in ("insert", "remove") and len(arguments) == (2 if name == "insert" else 1):
            index = self.as_one(arguments[0])
            behind = self.plus(expression.arguments[0], 1) if name == "remove" else index.text
            middle = f" {arguments[1].text}," if name == "insert" else ""
            return Code(f"[*{vector.atom}[:{index.text}],{middle} *{vector.atom}[{behind}:]]", vector.kind)
        raise UnknownFunction(f".{name}()")

    # --- Parts

    def index(self, expression: Any) -> Code:
        base, index = self.of(expression.base), self.of(expression.index)
        if not index.kind.is_one:
            return self.operator("tuple_select", base, index, type_name=base.kind.type, is_one=False)
        if base.kind.is_one and index.text == "0":
            return base
        if base.kind.is_one or not index.kind.is_a("integer", "any"):
            return self.operator("tuple_select", base, index, type_name=base.kind.type, is_one=True)
        from_end = self.from_end(syntax.Length(expression.base), expression.index)
        if from_end is None and not index.kind.is_a("natural"):  # Python would take -1 for the last
            return self.operator("tuple_select", base, index, type_name=base.kind.type, is_one=True)
        return Code(f"{self.as_many(base).atom}[{from_end or index.text}]", one(base.kind.type))

    def from_end(self, length: syntax.Expression, index: syntax.Expression) -> str | None:
        """``-1`` where the index is the length less 1."""
        if not (isinstance(index, syntax.Binary) and index.operator == "-" and index.left == length):
            return None
        distance = literal_integer(index.right) or 0
        return f"-{distance}" if distance > 0 else None

    def part(self, expression: Any) -> Code:
        base = self.of(expression.base)
        first, last = self.of(expression.first), self.of(expression.last)
        if (
            base.kind.is_many
            and self.is_place(first)
            and self.is_place(last, syntax.Length(expression.base), expression.last)
        ):
            return Code(f"{base.atom}[{self.slice(expression, expression.base)}]", base.kind)
        return self.operator("tuple_select_range", base, first, last, type_name=base.kind.type, is_one=False)

    def is_place(
        self, code: Code, length: syntax.Expression | None = None, index: syntax.Expression | None = None
    ) -> bool:
        """Whether a value is an index that Python takes as HDevelop does: one whole number from 0 on."""
        from_end = length is not None and index is not None and self.from_end(length, index) is not None
        return code.kind.is_one and (code.kind.is_a("natural") or from_end)

    def slice(self, expression: syntax.Range | syntax.Characters, base: syntax.Expression) -> str:
        """What stands in the brackets of a slice from first to last, both included."""
        assert expression.last is not None
        first, end = self.one(expression.first), self.plus(expression.last, 1)
        begin = "" if first.text == "0" else first.text
        stop = "" if end == f"len({self.of(base).text})" else end
        simple = all(part.isalnum() or part.isidentifier() for part in (begin, stop) if part)
        space = "" if simple else " "
        return f"{begin}{space if begin else ''}:{space if stop else ''}{stop}"

    def characters(self, expression: Any) -> Code:
        base, first = self.of(expression.base), self.of(expression.first)
        codes = [first] if expression.last is None else [first, self.of(expression.last)]
        length = syntax.FunctionCall("strlen", (expression.base,))
        places = (expression.first, expression.last)
        is_plain = all(self.is_place(code, length, place) for code, place in zip(codes, places, strict=False))
        if base.kind.is_one and base.kind.is_a("string") and is_plain:
            if expression.last is not None:
                return Code(f"{base.atom}[{self.slice(expression, expression.base)}]", one("string"))
            place = self.from_end(length, expression.first) or first.text
            return Code(f"{base.atom}[{place}]", one("string"))
        name = "tuple_str_bit_select" if expression.last is None else "tuple_substr"
        is_one = base.kind.is_one and all(code.kind.is_one for code in codes)
        return self.operator(name, base, *codes, type_name="string", is_one=is_one)

    def length(self, expression: Any) -> Code:
        code = self.of(expression.operand)
        if code.kind.is_one:
            return Code("1", one("positive"))
        return self.function(syntax.FunctionCall("length", (expression.operand,)))

    def access(self, expression: Any) -> Code:
        key = self.one(expression.key)
        kind = self.key_kind(expression.key.value) if isinstance(expression.key, syntax.String) else ANYTHING
        return Code(f"{self.one(expression.dictionary).atom}[{key.text}]", ANYTHING if kind == UNKNOWN else kind)

    # --- Operators

    def unary(self, expression: Any) -> Code:
        code = self.of(expression.operand)
        if expression.operator == "-":
            type_name = "integer" if code.kind.is_a("integer") else code.kind.type
            if code.kind.is_one and code.kind.is_a("number"):
                return Code(f"-{code.at_least(SIGN)}", one(type_name), SIGN)
            return self.operator("tuple_neg", code, type_name=type_name, is_one=code.kind.is_one)
        if expression.operator == "not":
            if code.kind.is_one:
                return Code(f"not {self.truth(code).at_least(NOT)}", one("truth"), NOT)
            return self.operator("tuple_not", code, type_name="truth", is_one=False)
        if code.kind.is_one and code.kind.is_a("integer"):
            return Code(f"~{code.at_least(SIGN)}", one("integer"), SIGN)
        return self.operator("tuple_bnot", code, type_name="integer", is_one=code.kind.is_one)

    def binary(self, expression: Any) -> Code:
        operator = expression.operator
        if operator == "$":
            return self.format(expression)
        if operator == "+":
            return self.sum(expression)
        left, right = self.of(expression.left), self.of(expression.right)
        if operator in _ARITHMETIC:
            return self.arithmetic(operator, left, right)
        if operator in _COMPARISONS:
            return self.comparison(operator, left, right)
        if operator in _LOGIC:
            return self.logic(operator, left, right)
        is_one = left.kind.is_one and right.kind.is_one
        if operator in _BY_ELEMENT:
            return self.operator(_BY_ELEMENT[operator], left, right, type_name="truth", is_one=is_one)
        if operator == "=~":
            return self.operator("tuple_regexp_test", left, right, type_name="truth", is_one=is_one)
        sign, strength, name = _BITS[operator]
        if is_one and left.kind.is_a("integer") and right.kind.is_a("integer"):
            are_truths = left.kind.is_a("truth") and right.kind.is_a("truth")  # Python's True & False is no integer
            kind = one("truth" if are_truths else "integer")
            return Code(f"{left.at_least(strength)} {sign} {right.at_least(strength + 1)}", kind, strength)
        return self.operator(name, left, right, type_name="integer", is_one=is_one)

    def arithmetic(self, operator: str, left: Code, right: Code) -> Code:
        type_name = _arithmetic_type(operator, left.kind, right.kind)
        if operator == "-" and left.kind.is_a("positive") and right.text == "1":
            type_name = "natural"
        is_one = left.kind.is_one and right.kind.is_one
        are_numbers = left.kind.is_a("number") and right.kind.is_a("number")
        sign = operator
        if operator in "/%" and type_name != "real":
            if type_name not in ("natural", "positive"):
                are_numbers = False  # Python rounds down, HDevelop towards zero
            sign = "//" if operator == "/" else "%"
        if operator == "%" and type_name not in ("natural", "positive"):
            are_numbers = False
        if not (is_one and are_numbers):
            return self.operator(_ARITHMETIC[operator], left, right, type_name=type_name, is_one=is_one)
        strength = SUM if operator in "+-" else PRODUCT
        return Code(f"{left.at_least(strength)} {sign} {right.at_least(strength + 1)}", one(type_name), strength)

    def comparison(self, operator: str, left: Code, right: Code) -> Code:
        if operator in ("==", "!=") and {left.kind.is_many, right.kind.is_many} == {True, False}:
            listed = left if right.kind.is_many else right
            if not listed.kind.is_one:
                return self.operator(_COMPARISONS[operator], left, right, type_name="truth", is_one=True)
            left, right = self.as_many(left), self.as_many(right)
        same_form = left.kind.form == right.kind.form != "either" and not left.kind.dimension
        if not (same_form and _comparable(operator, left.kind, right.kind)):
            return self.operator(_COMPARISONS[operator], left, right, type_name="truth", is_one=True)
        text = f"{left.at_least(COMPARISON + 1)} {operator} {right.at_least(COMPARISON + 1)}"
        return Code(text, one("truth"), COMPARISON)

    def logic(self, operator: str, left: Code, right: Code) -> Code:
        name, strength = _LOGIC[operator]
        if not (left.kind.is_one and right.kind.is_one):
            return self.operator(name, left, right, type_name="truth", is_one=False)
        first, second = self.truth(left), self.truth(right)
        word = "!=" if operator == "xor" else operator
        text = f"{first.at_least(strength + (operator == 'xor'))} {word} {second.at_least(strength + 1)}"
        return Code(text, one("truth"), strength)

    def truth(self, code: Code) -> Code:
        """A single value as one that is true or false."""
        if code.kind.is_a("truth"):
            return code
        return Code(f"{code.at_least(COMPARISON + 1)} != 0", one("truth"), COMPARISON)

    # --- Sums and texts

    def sum(self, expression: syntax.Binary) -> Code:
        """A sum of numbers, or of texts and what is joined with them, from the left."""
        operands = _operands(expression)
        codes = [self.of(operand) for operand in operands]
        first_text = next((place for place, code in enumerate(codes) if code.kind.is_a("string")), None)
        if first_text is not None and all(code.kind.is_one for code in codes):
            parts: list[str | Hole] = [self.hole(self.total(codes[:first_text]))] if first_text else []
            for operand, code in zip(operands[first_text:], codes[first_text:], strict=True):
                parts += self.parts(operand, code)
            joined = _joined(parts)
            if joined is not None:
                return joined
        return self.total(codes)

    def total(self, codes: Sequence[Code]) -> Code:
        """The sum of several values, from the left."""
        total = codes[0]
        for code in codes[1:]:
            total = self.arithmetic("+", total, code)
        return total

    def parts(self, expression: syntax.Expression, code: Code) -> list[str | Hole]:
        """What a part of a joined text consists of."""
        if isinstance(expression, syntax.String):
            return [expression.value]
        if isinstance(expression, syntax.Binary) and expression.operator == "$":
            hole = self.format_hole(expression)
            if hole is not None:
                return [hole]
        return [self.hole(code)]

    def hole(self, code: Code) -> Hole:
        """A value within a text: a text or an integer as it is, others as HDevelop writes them."""
        if code.kind.is_a("string", "integer") and not code.kind.is_a("truth"):
            return Hole(code)
        return Hole(Code(self.helper("as_text", [code.text]), one("string")))

    def format(self, expression: syntax.Binary) -> Code:
        """``X$'.2f'``."""
        hole = self.format_hole(expression)
        text = formatted([hole]) if hole is not None else None
        if text is not None:
            return Code(text, one("string"))
        value, pattern = self.of(expression.left), self.of(expression.right)
        return self.operator("tuple_string", value, pattern, type_name="string", is_one=value.kind.is_one)

    def format_hole(self, expression: syntax.Binary) -> Hole | None:
        """The value and Python's format for it, where both are known."""
        value = self.of(expression.left)
        spec = python_format(expression.right, value.kind)
        return None if spec is None else Hole(value, spec)

    # --- Functions

    def function(self, expression: Any) -> Code:
        """A function; one that an operator stands for is written as that: ``tuple_add (A, B, C)``."""
        n_given = len(expression.arguments)
        if n_given == 2 and expression.name in _SIGNS:
            return self.binary(syntax.Binary(_SIGNS[expression.name], *expression.arguments))
        if n_given == 1 and expression.name in ("neg", "not"):
            sign = "-" if expression.name == "neg" else "not"
            return self.unary(syntax.Unary(sign, expression.arguments[0]))
        function = FUNCTIONS.get(expression.name)
        if function is None or len(expression.arguments) != n_arguments(function):
            raise UnknownFunction(expression.name)
        arguments = [self.of(argument) for argument in expression.arguments]
        plain = self.plain(function, arguments)
        if plain is not None:
            return plain
        if function.name in ("min2", "max2") and _are_alike(arguments):
            kind = one(_type_of(function, arguments))
            return Code(call(function.name[:3], [code.text for code in arguments]), kind)
        if function.name == "concat":
            return self.tuple(syntax.Tuple(expression.arguments))
        if function.name == "select":
            return self.index(syntax.Index(*expression.arguments))
        if function.name == "select_range":
            return self.part(syntax.Range(*expression.arguments))
        if function.name == "substr" and self.is_slice(arguments):
            part = syntax.Characters(*expression.arguments)
            return self.characters(part)
        if function.name == "gen_const" and arguments[0].kind.is_one and arguments[1].kind.is_one:
            return Code(f"[{arguments[1].text}] * {arguments[0].at_least(SIGN)}", many(arguments[1].kind.type), PRODUCT)
        is_one = function.result == "whole"
        is_one |= function.result == "each" and all(code.kind.is_one for code in arguments)
        type_name = _type_of(function, arguments)
        return self.operator(function.operator, *arguments, type_name=type_name, is_one=is_one)

    def is_slice(self, arguments: Sequence[Code]) -> bool:
        """Whether these are one text and two integers."""
        return len(arguments) == 3 and all(
            code.kind.is_one and code.kind.is_a(wanted)
            for code, wanted in zip(arguments, ("string", "integer", "integer"), strict=True)
        )

    def plain(self, function: Function, arguments: Sequence[Code]) -> Code | None:
        """The function as plain Python has it, or None."""
        plain = PLAIN.get(function.name)
        if plain is None or len(arguments) != len(plain.pattern):
            return None
        if not all(_matches(code.kind, sign) for code, sign in zip(arguments, plain.pattern, strict=True)):
            return None
        if plain.template.startswith("math."):
            self.imported.add("math")
        texts = [code.text for code in arguments]
        if plain.template.startswith("{0}"):
            texts[0] = arguments[0].atom
        text = plain.template.format(*texts)
        kind = many(arguments[0].kind.type) if function.result == "list" else one(_type_of(function, arguments))
        return Code(text, kind, ATOM)


_WRITERS: Mapping[type, Callable[[Expressions, Any], Code]] = {
    syntax.Integer: Expressions.number,
    syntax.Real: Expressions.number,
    syntax.String: Expressions.string,
    syntax.Boolean: Expressions.boolean,
    syntax.Constant: Expressions.constant,
    syntax.Variable: Expressions.variable,
    syntax.Tuple: Expressions.tuple,
    syntax.Sequence: Expressions.sequence,
    syntax.Vector: Expressions.vector,
    syntax.Dict: Expressions.dict,
    syntax.Unary: Expressions.unary,
    syntax.Binary: Expressions.binary,
    syntax.FunctionCall: Expressions.function,
    syntax.Index: Expressions.index,
    syntax.Range: Expressions.part,
    syntax.Characters: Expressions.characters,
    syntax.Length: Expressions.length,
    syntax.Element: Expressions.element,
    syntax.MethodCall: Expressions.method,
    syntax.Access: Expressions.access,
}


def literal_integer(expression: syntax.Expression | None) -> int | None:
    """The value of a whole number that is written out, with or without a sign."""
    if isinstance(expression, syntax.Integer):
        return expression.value
    if isinstance(expression, syntax.Unary) and expression.operator == "-":
        inner = literal_integer(expression.operand)
        return None if inner is None else -inner
    return None


def step_of(expression: syntax.Expression | None) -> int | None:
    """The step of a sequence or loop, where it is written out and not 0; 1 where none is given."""
    return 1 if expression is None else literal_integer(expression) or None


def python_format(pattern: syntax.Expression, kind: Kind) -> str | None:
    """Python's format for HDevelop's, of a single value of a known type; None where there is none."""
    if not isinstance(pattern, syntax.String) or not kind.is_one or kind.is_a("truth"):
        return None
    parts = _FORMAT.fullmatch(pattern.value)
    if parts is None:
        return None
    flags, width, precision, conversion = (part or "" for part in parts.groups())
    if kind.is_a("string"):
        if conversion not in ("s", "") or set(flags) - {"-"}:
            return None
        align = ("<" if flags else ">") if width else ""
        return f"{align}{width}{precision}" or None
    conversion = conversion or ("d" if kind.is_a("integer") else "g" if kind.is_a("real") else "")
    takes = "integer" if conversion in "dxX" else "number"
    if not conversion or conversion == "s" or not kind.is_a(takes) or (precision and takes == "integer"):
        return None
    if conversion in "xX" and not kind.is_a("natural"):
        return None
    sign = "+" if "+" in flags else " " if " " in flags else ""
    fill = "<" if "-" in flags and width else ""
    zero = "0" if "0" in flags and not fill and width else ""
    sign = "" if conversion in "xX" else sign
    return f"{fill}{sign}{zero}{width}{precision}{conversion}"


def _arithmetic_type(operator: str, left: Kind, right: Kind) -> str:
    """The type of a sum, difference, product, quotient or remainder."""
    if operator == "+" and (left.is_a("string") or right.is_a("string")):
        return "string"
    if operator == "+" and "any" in (left.type, right.type):
        return "any"  # perhaps a text
    if operator == "%":
        return "natural" if left.is_a("natural") and right.is_a("natural") else "integer"
    if left.is_a("real") or right.is_a("real"):
        return "real"
    if left.is_a("natural") and right.is_a("natural"):
        n_positive = left.is_a("positive") + right.is_a("positive")
        stays_positive = n_positive == 2 if operator == "*" else n_positive > 0
        rising = "positive" if operator in "+*" and stays_positive else "natural"
        return "integer" if operator == "-" else rising
    return "integer" if left.is_a("integer") and right.is_a("integer") else "number"


def _operands(expression: syntax.Expression) -> list[syntax.Expression]:
    """The parts of a sum, from the left."""
    found = []
    while isinstance(expression, syntax.Binary) and expression.operator == "+":
        found.append(expression.right)
        expression = expression.left
    return [expression, *reversed(found)]


def _joined(parts: Sequence[str | Hole]) -> Code | None:
    """Parts of a text as one expression; None where that cannot be written."""
    if all(isinstance(part, str) for part in parts):
        return Code(quoted("".join(str(part) for part in parts)), one("string"))
    holes = [part for part in parts if isinstance(part, Hole) and not part.format and part.code.kind.is_a("string")]
    if len(holes) == len(parts):
        return Code(" + ".join(hole.code.at_least(SUM + 1) for hole in holes), one("string"), SUM)
    text = formatted(parts)
    return None if text is None else Code(text, one("string"))


def _comparable(operator: str, left: Kind, right: Kind) -> bool:
    """Whether Python compares two values, or two lists, as HDevelop does."""
    if operator not in ("==", "!=") and left.form != "one":
        return False
    if left.type == "nothing" or right.type == "nothing":
        return True
    handles = ("dict", "handle", "object", "any")
    if left.type in handles and right.type in handles:
        return left.type == right.type == "any" and left.form == "one"
    return True


def _are_alike(arguments: Sequence[Code]) -> bool:
    """Whether these are single values of one type, so that Python's min and max give what HDevelop's do."""
    kinds = [code.kind for code in arguments]
    return all(kind.is_one for kind in kinds) and any(all(kind.is_a(name) for kind in kinds) for name in _ALIKE)


_ALIKE = ("integer", "real", "string")


def _matches(kind: Kind, sign: str) -> bool:
    """Whether a value fits one sign of a pattern of `dlproc.hdevelop.functions`."""
    if sign in "nis":
        return kind.is_one and kind.is_a({"n": "number", "i": "integer", "s": "string"}[sign])
    if sign == "L":
        return kind.is_many
    alike = _ALIKE[:2] if sign == "N" else _ALIKE
    return kind.is_many and kind.is_a(*alike)


#: What becomes of truths that are counted.
_COUNTED = {(name, "truth"): "natural" for name in ("sum", "cumul", "abs")}


def _type_of(function: Function, arguments: Sequence[Code]) -> str:
    types = [code.kind.type for code in arguments] or ["any"]
    if function.type == "same":
        return _COUNTED.get((function.name, types[0]), types[0])
    if function.type == "second":
        return types[-1]
    if function.type != "both":
        return function.type
    joined = types[0]
    for other in types[1:]:
        joined = join_types(joined, other)
    return joined
