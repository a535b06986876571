"""HDevelop's language, read into a tree (`dlproc.hdevelop.syntax`).

`parse_procedure` reads the lines of one procedure's body, `parse_expression` a single expression. Both give a tree
or `DLSyntaxError`, which names line, column, what was expected and what stood there; nothing else, whatever the text.
`parse_readable` leaves a line that cannot be understood as it is.

The reader is a little more tolerant than HDevelop where no second meaning is possible: parentheses around conditions
and the ``by`` of a loop may be missing, a blank before ``(`` is free, and a name that stands alone is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from dlproc.errors import DLSyntaxError
from dlproc.hdevelop import syntax
from dlproc.hdevelop.lexer import Line, Source, Token, integer, read_lines, read_tokens, real, string

_BRACKET = 4  # how much deeper a bracket or a block leads than one more operator: it takes that many calls to read
_SHALLOWER = "brackets, operators and blocks less deeply nested"
_MOST_UNREADABLE = 50  # lines of a procedure: each has all lines read anew
_TARGETS = (syntax.Variable, syntax.Index, syntax.Range, syntax.Characters, syntax.Element, syntax.Access)
_SIMPLE: dict[str, type[syntax.Break | syntax.Continue | syntax.Return | syntax.Stop | syntax.Exit]] = {
    "break": syntax.Break,
    "continue": syntax.Continue,
    "return": syntax.Return,
    "stop": syntax.Stop,
    "exit": syntax.Exit,
}


def parse_expression(text: str) -> syntax.Expression:
    """An expression, ``2 * sum(T) + |T|``.

    Raises
    ------
    DLSyntaxError
        `text` is no expression.

    Examples
    --------
    >>> parse_expression("1 + X")
    Binary(operator='+', left=Integer(value=1, base=10), right=Variable(name='X'))
    """
    source = Source([text])
    tokens, _, end = read_tokens(source)
    reader = _Expressions(source, tokens)
    expression = reader.expression()
    reader.end("an operator or the end")
    if rest := source.text[end:].strip():
        source.error(len(source.text.rstrip()) - len(rest), "the end", "a second line", "a backslash continues a line")
    return expression


def parse_procedure(lines: Sequence[str], where: str = "") -> syntax.Body:
    """The statements of a procedure's body.

    Parameters
    ----------
    lines : sequence of str
        The body, line by line, without line ends. A continued statement may be one line with line feeds in it, or
        several.
    where : str
        Begins each error message, e.g. ``'inspect.hdev, procedure main'``.

    Returns
    -------
    tuple of Statement
        Each with its line, counted from 1; line feeds within a line count too.

    Raises
    ------
    DLSyntaxError
        A line cannot be understood, a block has no end, or blocks and brackets are nested too deeply.

    Examples
    --------
    >>> parse_procedure(["* twice", "Y := 2 * X"])[1].line
    2
    """
    if not lines:
        return ()
    source = Source(lines, where)
    return _Statements(source, read_lines(source)).procedure()


def parse_readable(lines: Sequence[str], where: str = "") -> syntax.Body:
    """What `parse_procedure` does, except that what cannot be understood is no error.

    It is a statement `dlproc.hdevelop.syntax.Unreadable` instead, and so is each end of a block that has no begin, and
    each begin without an end: genuine programs have such lines, and HDevelop loads them.

    Raises
    ------
    DLSyntaxError
        More than 50 lines of the procedure cannot be understood: this is something else than a program.

    Examples
    --------
    >>> parse_readable(["Y := 2 * X", "endfor"])[1].text
    'endfor'
    """
    if not lines:
        return ()
    source = Source(lines, where)
    reasons: dict[int, str] = {}
    while True:
        try:
            return _Statements(source, read_lines(source, reasons)).procedure()
        except DLSyntaxError as error:
            begin = source.begin(source.blamed)
            if begin in reasons or len(reasons) == _MOST_UNREADABLE:
                raise
            reasons[begin] = f"expected {error.expected}; got {error.got}"


class _Expressions:
    """Reads the tokens of one statement, by precedence climbing."""

    def __init__(self, source: Source, tokens: tuple[Token, ...], depth: int = 0) -> None:
        self.source = source
        self.tokens = tokens
        self.depth = depth
        self.next = 0

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.token
        self.next += token.kind != "end"
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        return self.token.kind in ("word", "symbol") and self.token.text in texts

    def skip(self, text: str) -> bool:
        found = self.at(text)
        self.next += found
        return found

    def expect(self, text: str, expected: str = "") -> None:
        if not self.skip(text):
            self.fail(expected or f"'{text}'")

    def end(self, expected: str = "the end of the statement") -> None:
        if self.token.kind != "end":
            self.fail(expected)

    def word(self, expected: str) -> str:
        if self.token.kind != "word":
            self.fail(expected)
        return self.take().text

    def fail(self, expected: str, hint: str = "") -> NoReturn:
        token = self.token
        got = "the end of the statement" if token.kind == "end" else _shown(token.text)
        self.source.error(token.position, expected, got, hint)

    def descend(self, levels: int) -> None:
        """Go deeper; the caller restores `depth`."""
        self.depth += levels
        if self.depth > syntax.DEEPEST:
            self.source.error(self.token.position, _SHALLOWER, "too deep a nesting")

    @contextmanager
    def bracket(self) -> Iterator[None]:
        before = self.depth
        self.descend(_BRACKET)
        yield
        self.depth = before

    # Expressions

    def expression(self, least: int = 0) -> syntax.Expression:
        """An expression of operators that are at least that strong."""
        before = self.depth
        left = self.operand()
        while (operator := self.binary_operator()) and syntax.STRENGTH[operator] >= least:
            self.take()
            self.descend(1)
            left = syntax.Binary(operator, left, self.expression(syntax.STRENGTH[operator] + 1))
        self.depth = before
        return left

    def binary_operator(self) -> str | None:
        if self.token.kind not in ("word", "symbol"):
            return None
        operator = syntax.SAME_OPERATORS.get(self.token.text, self.token.text)
        return operator if operator in syntax.STRENGTH else None

    def operand(self) -> syntax.Expression:
        if self.at(*syntax.UNARY_OPERATORS):
            operator = self.take().text
            with self.bracket():
                return syntax.Unary(operator, self.expression(syntax.UNARY_STRENGTH))
        return self.postfix()

    def postfix(self) -> syntax.Expression:
        """A name, number, text or bracket, with the indices and keys behind it."""
        before = self.depth
        base = self.primary()
        while self.at("[", "{", "."):
            self.descend(1)
            opening = self.take().text
            with self.bracket():
                base = {"[": self.index, "{": self.characters, ".": self.member}[opening](base)
        self.depth = before
        return base

    def index(self, base: syntax.Expression) -> syntax.Expression:
        if self.at("]"):
            self.fail("an index")
        first = self.expression()
        if self.at(":"):
            interval = self.interval(first)
            self.expect("]", "an operator or ']'")
            if interval.step is None:
                return syntax.Range(base, interval.first, interval.last)
            return syntax.Index(base, interval)
        elements = self.rest(first)
        return syntax.Index(base, first if len(elements) == 1 else syntax.Tuple(elements))

    def characters(self, base: syntax.Expression) -> syntax.Expression:
        first = self.expression()
        last = self.expression() if self.skip(":") else None
        self.expect("}")
        return syntax.Characters(base, first, last)

    def member(self, base: syntax.Expression) -> syntax.Expression:
        if self.skip("["):
            key = self.expression()
            self.expect("]")
            return syntax.Access(base, key)
        name = self.word("a key or an operation behind the point")
        if not self.skip("("):
            return syntax.Access(base, syntax.String(name))
        opening = self.tokens[self.next - 1]
        arguments = self.arguments(")")
        if name != "at":
            return syntax.MethodCall(base, name, arguments)
        if len(arguments) != 1:
            self.source.error(opening.position, "one index for .at()", str(len(arguments)))
        return syntax.Element(base, arguments[0])

    def primary(self) -> syntax.Expression:
        token = self.token
        if token.kind == "integer":
            return integer(self.source, self.take())
        if token.kind == "real":
            return real(self.source, self.take())
        if token.kind == "string":
            return self.text()
        if token.kind == "word":
            return self.named()
        brackets = {"(": self.parentheses, "[": self.tuple_literal, "{": self.vector_literal, "|": self.length}
        if token.kind == "end" or token.text not in brackets:
            self.fail("a value")
        self.take()
        with self.bracket():
            return brackets[token.text]()

    def text(self) -> syntax.String:
        """A text; several in a row are one, as genuine programs write long ones over several lines."""
        parts = [string(self.take()).value]
        while self.token.kind == "string":
            parts.append(string(self.take()).value)
        return syntax.String("".join(parts))

    def named(self) -> syntax.Expression:
        if self.at(*syntax.OPERATOR_WORDS):
            self.fail("a value")
        name = self.take().text
        if name in ("true", "false"):
            return syntax.Boolean(name == "true")
        if name == "dict" and self.skip("{"):
            with self.bracket():
                return self.dict_literal()
        if self.skip("("):
            with self.bracket():
                return syntax.FunctionCall(name, self.arguments(")"))
        return syntax.Constant(name) if syntax.CONSTANT.fullmatch(name) else syntax.Variable(name)

    def parentheses(self) -> syntax.Expression:
        inner = self.expression()
        self.expect(")", "an operator or ')'")
        return inner

    def tuple_literal(self) -> syntax.Expression:
        if self.skip("]"):
            return syntax.Tuple(())
        first = self.expression()
        if self.at(":"):
            first = self.interval(first)
            if self.skip("]"):
                return first  # not a tuple of it: [1:3] is [1,2,3]
        return syntax.Tuple(self.rest(first))

    def rest(self, first: syntax.Expression) -> tuple[syntax.Expression, ...]:
        """The elements behind the first, up to and with ``]``; each may be ``first:last`` or ``first:step:last``."""
        found = [first]
        while self.skip(","):
            element = self.expression()
            found.append(self.interval(element) if self.at(":") else element)
        self.expect("]", "an operator, ',' or ']'")
        return tuple(found)

    def interval(self, first: syntax.Expression) -> syntax.Sequence:
        """A sequence, from behind its first number."""
        self.expect(":")
        last = self.expression()
        if not self.skip(":"):
            return syntax.Sequence(first, last)
        return syntax.Sequence(first, self.expression(), last)

    def vector_literal(self) -> syntax.Expression:
        return syntax.Vector(self.arguments("}"))

    def length(self) -> syntax.Expression:
        inner = self.expression()
        self.expect("|", "an operator or '|'")
        return syntax.Length(inner)

    def dict_literal(self) -> syntax.Expression:
        entries: list[tuple[syntax.Expression, syntax.Expression]] = []
        while not self.skip("}"):
            if entries:
                self.expect(",", "',' or '}'")
            entries.append(self.entry())
        return syntax.Dict(tuple(entries))

    def entry(self) -> tuple[syntax.Expression, syntax.Expression]:
        if self.skip("["):
            key = self.expression()
            self.expect("]")
        else:
            key = syntax.String(self.word("a key"))
        self.expect(":")
        return key, self.expression()

    def arguments(self, closing: str) -> tuple[syntax.Expression, ...]:
        """Expressions up to and with the closing bracket."""
        found: list[syntax.Expression] = []
        while not self.skip(closing):
            if found:
                self.expect(",", f"an operator, ',' or '{closing}'")
            found.append(self.expression())
        return tuple(found)

    def target(self, expected: str) -> syntax.Target:
        """What can be assigned to."""
        start = self.token.position
        return self.as_target(self.postfix(), start, expected)

    def as_target(self, expression: syntax.Expression, start: int, expected: str) -> syntax.Target:
        root = expression
        while isinstance(root, _TARGETS) and not isinstance(root, syntax.Variable):
            root = _inside(root)
        if not isinstance(root, syntax.Variable) or not isinstance(expression, _TARGETS):
            self.source.error(start, expected, "another expression")
        return expression


def _inside(
    target: syntax.Index | syntax.Range | syntax.Characters | syntax.Element | syntax.Access,
) -> syntax.Expression:
    if isinstance(target, syntax.Element):
        return target.vector
    return target.dictionary if isinstance(target, syntax.Access) else target.base


class _Statements:
    """Reads lines into statements; a block calls itself for what is in it."""

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.source = source
        self.lines = lines
        self.next = 0
        self.depth = 0
        self.open: list[str] = []  # the words that the blocks around began with

    def procedure(self) -> syntax.Body:
        body = self.body()
        if self.next < len(self.lines):
            word = self.lines[self.next].tokens[0]
            self.source.error(
                word.position, "a statement", _shown(word.text), "no block is open here that it belongs to"
            )
        return body

    # Lines

    def word(self) -> str:
        """The word that says what statement comes next; empty where none does."""
        tokens = self.lines[self.next].tokens
        if not tokens or tokens[0].text not in syntax.STATEMENT_WORDS or tokens[1].text == ":=":
            return ""
        return tokens[0].text

    def reader(self, skip: int = 1) -> _Expressions:
        """A reader of the next line behind its first words; the line counts as read."""
        line = self.lines[self.next]
        self.next += 1
        return _Expressions(self.source, line.tokens[skip:], self.depth)

    def body(self) -> syntax.Body:
        """Statements up to a word that ends or divides a block."""
        before = self.depth
        self.depth += _BRACKET
        if self.depth > syntax.DEEPEST:
            self.source.error(self.lines[self.next - 1].position, _SHALLOWER, "too deep a nesting")
        found = []
        while self.next < len(self.lines) and self.word() not in _DIVIDERS:
            found.append(self.statement())
        self.depth = before
        return tuple(found)

    def divider(self, opening: Line, *words: str) -> tuple[str, Line]:
        """The word and line that end or divide the block that `opening` began."""
        expected = " or ".join(f"'{word}'" for word in words)
        if self.next == len(self.lines):
            begun = f"for the '{opening.tokens[0].text}' of line {self.source.line(opening.position)}"
            end = len(self.source.text)
            self.source.error(end, f"{expected} {begun}", "the end of the procedure", blamed=opening.position)
        line, word = self.lines[self.next], self.word()
        if word not in words:
            begun = f"for the '{opening.tokens[0].text}' of line {self.source.line(opening.position)}"
            is_of_outer = any(word in _ENDS[outer] for outer in self.open[:-1])
            blamed = opening.position if is_of_outer else None
            self.source.error(line.position, f"{expected} {begun}", _shown(word), blamed=blamed)
        return word, line

    def bare(self) -> None:
        """Read a word that stands alone, with or without ``()``."""
        reader = self.reader()
        if reader.skip("("):
            reader.expect(")")
        reader.end()

    def condition(self) -> syntax.Expression:
        reader = self.reader()
        found = reader.expression()
        reader.end("an operator or the end of the statement")
        return found

    # Statements

    def statement(self) -> syntax.Statement:
        line = self.lines[self.next]
        number = self.source.line(line.position)
        if line.kind != "code":
            self.next += 1
            return _plain(line, number)
        word = self.word()
        if word in _SIMPLE:
            self.bare()
            return _SIMPLE[word](line=number, note=line.note)
        if word == "import":
            self.reader().fail("a folder or file to import")
        if word not in _ENDS:
            return _READERS.get(word, _Statements.plain_statement)(self, line, number)
        self.open.append(word)
        block = _READERS[word](self, line, number)
        self.open.pop()
        return block

    def plain_statement(self, line: Line, number: int) -> syntax.Statement:
        """An assignment or a call."""
        reader = self.reader(0)
        start = reader.token.position
        first = reader.postfix()
        if reader.skip(":="):
            target = reader.as_target(first, start, "a variable, or part of one, left of ':='")
            value = reader.expression()
            reader.end("an operator or the end of the statement")
            return syntax.Assign(target, value, line=number, note=line.note)
        if isinstance(first, syntax.FunctionCall | syntax.MethodCall):
            reader.end("':=' or the end of the statement")
            if isinstance(first, syntax.MethodCall):
                return syntax.Execute(first, line=number, note=line.note)
            return syntax.Call(first.name, first.arguments, line=number, note=line.note)
        if isinstance(first, syntax.Variable) and reader.token.kind == "end":
            return syntax.Call(first.name, (), line=number, note=line.note)  # a genuine file has such a line
        return reader.fail("':=' or '('" if isinstance(first, syntax.Variable) else "':='")

    def if_block(self, line: Line, number: int) -> syntax.Statement:
        branches = [syntax.Branch(self.condition(), self.body(), line=number, note=line.note)]
        while (divider := self.divider(line, "elseif", "else", "endif"))[0] == "elseif":
            at = divider[1]
            branches.append(
                syntax.Branch(self.condition(), self.body(), line=self.source.line(at.position), note=at.note)
            )
        otherwise = None
        if divider[0] == "else":
            self.bare()
            at = divider[1]
            otherwise = syntax.Otherwise(self.body(), line=self.source.line(at.position), note=at.note)
        return syntax.If(tuple(branches), otherwise, line=number, end_note=self.close(line, "endif"))

    def close(self, line: Line, word: str) -> str:
        """Read the end of a block; its note."""
        _, end = self.divider(line, word)
        self.bare()
        return end.note

    def for_block(self, line: Line, number: int) -> syntax.Statement:
        reader = self.reader()
        parenthesised = reader.skip("(")
        target = reader.target("a loop variable")
        reader.expect(":=")
        first = reader.expression()
        reader.expect("to", "an operator or 'to'")
        last = reader.expression()
        step = reader.expression() if reader.skip("by") else syntax.Integer(1)
        if parenthesised:
            reader.expect(")", "an operator, 'by' or ')'")
        reader.end("an operator or the end of the statement")
        body = self.body()
        note = self.close(line, "endfor")
        return syntax.For(target, first, last, step, body, line=number, note=line.note, end_note=note)

    def while_block(self, line: Line, number: int) -> syntax.Statement:
        condition, body = self.condition(), self.body()
        return syntax.While(condition, body, line=number, note=line.note, end_note=self.close(line, "endwhile"))

    def repeat_block(self, line: Line, number: int) -> syntax.Statement:
        self.bare()
        body = self.body()
        _, end = self.divider(line, "until")
        return syntax.Repeat(body, self.condition(), line=number, note=line.note, end_note=end.note)

    def switch_block(self, line: Line, number: int) -> syntax.Statement:
        value, before = self.condition(), self.body()
        cases = []
        while (divider := self.divider(line, "case", "default", "endswitch"))[0] != "endswitch":
            word, at = divider
            reader = self.reader()
            label = reader.expression() if word == "case" else None
            reader.skip(":")
            reader.end("':'" if word == "default" else "an operator or ':'")
            cases.append(syntax.Case(label, self.body(), line=self.source.line(at.position), note=at.note))
        note = self.close(line, "endswitch")
        return syntax.Switch(value, before, tuple(cases), line=number, note=line.note, end_note=note)

    def try_block(self, line: Line, number: int) -> syntax.Statement:
        self.bare()
        body = self.body()
        _, at = self.divider(line, "catch")
        reader = self.reader()
        target = None
        if reader.skip("(") and not reader.skip(")"):
            target = reader.target("a variable for the exception")
            reader.expect(")")
        reader.end()
        caught = syntax.Catch(target, self.body(), line=self.source.line(at.position), note=at.note)
        note = self.close(line, "endtry")
        return syntax.Try(body, caught, line=number, note=line.note, end_note=note)

    def throw(self, line: Line, number: int) -> syntax.Statement:
        return syntax.Throw(self.condition(), line=number, note=line.note)

    def par_join(self, line: Line, number: int) -> syntax.Statement:
        return syntax.ParJoin(self.condition(), line=number, note=line.note)

    def par_start(self, line: Line, number: int) -> syntax.Statement:
        reader = self.reader()
        reader.expect("<")
        thread = reader.target("a variable for the thread")
        reader.expect(">")
        reader.expect(":")
        start = reader.token.position
        call = reader.postfix()
        reader.end()
        if not isinstance(call, syntax.FunctionCall):
            self.source.error(start, "a call", "another expression")
        started = syntax.Call(call.name, call.arguments, line=number)
        return syntax.ParStart(thread, started, line=number, note=line.note)

    def global_variable(self, line: Line, number: int) -> syntax.Statement:
        reader = self.reader()
        defines = reader.skip("def")
        if not reader.at("tuple", "object"):
            reader.fail("'tuple' or 'object'" if defines else "'def', 'tuple' or 'object'")
        kind, dimension = reader.take().text, 0
        if reader.at("vector") and reader.tokens[reader.next + 1].text == "(":
            reader.take()
            reader.take()
            if reader.token.kind != "integer":
                reader.fail("the dimension of the vector, a number")
            dimension = integer(self.source, reader.take()).value
            reader.expect(")")
        name = reader.word("the name of a variable")
        reader.end()
        return syntax.Global(kind, name, dimension, defines, line=number, note=line.note)


_ENDS = {
    "if": ("elseif", "else", "endif"),
    "ifelse": ("elseif", "else", "endif"),
    "for": ("endfor",),
    "while": ("endwhile",),
    "repeat": ("until",),
    "switch": ("case", "default", "endswitch"),
    "try": ("catch", "endtry"),
}
_DIVIDERS = frozenset(word for words in _ENDS.values() for word in words)
_READERS = {
    "if": _Statements.if_block,
    "ifelse": _Statements.if_block,
    "for": _Statements.for_block,
    "while": _Statements.while_block,
    "repeat": _Statements.repeat_block,
    "switch": _Statements.switch_block,
    "try": _Statements.try_block,
    "throw": _Statements.throw,
    "global": _Statements.global_variable,
    "par_start": _Statements.par_start,
    "par_join": _Statements.par_join,
}


def _plain(line: Line, number: int) -> syntax.Statement:
    """A line that is no code."""
    if line.kind == "comment":
        return syntax.Comment(line.text, line=number)
    if line.kind == "unreadable":
        return syntax.Unreadable(line.text, line.note, line=number)
    if line.kind == "exported":
        return syntax.ExportedCode(line.text, line=number)
    return syntax.Import(line.text, line=number) if line.kind == "import" else syntax.Blank(line=number)


def _shown(text: str) -> str:
    """A token in a message, no longer than a line."""
    shown = text if len(text) <= 40 else text[:37] + "..."
    return shown if shown.startswith("'") else f"'{shown}'"
