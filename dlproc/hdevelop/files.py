"""HDevelop's files: programs (.hdev), procedures (.hdvp) and libraries of procedures (.hdpl).

The form was found by looking at such files, of HALCON 12 to 25; it is XML::

    <hdevelop file_version="1.2" halcon_version="24.11.1.0">
    <library/>                                                   in a library only
    <procedure name="main">                                      "main" in a program only
    <interface>                                                  or <interface/>
    <io><par name="Image" base_type="iconic" dimension="0"/></io>    iconic in; <oo> out, <ic> and <oc> control
    </interface>
    <body>
    <c>* a comment, or a blank line</c>
    <l>    code, its indentation included</l>
    <l>* code that is switched off, with * before it</l>
    </body>
    <docu id="main">...</docu>
    </procedure>
    </hdevelop>

A statement over several lines, each but the last ending with a backslash, is one ``<l>`` with line breaks in it. What
HDevelop could not understand when the file was saved is a ``<c>`` as well, with or without ``*``: it does not run.

Such a file comes from anywhere, so it is read with care: no document type, hence no entities and nothing fetched, and
bounds on bytes, depth and elements. Arbitrary bytes give an `HDevelopFile` or a `DLFileError`, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers import expat

from dlproc.errors import DLFileError

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 32
MAX_ELEMENTS = 500_000  # about one a line
MAX_LINE = 50_000  # characters; a tuple of ten thousand numbers
MAX_CODE = 4 * 2**20  # characters of all lines; the time to translate grows with them

Kind = Literal["program", "procedure", "library"]

_GROUPS = {"io": "iconic", "oo": "iconic", "ic": "ctrl", "oc": "ctrl"}
_ENCODINGS = re.compile("utf-8|utf-16|us-ascii|iso-8859-1|windows-125[0-8]", re.IGNORECASE)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PROTECTED = "protected by a password? Take it off in HDevelop, and save again"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a program, or one statement over several lines.

    Attributes
    ----------
    number : int
        The line's number in its procedure, from 1; of a statement over several lines, its first line's.
    kind : {'code', 'comment'}
        A blank line is a comment, and so is what HDevelop could not understand: it does not run, and its text need
        not begin with ``*``.
    text : str
        As it stands in the file, with its indentation and ``*``; a statement over several lines keeps each backslash
        and line break, a comment has none.
    is_disabled : bool
        Code that HDevelop switched off: its text begins with ``*``. It is no part of the program.
    """

    number: int
    kind: Literal["code", "comment"]
    text: str
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a procedure.

    Attributes
    ----------
    name : str
        An identifier, which HDevelop and Python have in common.
    dimension : int
        0: a tuple or an iconic object; 1: a vector of those; 2: a vector of vectors; and so on.
    """

    name: str
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class Interface:
    """The parameters of a procedure, in the order of a call."""

    iconic_inputs: tuple[Parameter, ...] = ()
    iconic_outputs: tuple[Parameter, ...] = ()
    control_inputs: tuple[Parameter, ...] = ()
    control_outputs: tuple[Parameter, ...] = ()

    @property
    def groups(self) -> tuple[tuple[Parameter, ...], ...]:
        """The four groups, in the order of a call in HDevelop."""
        return self.iconic_inputs, self.iconic_outputs, self.control_inputs, self.control_outputs

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(parameter for group in self.groups for parameter in group)

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        """All that go in, in Python's order."""
        return self.iconic_inputs + self.control_inputs

    @property
    def outputs(self) -> tuple[Parameter, ...]:
        """All that come out, in Python's order."""
        return self.iconic_outputs + self.control_outputs


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure: its name, parameters and lines; `is_main` where the program starts."""

    name: str
    interface: Interface
    lines: tuple[Line, ...]
    is_main: bool = False
    is_local: bool = False  # access="local": other files do not see it


@dataclass(frozen=True, slots=True)
class HDevelopFile:
    """What a file of HDevelop holds.

    Attributes
    ----------
    path : str
        The file.
    kind : {'program', 'procedure', 'library'}
        A program has a procedure ``main``; a procedure's file has just that one.
    version : str
        Of the HALCON that wrote it, such as ``'24.11.1.0'``; empty when the file does not say.
    file_version : str
        Of the form, such as ``'1.2'``.
    procedures : tuple of Procedure
        In the file's order.
    skipped : tuple of str
        Elements beside the code that are not known, such as ``"<note> at line 3, column 1"``.
    """

    path: str
    kind: Kind
    version: str
    file_version: str
    procedures: tuple[Procedure, ...]
    skipped: tuple[str, ...] = ()


def read_hdevelop(file_name: str | Path) -> HDevelopFile:
    """Read a program, a procedure or a library of procedures.

    Parameters
    ----------
    file_name : str or Path
        An ``.hdev``, ``.hdvp`` or ``.hdpl`` file, as HDevelop 10 and newer write it. What it is, its content says,
        not its name.

    Returns
    -------
    HDevelopFile
        The procedures with their lines as they stand in the file.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200); not such a file, of another version of the form, damaged, protected by a
        password, or larger than any program: 16 MiB, 500 000 elements, a line of 50 000 characters, 4 MiB of code
        (7780). Line and column are the file's.

    Notes
    -----
    A statement's number counts the lines before it as a text editor does, every line of a long statement for itself. It
    is not verified that HDevelop's program window counts these in the same way.
    """
    path = Path(file_name)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise DLFileError(str(path), "a file of HDevelop", "no such file", halcon_code=5200) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        got = f"'{getattr(error, 'strerror', None) or error}'"
        raise DLFileError(str(path), "a readable file of HDevelop", got, halcon_code=7780) from None
    return parse_hdevelop(content, path)


def parse_hdevelop(content: bytes, path: str | Path) -> HDevelopFile:
    """What `read_hdevelop` does, with the bytes of a file; `path` is for messages."""
    return _Interpreter(str(path)).file(_Tree(str(path)).read(content))


@dataclass(slots=True)
class _Element:
    """An element of the XML, with its place in the file."""

    tag: str
    attributes: dict[str, str]
    place: str
    children: list[_Element] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.chunks)


class _Tree:
    """The elements of an XML file, within bounds; the procedures' documentation (<docu>) is left out."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: _Element | None = None
        self.open: list[_Element] = []
        self.n_elements = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.XmlDeclHandler = self.declaration
        self.parser.StartDoctypeDeclHandler = self.doctype

    def read(self, content: bytes) -> _Element:
        self.check(content)
        try:
            self.parser.Parse(content, True)
        except expat.ExpatError as error:
            expected = f"well-formed XML at line {error.lineno}, column {error.offset + 1}"
            raise self.error(expected, str(expat.ErrorString(error.code)), "the file is damaged") from None
        finally:
            del self.parser  # it holds this object by its handlers: both would outlive the call
        assert self.root is not None  # well-formed XML has one
        return self.root

    def check(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise self.error(f"at most {MAX_BYTES} bytes", "more", "no program is as large")
        if not content.lstrip().startswith((b"<", *_BYTE_ORDER_MARKS)):
            hint = (
                "programs of HALCON 9 and older (.dev, .dvp) and procedures protected by a password are not: "
                "in HDevelop, take the password off, and save as .hdev or .hdvp"
            )
            got = "an empty file" if not content.strip() else "other bytes"
            raise self.error("a file of HDevelop, which is XML", got, hint)

    def error(self, expected: str, got: str, hint: str = "") -> DLFileError:
        return DLFileError(self.path, expected, got, hint, halcon_code=7780)

    def place(self) -> str:
        return f"line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        if self.n_elements > MAX_ELEMENTS:
            raise self.error(f"at most {MAX_ELEMENTS} elements", f"more at {self.place()}", "no program is as large")
        if len(self.open) == MAX_DEPTH:
            raise self.error(f"elements at most {MAX_DEPTH} deep", f"a deeper <{_short(tag)}> at {self.place()}")
        element = _Element(tag, attributes, self.place())
        if not self.open:
            self.root = element
        elif not any(outer.tag == "docu" for outer in self.open):
            self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, tag: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].chunks.append(text)

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if not _ENCODINGS.fullmatch(encoding or "UTF-8"):
            raise self.error("the encoding UTF-8", f"'{_short(encoding or '')}'", "in HDevelop, save the file again")

    def doctype(self, name: str, system_id: str | None, public_id: str | None, has_internal_subset: bool) -> None:
        expected = f"no document type at {self.place()}"
        raise self.error(expected, f"<!DOCTYPE {_short(name)}>", "files of HDevelop have none, and it can do harm")


