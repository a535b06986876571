"""The command as a whole: arguments, help, exit codes of errors that are nobody's."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dlproc as dl
from dlproc.cli import info
from dlproc.errors import DLParamError

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def test_help_and_version(dlproc):
    code, out, err = dlproc("--help")
    assert (code, err) == (0, "")
    for command in ("train", "evaluate", "detect", "thresholds", "extend", "export", "port", "run", "info", "doctor"):
        assert f"    {command} " in out or f"    {command}\n" in out
        code, text, _ = dlproc(command, "--help")
        assert code == 0
        assert text.startswith(f"usage: dlproc {command} ")
    assert dlproc("--version") == (0, f"dlproc {dl.__version__}\n", "")


def test_every_option_is_documented(dlproc):
    page = (REPOSITORY / "docs" / "command_line.md").read_text(encoding="utf-8")
    for command in ("train", "evaluate", "detect", "thresholds", "extend", "export", "port", "run", "info", "doctor"):
        options = set(re.findall(r"--[a-z][a-z-]+", dlproc(command, "--help")[1])) - {"--help"}
        assert {option for option in options if f"`{option}" not in page} == set(), command


def test_wrong_arguments_are_one_line_and_2(dlproc):
    assert dlproc("info", "x.hdl", "--jsn") == (
        2,
        "",
        "dlproc: error: unrecognized arguments: --jsn, did you mean '--json'? (see dlproc info --help)\n",
    )
    code, _, err = dlproc("trian", "parts")
    assert code == 2
    assert re.fullmatch(
        r"dlproc: error: argument COMMAND: invalid choice: 'trian' .*, did you mean 'train'\? .*\n", err
    )
    assert dlproc() == (2, "", "dlproc: error: the following arguments are required: COMMAND (see dlproc --help)\n")
    assert dlproc("detect", "x.hdl") == (
        2,
        "",
        "dlproc: error: the following arguments are required: IMAGES (see dlproc detect --help)\n",
    )
    assert dlproc("detect", "x.hdl", "y.png", "--batch-size", "0") == (
        2,
        "",
        "dlproc: error: argument --batch-size: expected a whole number from 1; got '0' (see dlproc detect --help)\n",
    )
    assert dlproc("detect", "x.hdl", "y.png", "--json", "--csv")[0] == 2
    assert dlproc("detect", "x.hdl", "y.png", "--keep")[0] == 2  # no abbreviations


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "dlproc: stopped\n"),
        (KeyboardInterrupt("the samples are kept"), 130, "dlproc: stopped; the samples are kept\n"),
        (ImportError('drawing needs matplotlib: pip install "dlproc[viz]"'), 2, None),
        (
            OSError(28, "No space left on device", "x.json"),
            2,
            "dlproc: error: [Errno 28] No space left on device: 'x.json'\n",
        ),
        (
            DLParamError("gen_param['target_fpr']", "a number", "2"),
            2,
            "dlproc: error: --target-fpr: expected a number; got 2\n",
        ),
        (DLParamError("a\nb", "one\nline", "2"), 2, "dlproc: error: a\\nb: expected one\\nline; got 2\n"),
    ],
)
def test_what_is_raised_becomes_a_line(dlproc, monkeypatch, raised, code, message):
    def fail(_):
        raise raised

    monkeypatch.setattr(info, "model_facts", fail)
    assert dlproc("info", "x.hdl") == (code, "", message or f"dlproc: error: {raised}\n")


def test_a_fault_of_dlproc_is_not_taken_for_a_rejected_part(dlproc, monkeypatch):
    monkeypatch.setattr(info, "model_facts", lambda _: 1 / 0)
    code, out, err = dlproc("info", "x.hdl")
    assert (code, out) == (2, "")
    assert err.startswith("Traceback")
    assert err.endswith("dlproc: error: ZeroDivisionError, which is a fault of dlproc; please report the lines above\n")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from dlproc.cli.main import main\n"
        "try: main(['detect', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'skimage', 'h5py'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_as_a_module_and_as_a_script():
    finished = subprocess.run([sys.executable, "-m", "dlproc", "--version"], capture_output=True, text=True)
    assert (finished.returncode, finished.stdout) == (0, f"dlproc {dl.__version__}\n")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, function = project["scripts"]["dlproc"].split(":")
    code = f"import sys; from {module} import {function}; sys.exit({function}(['info', 'none.hdl']))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 2
    assert finished.stderr.startswith("dlproc: error: none.hdl: expected an existing file")
