"""A program with all procedures that it calls, read into trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from dlproc.errors import DLFileError
from dlproc.hdevelop import files, syntax
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.parser import parse_procedure, parse_readable
from dlproc.io.tree import walk

_Parse: TypeAlias = Callable[[Sequence[str], str], syntax.Body]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as a tree.

    Attributes
    ----------
    file : str
        Where it stands.
    """

    name: str
    file: str
    interface: files.Interface
    body: syntax.Body
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """What a file holds and what that calls.

    Attributes
    ----------
    path : Path
    version : str
        Of the HALCON that wrote the file.
    procedures : tuple of Procedure
        Those of the file in its order, then external ones in the order in which they are called first.
    own : tuple of str
        Procedures in the file that dlproc has too, with as many parameters; dlproc's take their place.
    """

    path: Path
    version: str
    procedures: tuple[Procedure, ...]
    own: tuple[str, ...] = ()

    @property
    def main(self) -> Procedure | None:
        """Where the program starts; None of a file that holds procedures only."""
        return next((procedure for procedure in self.procedures if procedure.is_main), None)


def read_program(file_name: str | Path, folders: Sequence[str | Path] = (), leave_unreadable: bool = False) -> Program:
    """Read a program, and the external procedures that it calls.

    Parameters
    ----------
    file_name : str or Path
        A file of HDevelop: .hdev, .hdvp or .hdpl.
    folders : sequence of str or Path
        Where external procedures lie, with all folders in them. The program's own folder, and what an ``import`` of
        the program names, is looked through too; a procedure file is found by its name, a library is read.
    leave_unreadable : bool
        Whether a line that cannot be understood becomes a statement `dlproc.hdevelop.syntax.Unreadable`.

    Raises
    ------
    DLFileError
        A file that cannot be read, a folder that is not there.
    DLSyntaxError
        A line that cannot be understood; procedure and line are named.
    """
    path = Path(file_name)
    parse = parse_readable if leave_unreadable else parse_procedure
    read = files.read_hdevelop(path)
    local = {found.name: found for found in read.procedures}
    own = tuple(name for name in local if _is_ours(local[name]))
    wanted = [found for name, found in local.items() if name not in own]
    procedures = {found.name: _parsed(found, path, parse) for found in wanted}
    library = _Library([*folders, *_imports(procedures.values(), path)], path, parse)
    waiting = list(procedures.values())
    while waiting:
        for name in called(waiting.pop(0).body):
            if name in procedures or name in OPERATORS:
                continue
            found = library.find(name)
            if found is not None:
                procedures[name] = found
                waiting.append(found)
    return Program(path, read.version, tuple(procedures.values()), own)


def walk_statements(body: syntax.Body) -> Iterator[syntax.Statement]:
    """All statements, those within blocks too, in the order of the text."""
    for statement in body:
        yield statement
        for part in _parts(statement):
            if isinstance(part, syntax.Statement):
                yield from walk_statements((part,))


def walk_expressions(node: Any) -> Iterator[Any]:
    """All expressions within a statement or an expression, itself included; not those of statements within it."""
    for part in _parts(node):
        if not isinstance(part, syntax.Statement):
            yield part
            yield from walk_expressions(part)


def _parts(node: Any) -> Iterator[Any]:
    """The nodes that a node holds, in the order of the text."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for element in value:
            yield from _nodes(element)
    elif hasattr(value, "__dataclass_fields__"):
        yield value


def called(body: syntax.Body) -> list[str]:
    """What a body calls, each name once, in the order of the text."""
    names = []
    for statement in walk_statements(body):
        call = statement.call if isinstance(statement, syntax.ParStart) else statement
        if isinstance(call, syntax.Call):
            names.append(call.name)
    return list(dict.fromkeys(names))


def _is_ours(procedure: files.Procedure) -> bool:
    """Whether dlproc has a procedure of that name and with those parameters."""
    ours = OPERATORS.get(procedure.name)
    if ours is None:
        return False
    return [len(group) for group in procedure.interface.groups] == [len(group) for group in ours.groups]


def _parsed(found: files.Procedure, path: Path, parse: _Parse) -> Procedure:
    where = f"{path}, procedure {found.name}"
    lines = [_as_comment(line) if line.kind == "comment" or line.is_disabled else line.text for line in found.lines]
    return Procedure(found.name, str(path), found.interface, parse(lines, where), found.is_main)


def _as_comment(line: files.Line) -> str:
    """A line that does not run, with a star before it.

    What HDevelop could not understand has none, nor have the further lines of a long statement that is switched off.
    """
    parts = line.text.split("\n")
    return "\n".join(part if not part.strip() or part.lstrip().startswith("*") else f"* {part}" for part in parts)


def _imports(procedures: Any, path: Path) -> list[Path]:
    """What the program's import lines name, relative to its file."""
    sources = []
    for procedure in procedures:
        for statement in walk_statements(procedure.body):
            if isinstance(statement, syntax.Import):
                sources.append(path.parent / statement.source.strip().strip("'\""))
    return [source for source in sources if source.exists()]


class _Library:
    """External procedures, found by their names."""

    def __init__(self, folders: Sequence[str | Path], program: Path, parse: _Parse) -> None:
        self.parse = parse
        self.places: dict[str, Path] = {}
        self.libraries: list[Path] = []
        self.beside = program.parent
        self.in_libraries: dict[str, tuple[files.Procedure, Path]] | None = None  # not read yet
        for folder in folders:
            if not Path(folder).exists():
                raise DLFileError(str(folder), "a folder with procedures", "no such folder", halcon_code=5200)
        for source in (*map(Path, folders), program.parent):
            for file in _files_in(source, deep=source != program.parent):
                if file.suffix == ".hdvp":
                    self.places.setdefault(file.stem, file)
                elif file.resolve() != program.resolve():
                    self.libraries.append(file)

    def find(self, name: str) -> Procedure | None:
        """The procedure of that name, or None."""
        if name in self.places:
            place = self.places[name]
            for found in files.read_hdevelop(place).procedures:
                if found.name == name:
                    return _parsed(found, place, self.parse)
        if self.in_libraries is None:
            self.in_libraries = self._read_libraries()
        if name not in self.in_libraries:
            return None
        return _parsed(*self.in_libraries[name], self.parse)

    def _read_libraries(self) -> dict[str, tuple[files.Procedure, Path]]:
        """Their procedures by name. A library that merely lies beside the program need not be readable."""
        read: dict[str, tuple[files.Procedure, Path]] = {}
        for library in self.libraries:
            try:
                procedures = files.read_hdevelop(library).procedures
            except DLFileError:
                if library.parent != self.beside:
                    raise
                continue
            for found in procedures:
                read.setdefault(found.name, (found, library))
        return read


def _files_in(source: Path, deep: bool) -> list[Path]:
    """The procedure files and libraries of a folder, sorted by name; a file stands for itself."""
    if source.is_file():
        return [source]
    found = [folder / name for folder, _, names in walk(source, depth=None if deep else 1) for name in names]
    return sorted(file for file in found if file.suffix in (".hdvp", ".hdpl") and file.is_file())