class _Interpreter:
    """From elements to procedures."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.skipped: list[str] = []
        self.n_code = 0

    def error(self, expected: str, at: _Element, got: str, hint: str = "") -> DLFileError:
        return DLFileError(self.path, f"{expected} at {at.place}", got, hint, halcon_code=7780)

    def file(self, root: _Element) -> HDevelopFile:
        if root.tag != "hdevelop":
            raise self.error("<hdevelop>", root, f"<{_short(root.tag)}>", "this is another kind of XML")
        file_version = root.attributes.get("file_version", "")
        if not re.fullmatch(r"1\.[0-9]{1,3}", file_version):
            got = f"'{_short(file_version)}'" if file_version else "none"
            raise self.error("file_version 1.x", root, got, "HALCON 12 to 26 write 1.1 and 1.2")
        elements = [child for child in self.known(root, ("library", "procedure")) if child.tag == "procedure"]
        kind = self.kind(root, elements)
        procedures = tuple(self.procedure(element, kind) for element in elements)
        self.no_name_twice(elements, "a procedure")
        version = root.attributes.get("halcon_version", "")
        return HDevelopFile(self.path, kind, version, file_version, procedures, tuple(self.skipped))

    def kind(self, root: _Element, procedures: list[_Element]) -> Kind:
        if any(child.tag == "library" for child in root.children):
            return "library"
        if any(procedure.attributes.get("name") == "main" for procedure in procedures):
            return "program"
        if len(procedures) == 1:
            return "procedure"
        got = f"{len(procedures)} procedures, none of them main" if procedures else "none"
        raise self.error("a program with main, one procedure, or a library in <hdevelop>", root, got)

    def procedure(self, element: _Element, kind: Kind) -> Procedure:
        name = self.identifier(element, "a procedure's name")
        where = f"of the procedure '{name}'"
        parts: dict[str, _Element] = {}
        for part in self.known(element, ("interface", "body", "docu")):
            if part.tag in parts:
                raise self.error(f"one <{part.tag}> {where}", part, "another")
            parts[part.tag] = part
        if "body" not in parts:
            raise self.error(f"the lines (<body>) {where}", element, "none", _PROTECTED)
        interface = self.interface(parts["interface"], where) if "interface" in parts else Interface()
        lines = tuple(self.lines(parts["body"], where))
        is_main = kind == "program" and name == "main"
        return Procedure(name, interface, lines, is_main, element.attributes.get("access") == "local")

    def interface(self, element: _Element, where: str) -> Interface:
        groups: dict[str, tuple[Parameter, ...]] = dict.fromkeys(_GROUPS, ())
        elements = []
        for group in element.children:
            if group.tag not in _GROUPS:
                raise self.error(f"<io>, <oo>, <ic> or <oc> {where}", group, f"<{_short(group.tag)}>")
            groups[group.tag] += tuple(self.parameter(par, group.tag, where) for par in group.children)
            elements += group.children
        interface = Interface(*groups.values())
        self.no_name_twice(elements, f"a parameter {where}")
        return interface

    def parameter(self, element: _Element, group: str, where: str) -> Parameter:
        if element.tag != "par":
            raise self.error(f"<par> {where}", element, f"<{_short(element.tag)}>")
        name = self.identifier(element, f"a parameter's name {where}")
        base_type = element.attributes.get("base_type", _GROUPS[group])
        if base_type != _GROUPS[group]:
            expected = f"base_type {_GROUPS[group]} of '{name}' in <{group}> {where}"
            raise self.error(expected, element, f"'{_short(base_type)}'")
        dimension = element.attributes.get("dimension", "0")
        if not re.fullmatch("[0-9]", dimension):
            raise self.error(f"a dimension from 0 to 9 of '{name}' {where}", element, f"'{_short(dimension)}'")
        return Parameter(name, int(dimension))

    def lines(self, body: _Element, where: str) -> Iterator[Line]:
        if body.text.strip():
            raise self.error(f"lines (<l>, <c>) {where}", body, "text outside of them", _PROTECTED)
        number = 1
        for element in body.children:
            n_characters = sum(map(len, element.chunks))
            self.n_code += n_characters
            if n_characters > MAX_LINE or self.n_code > MAX_CODE:
                expected = f"lines of at most {MAX_LINE} characters, {MAX_CODE} together,"
                raise self.error(expected, element, f"{max(n_characters, self.n_code)}", "no program has more")
            if element.tag not in ("l", "c"):
                raise self.error(f"a line (<l>, <c>) {where}", element, f"<{_short(element.tag)}>", _PROTECTED)
            if element.children:
                inner = element.children[0]
                hint = "in the text of a line, < is &lt;"
                raise self.error(f"the text of a line {where}", inner, f"<{_short(inner.tag)}>", hint)
            for line in self.lines_of(element, number):
                yield line
                number += 1 + line.text.count("\n")

    def lines_of(self, element: _Element, number: int) -> list[Line]:
        """One line of code, or the lines of a comment, which never has a line break in it."""
        text = element.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if element.tag == "l" and text.strip():
            return [Line(number, "code", text, text.lstrip().startswith("*"))]
        return [Line(number + i, "comment", part) for i, part in enumerate(text.split("\n"))]

    def known(self, element: _Element, tags: tuple[str, ...]) -> Iterator[_Element]:
        """The children of these tags; others are noted: a new HALCON may add what a program does not need."""
        for child in element.children:
            if child.tag in tags:
                yield child
            else:
                self.skipped.append(f"<{_short(child.tag)}> at {child.place}")

    def identifier(self, element: _Element, what: str) -> str:
        """A name that cannot be anything else than a name, wherever it is written to."""
        name = element.attributes.get("name", "")
        if not name.isidentifier():
            got = f"'{_short(name)}'" if name else "none"
            raise self.error(what, element, got, "letters, digits and _ only, no digit first")
        return name

    def no_name_twice(self, elements: list[_Element], what: str) -> None:
        seen: set[str] = set()
        for element in elements:
            name = element.attributes["name"]
            if name in seen:
                raise self.error(f"another name for {what}", element, f"'{name}' again")
            seen.add(name)


def _short(text: str) -> str:
    """A text of the file for a message: in one line, not endless."""
    printable = "".join(c if c.isprintable() else "?" for c in text[:40])
    return printable + ("..." if len(text) > 40 else "")
