"""Write the Python blocks of docs/porting.md anew: ``python docs/make_porting.py``. A test compares the two.

Behind each block ``hdevelop`` of the page stands a block ``python``: what `dlproc port` makes of it. The blocks of a
section are one program; a block that begins with ``procedure NAME (io : oo : ic : oc)`` is a procedure of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dlproc.hdevelop.files import Interface, Parameter
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.program import Procedure, Program
from dlproc.hdevelop.translate import Translation, translate

PAGE = Path(__file__).with_name("porting.md")
_SECTION = re.compile(r"^## .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_PAIR = re.compile(r"```hdevelop\n(.*?)```\n\n```python\n(.*?)```", re.DOTALL)
_HEAD = re.compile(r"procedure (\w+) \((.*)\)")


@dataclass(frozen=True)
class Block:
    """Lines of HDevelop that belong to one procedure, from `first` on."""

    procedure: str
    first: int
    lines: list[str]


def translated(page: str) -> str:
    """The page with the Python that belongs to its HDevelop."""
    return _SECTION.sub(lambda section: _translated_section(section.group()), page)


def sections(page: str) -> dict[str, list[str]]:
    """The HDevelop lines of each section that has some, by its heading."""
    found = {}
    for section in _SECTION.findall(page):
        lines = [line for hdevelop, _ in _PAIR.findall(section) for line in hdevelop.splitlines()]
        if lines:
            found[section.splitlines()[0].removeprefix("## ")] = lines
    return found


def program_of(page: str, heading: str) -> Program:
    """The program that a section's blocks are together."""
    section = next(one for one in _SECTION.findall(page) if one.startswith(f"## {heading}\n"))
    return _program(_blocks(section), section)


def _translated_section(section: str) -> str:
    blocks = _blocks(section)
    if not blocks:
        return section
    translation = translate(_program(blocks, section))
    pieces = iter([_python_of(block, translation) for block in blocks])
    return _PAIR.sub(lambda pair: f"```hdevelop\n{pair.group(1)}```\n\n```python\n{next(pieces)}```", section)


def _blocks(section: str) -> list[Block]:
    blocks: list[Block] = []
    n_lines = 0  # of main
    for hdevelop, _ in _PAIR.findall(section):
        lines = hdevelop.splitlines()
        head = _HEAD.match(lines[0])
        if head:
            blocks.append(Block(head.group(1), 1, lines[1:]))
        else:
            blocks.append(Block("main", n_lines + 1, lines))
            n_lines += len(lines)
    return blocks


def _program(blocks: list[Block], section: str) -> Program:
    main = [line for block in blocks if block.procedure == "main" for line in block.lines]
    procedures = [_procedure("main", main, Interface())]
    for block in blocks:
        if block.procedure != "main":
            procedures.append(_procedure(block.procedure, block.lines, _interface(section, block.procedure)))
    return Program(Path("example.hdev"), "24.11", tuple(procedures))


def _procedure(name: str, lines: list[str], interface: Interface) -> Procedure:
    return Procedure(name, "example.hdev", interface, parse_procedure(lines, name), name == "main")


def _interface(section: str, name: str) -> Interface:
    inside = next(head.group(2) for head in _HEAD.finditer(section) if head.group(1) == name)
    groups = [[Parameter(one.strip()) for one in group.split(",") if one.strip()] for group in inside.split(":")]
    return Interface(*map(tuple, groups))


def _python_of(block: Block, translation: Translation) -> str:
    """The lines of the translation that come from a block; those before its first line with it."""
    is_main = block.procedure == "main"
    own = range(0 if block.first == 1 else block.first, block.first + len(block.lines))
    lines = [
        text.removeprefix("    ") if is_main else text
        for text, (procedure, number) in zip(translation.text.splitlines(), translation.sources, strict=True)
        if procedure == block.procedure and number in own and text != "def main():"
    ]
    return "\n".join(lines).strip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(translated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE}")
