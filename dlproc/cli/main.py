"""The command ``dlproc``: arguments, errors, exit codes.

Exit codes: 0 all accepted, or done; 1 something was rejected or set for review (`detect`), or is left to port (`port`);
2 bad input, or images that were not inspected; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from dlproc.cli import check, detect, doctor, evaluate, export, extend, info, port, run, thresholds, train
from dlproc.cli.console import Console, OutputClosed, forget_output, prepare_streams
from dlproc.cli.remarks import remarks_shown
from dlproc.errors import DLError
from dlproc.version import __version__

BAD_INPUT = 2
STOPPED = 130

_DESCRIPTION = """\
Learn from good images what is normal, and find what is not.

  dlproc check FOLDER                      what counts as good, and is anything odd?
  dlproc train FOLDER -o part.hdl          learn; FOLDER/good holds good images
  dlproc evaluate part.hdl FOLDER          how well does it tell them apart?
  dlproc detect part.hdl new/*.png         decide on new images
"""
_EPILOG = """\
exit codes: 0 all accepted, or done; 1 something was rejected or set for review, or is left to port;
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
    parser, commands = _parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        of_command = commands[arguments.command]
        known = [name for action in of_command._actions for name in action.option_strings]
        of_command.error(f"unrecognized arguments: {' '.join(unknown)}{_hint(unknown[0], known)}")
    console = Console(getattr(arguments, "quiet", False))
    code, last_words = _run(arguments, console)
    # Only now are the frames of an exception gone, and with them a progress bar that was left on the terminal.
    if last_words:
        console.note(last_words)
    return code


def _run(arguments: argparse.Namespace, console: Console) -> tuple[int, str]:
    """The exit code, and what is to be said at the end on standard error."""
    try:
        with remarks_shown(console), _size_limit(getattr(arguments, "max_megapixels", None)):
            return arguments.run(arguments, console), ""
    except OutputClosed:
        forget_output()
        return BAD_INPUT, ""  # not everything was told
    except KeyboardInterrupt as stop:
        return STOPPED, f"stopped; {stop}" if str(stop) else "stopped"
    except DLError as error:
        return BAD_INPUT, f"error: {_in_words_of_the_command_line(error, arguments)}"
    except (OSError, ImportError) as error:  # a disk that is full, an optional package that is not installed
        message = str(error) or type(error).__name__
    except Exception as error:
        # A fault of dlproc. Python would leave with 1, which here means "rejected".
        traceback.print_exc()
        message = f"{type(error).__name__}, which is a fault of dlproc; please report the lines above"
    return BAD_INPUT, f"error: {' '.join(message.split())}"


@contextmanager
def _size_limit(megapixels: float | None) -> Iterator[None]:
    """The limit on the size of images, for this command only."""
    if megapixels is None:
        yield
        return
    from dlproc.rng import get_system, set_system  # imports NumPy

    before = get_system("max_image_megapixels")
    set_system("max_image_megapixels", megapixels)
    try:
        yield
    finally:
        set_system("max_image_megapixels", before)


def _hint(word: str, known: Sequence[str]) -> str:
    from dlproc.schema.kinds import did_you_mean  # imports NumPy

    hint = did_you_mean(word, known)
    return f", {hint}" if hint else ""


class _Parser(argparse.ArgumentParser):
    """argparse, with errors in one line as all others."""

    def error(self, message: str) -> NoReturn:
        found = re.search(r"invalid choice: '([^']*)' \(choose from (.+)\)$", message)
        message += _hint(found[1], re.findall(r"[^', ]+", found[2])) if found else ""
        Console().note(f"error: {message} (see {self.prog} --help)")
        sys.exit(BAD_INPUT)


def _parser() -> tuple[_Parser, dict[str, argparse.ArgumentParser]]:
    """The parser, and those of the commands by name."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser("dlproc", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=raw, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"dlproc {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    for module in (check, train, evaluate, detect, thresholds, extend, export, port, run, info, doctor):
        module.add_command(commands)
    return parser, dict(commands.choices)


# Where and hints as a script knows them, and what they are on the command line.
_OPTIONS: dict[str, str | Callable[[re.Match[str]], str]] = {
    r"^gen_param\['(\w+)'\]": lambda found: "--" + found[1].replace("_", "-"),
    r"^set_dl_model_param\('tile_size'\)": "--tile",
    r"^set_dl_model_param\('image_(size|width|height|dimensions)'\)": "--size",
    r"^set_system\('max_image_megapixels'\)": "--max-megapixels",
    r"set_system\('max_image_megapixels', (\d+)\) allows it": r"--max-megapixels \1 allows it",
    r"^runtime: (.*) \(set 'runtime' to 'cpu'\)$": r"--runtime: \1 (leave it out to compute on the CPU)",
    r"a smaller image_width, image_height, complexity or domain_ratio needs less": "a smaller --size needs less",
    r"train anew, three lines: .*write_dl_model\(model, '(.*)'\)\)$": r"train anew: dlproc train FOLDER -o \1)",
    r"remove the folder, or name another, to start anew": "--force begins anew",
}


def _in_words_of_the_command_line(error: DLError, arguments: argparse.Namespace) -> str:
    """The message; a generic parameter is called as the option that set it, and the dataset as its folder."""
    message = str(error)
    for words, own in _OPTIONS.items():
        message = re.sub(words, own, message)
    model = getattr(arguments, "model", None)
    message = message if model is None else re.sub(r"^dl_model_handle(?=:)", lambda _: str(model), message)
    folder = getattr(arguments, "folder", None)
    return message if folder is None else re.sub(r"^dl_dataset(\['samples'\])?(?=:)", lambda _: str(folder), message)
