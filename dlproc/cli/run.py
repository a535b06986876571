"""``dlproc run``: run a program of HDevelop."""

from __future__ import annotations

import argparse
from pathlib import Path

from dlproc.cli import options
from dlproc.cli.console import Console
from dlproc.cli.port import add_procedures
from dlproc.errors import DLParamError

_DESCRIPTION = """\
Run a program of HDevelop: what it does in HDevelop, dlproc's operators do here.

What its windows show is written as pictures into a folder; no window opens. An operator that dlproc does not have is an
error when the program comes to it, as all errors with procedure and line. File names in the program are relative to
this folder. Run only programs that you trust: they can do whatever a Python program can.
"""
_FAILED = 2


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc run``."""
    parser = options.add_command(commands, "run", run, "run an HDevelop program", _DESCRIPTION)
    parser.add_argument("script", type=options.path, metavar="SCRIPT.hdev", help="the program")
    text = "what main assigns first to the variable NAME: --set NumEpochs=15; may be given several times"
    parser.add_argument(
        "--set", dest="values", type=_value, action="append", default=[], metavar="NAME=VALUE", help=text
    )
    add_procedures(parser)
    text = "folder for the pictures (default: the program's name with _figures, in this folder)"
    parser.add_argument("--figures", type=options.path, metavar="FOLDER", help=text)
    parser.add_argument("--no-display", action="store_true", help="draw and write no pictures")
    options.add_quiet(parser)


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got '{text}'")
    return name.strip(), value


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the program, and say where it failed if it did."""
    from dlproc.hdevelop.run import run_hdevelop
    from dlproc.hdevelop.values import message_of

    if arguments.figures is not None and arguments.no_display:
        raise DLParamError("--figures", "not together with --no-display", "both")
    figures = None if arguments.no_display else arguments.figures or Path(f"{arguments.script.stem}_figures")
    try:
        translation = run_hdevelop(
            arguments.script, dict(arguments.values), arguments.procedures, figures, not arguments.no_display
        )
    except Exception as error:
        place = getattr(error, "__notes__", [""])[-1]
        if not place:
            raise
        console.note(f"error: {place}: {message_of(error)}")
        return _FAILED
    for use in translation.unknown:
        console.remark(f"not reached: {use.procedure}, line {use.line}: {use.name} {use.reason}")
    if figures is not None and figures.is_dir():
        console.remark(f"pictures in {figures}")
    return 0
