"""The command ``dlproc``: arguments, errors, exit codes.

Exit codes: 0 all accepted, or done; 1 something was rejected or set for review (`detect`); 2 bad input, or images that
were not inspected; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from dlproc.cli import detect, doctor, evaluate, export, info, thresholds, train
from dlproc.cli.console import Console, OutputClosed, forget_output, prepare_streams
from dlproc.errors import DLError
from dlproc.version import __version__

BAD_INPUT = 2
STOPPED = 130

_DESCRIPTION = """\
Learn from good images what is normal, and find what is not.

  dlproc train FOLDER -o part.hdl          learn; FOLDER/good holds good images
  dlproc evaluate part.hdl FOLDER          how well does it tell them apart?
  dlproc detect part.hdl new/*.png         decide on new images
"""
_EPILOG = """\
exit codes: 0 all accepted, or done; 1 something was rejected or set for review;
            2 bad input, or images that were not inspected; 130 stopped with Ctrl-C
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; not given: those of the process.

    Returns
    -------
    int
        The exit code. ``--help``, ``--version`` and wrong arguments leave by `SystemExit`, as argparse does.
    """
    prepare_streams()
    arguments = _parser().parse_args(argv)
    console = Console(getattr(arguments, "quiet", False))
    code, last_words = _run(arguments, console)
    # Only now are the frames of an exception gone, and with them a progress bar that was left on the terminal.
    if last_words:
        console.note(last_words)
    return code


def _run(arguments: argparse.Namespace, console: Console) -> tuple[int, str]:
    """The exit code, and what is to be said at the end on standard error."""
    try:
        return arguments.run(arguments, console), ""
    except OutputClosed:
        forget_output()
        return BAD_INPUT, ""  # not everything was told
    except KeyboardInterrupt as stop:
        return STOPPED, f"stopped; {stop}" if str(stop) else "stopped"
    except DLError as error:
        message = _in_words_of_the_command_line(error, arguments)
    except (OSError, ImportError) as error:  # a disk that is full, an optional package that is not installed
        message = str(error) or type(error).__name__
    except Exception as error:
        # A fault of dlproc. Python would leave with 1, which here means "rejected".
        traceback.print_exc()
        message = f"{type(error).__name__}, which is a fault of dlproc; please report the lines above"
    return BAD_INPUT, f"error: {' '.join(message.split())}"


class _Parser(argparse.ArgumentParser):
    """argparse, with errors in one line as all others."""

    def error(self, message: str) -> NoReturn:
        Console().note(f"error: {message} (see {self.prog} --help)")
        sys.exit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser("dlproc", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=raw, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"dlproc {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    for module in (train, evaluate, detect, thresholds, export, info, doctor):
        module.add_command(commands)
    return parser


def _in_words_of_the_command_line(error: DLError, arguments: argparse.Namespace) -> str:
    """The message; a generic parameter is called as the option that set it, and the dataset as its folder."""
    message = re.sub(r"^gen_param\['(\w+)'\]", lambda found: "--" + found[1].replace("_", "-"), str(error))
    folder = getattr(arguments, "folder", None)
    return message if folder is None else re.sub(r"^dl_dataset(\['samples'\])?(?=:)", lambda _: str(folder), message)
