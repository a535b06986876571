"""From a program of HDevelop to one of Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlproc.hdevelop import global_variables
from dlproc.hdevelop.function_text import PythonLine, Use, as_comment
from dlproc.hdevelop.kinds import EMPTY
from dlproc.hdevelop.knowledge import Knowledge
from dlproc.hdevelop.names import RESERVED, Names, snake_case
from dlproc.hdevelop.operators import OPERATORS
from dlproc.hdevelop.port_report import difference_lines
from dlproc.hdevelop.program import Program, read_program
from dlproc.hdevelop.python_code import wrapped
from dlproc.hdevelop.writer import NOT_HERE, Writer


@dataclass(frozen=True, slots=True)
class Translation:
    """A program in Python.

    Attributes
    ----------
    program : Program
    text : str
        The Python program.
    sources : tuple of (str, int)
        For each line of the text the procedure and its line; ``('', 0)`` where it comes from none.
    uses : tuple of Use
        What the program calls, in the order of the text.
    """

    program: Program
    text: str
    sources: tuple[tuple[str, int], ...]
    uses: tuple[Use, ...]

    @property
    def unknown(self) -> tuple[Use, ...]:
        """The calls that a person must port."""
        return tuple(use for use in self.uses if use.kind == "unknown")

    def report(self) -> str:
        """What is covered, what differs from HALCON, what was not checked, and what is left to port, by line."""
        kinds = Counter(use.kind for use in self.uses)
        file = self.program.path.name
        lines = [f"{file}: {len(self.uses)} calls, {kinds['unknown']} of them not in dlproc"]
        for kind, what in _MEANINGS.items():
            names = Counter(use.name for use in self.uses if use.kind == kind)
            if names:
                listed = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in sorted(names.items()))
                lines.append(f"  {what}: {listed}")
        if self.program.own:
            lines.append(f"  in the file, but dlproc's own are called: {', '.join(self.program.own)}")
        lines += difference_lines(self.program, {(use.procedure, use.line) for use in self.unknown})
        for use in self.unknown:
            why = "" if use.reason == NOT_HERE else f" {use.reason}"
            lines.append(f"  to port: {use.procedure}, line {use.line}: {use.name}{why}")
        return "\n".join(lines)


_MEANINGS = {
    "operator": "from dlproc",
    "procedure": "procedures of the program",
    "plain": "plain Python",
    "without effect": "left out, HDevelop's own windows only",
}


def translate(program: Program) -> Translation:
    """The program in Python: a function for each procedure, ``main`` last."""
    knowledge = Knowledge(program)
    own_names = [procedure.name for procedure in program.procedures if not procedure.is_main]
    functions = Names(RESERVED - {"main"})
    function_names = {name: functions.free(snake_case(name)) for name in own_names}
    if program.main is not None:
        function_names[program.main.name] = "main"
    taken = {*function_names.values()}
    global_names = global_variables.python_names(program, taken)
    for name in global_variables.read_first(program):
        knowledge.learn_variable("", name, EMPTY)
    taken |= set(global_names.values())

    def write() -> list[Writer]:
        writers = []
        for procedure in program.procedures:
            writer = Writer(procedure, knowledge, Names(taken), function_names, global_names)
            writer.write()
            writers.append(writer)
        return writers

    for is_learning in (True, False):
        knowledge.is_learning = is_learning
        learnt = -1
        while learnt != knowledge.n_learnt:
            learnt = knowledge.n_learnt
            writers = write()
    return _assembled(program, writers, list(global_names.values()))


def translate_file(file_name: str | Path, folders: Sequence[str | Path] = ()) -> Translation:
    """Read a program and translate it; see `read_program` and `translate`.

    A line that cannot be understood is left to be ported, as is a call of something unknown.
    """
    return translate(read_program(file_name, folders, leave_unreadable=True))


def _assembled(program: Program, writers: Sequence[Writer], global_names: list[str]) -> Translation:
    """The whole text from its functions."""
    imported = set().union(*(writer.imported for writer in writers))
    lines: list[tuple[str, str, int]] = [(text, "", 0) for text in _head(program, imported, global_names)]
    ordered = sorted(writers, key=lambda writer: writer.procedure.is_main)
    for writer in ordered:
        lines += [("", "", 0), ("", "", 0)]
        for line in _tidy(writer.lines):
            parts = wrapped(line.text, 4 * line.depth) if line.text else [""]
            parts = parts if not line.text.startswith("#") else [" " * 4 * line.depth + line.text]
            lines += [(part, writer.procedure.name, line.source) for part in parts]
    uses = tuple(use for writer in ordered for use in writer.uses)
    if program.main is not None:
        lines += [(text, "", 0) for text in ("", "", *_start(uses))]
    text = "\n".join(line for line, _, _ in lines) + "\n"
    return Translation(program, text, tuple((name, number) for _, name, number in lines), uses)


def _head(program: Program, imported: set[str], global_names: list[str]) -> list[str]:
    """The lines before the functions."""
    name, version = (_in_docstring(text) for text in (program.path.name, program.version or "of unknown version"))
    lines = [f'"""Ported from {name}, HALCON {version}."""', ""]
    if "math" in imported:
        lines += ["import math", ""]
    lines.append("import dlproc as dl")
    values = sorted(imported - {"math"}, key=lambda name: (not name[0].isupper(), name))
    if values:
        lines += _import(values)
    if global_names:
        lines += ["", *(f"{name} = []" for name in global_names)]
    return lines


def _in_docstring(text: str) -> str:
    """A text from outside, in one line and without what could end a docstring."""
    return as_comment(text)[2:].replace("\\", "/").replace('"', "'")


def _start(uses: Sequence[Use]) -> list[str]:
    """The lines that run the program as a script."""
    shows = any(
        use.kind == "operator" and OPERATORS[use.name].chapter in _SHOWING for use in uses if use.name in OPERATORS
    )
    lines = ['if __name__ == "__main__":']
    if shows:
        lines.append('    dl.save_windows_to("figures")  # what the windows show; none opens')
    lines.append("    main()")
    return lines


_SHOWING = ("Windows", "Display of results")


def _import(names: Sequence[str]) -> list[str]:
    line = f"from dlproc.hdevelop.values import {', '.join(names)}"
    if len(line) <= 88:
        return [line]
    return ["from dlproc.hdevelop.values import (", *(f"    {name}," for name in names), ")"]


def _tidy(lines: Sequence[PythonLine]) -> list[PythonLine]:
    """Without blank lines at the beginning and end of blocks, and without several in a row."""
    kept: list[PythonLine] = []
    for place, line in enumerate(lines):
        if not line.text:
            following = next((later for later in lines[place + 1 :] if later.text), None)
            opens = bool(kept) and kept[-1].text.endswith(":") and not kept[-1].text.startswith("#")
            if not kept or not kept[-1].text or opens or following is None:
                continue
        kept.append(line)
    return kept
