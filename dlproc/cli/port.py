"""``dlproc port``: a program of HDevelop as a Python program."""

from __future__ import annotations

import argparse
from pathlib import Path

from dlproc.cli import options
from dlproc.cli.console import Console
from dlproc.errors import DLFileError, DLParamError

_DESCRIPTION = """\
Write a program of HDevelop (.hdev, .hdvp or .hdpl) as a Python program that calls dlproc.

What dlproc does not have, and a line that cannot be understood, is marked "# TODO port: NAME (line N)" in the program,
which stops there when it comes to it, and listed in the report. Nothing is executed.
"""
_TO_PORT = 1


def add_command(commands: options.Commands) -> None:
    """The arguments of ``dlproc port``."""
    parser = options.add_command(commands, "port", run, "write an HDevelop program in Python", _DESCRIPTION)
    parser.add_argument("script", type=options.path, metavar="SCRIPT.hdev", help="the program")
    parser.add_argument("-o", dest="out", type=options.path, metavar="SCRIPT.py", help="the file to write "
                        "(default: the program's name with .py, in this folder)")  # fmt: skip
    add_procedures(parser)
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    options.add_quiet(parser)


def add_procedures(parser: argparse.ArgumentParser) -> None:
    """``--procedures``."""
    text = "where external procedures lie (.hdvp, .hdpl), besides the program's folder; may be given several times"
    parser.add_argument("--procedures", type=options.path, action="append", default=[], metavar="FOLDER", help=text)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Translate, write, report; 1 if something is left to port."""
    from dlproc.hdevelop.translate import translate_file
    from dlproc.hdevelop.writer import NOT_HERE
    from dlproc.io.writing import atomic_write, check_writable

    out = arguments.out or Path(arguments.script.name).with_suffix(".py")
    if out.exists() and not arguments.force:
        raise DLFileError(str(out), "a file that does not exist yet", "an existing one", "--force replaces it")
    if out.resolve() == arguments.script.resolve():
        raise DLParamError("-o", "another file than the program", str(out))
    check_writable(out)
    translation = translate_file(arguments.script, arguments.procedures)
    atomic_write(out, translation.text.encode())
    for line in translation.report().splitlines():
        console.result(line)
    if any(use.reason == NOT_HERE for use in translation.unknown):
        console.remark("procedures of your own in another folder are found with --procedures FOLDER")
    console.remark(f"wrote {out}")
    return _TO_PORT if translation.unknown else 0
