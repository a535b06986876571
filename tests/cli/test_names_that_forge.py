"""File names that would look like lines, rows, formulas or other words, where they are printed."""

import csv
import io
import json
import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlproc as dl
from dlproc.cli.console import Console, aligned, csv_text

FORGED = "bad.png\naccept  0.0100  good.png"
NAMES = {  # a file name, and how it is printed
    FORGED: r"bad.png\naccept  0.0100  good.png",
    "a\rb": r"a\rb",
    "\x1b[2K\x1b[1Gaccept": r"\x1b[2K\x1b[1Gaccept",
    "a\tb\x7f": r"a\tb\x7f",
    "\x9b2Kc1": r"\x9b2Kc1",
    "photo\u202egnp.exe": r"photo\u202egnp.exe",
    "\u2066x\u2069": r"\u2066x\u2069",
    "line\u2028paragraph\u2029next\x85": r"line\u2028paragraph\u2029next\x85",
    "zero\u200bwidth": r"zero\u200bwidth",
    "half\udcff": r"half\udcff",
    "Stück 部品 می\u200cخواهم.png": "Stück 部品 می\u200cخواهم.png",
    "C:\\new\\table.png": "C:\\new\\table.png",
    "no break\u00a0space": "no break\u00a0space",
}


@pytest.mark.parametrize(("name", "printed"), NAMES.items(), ids=map(ascii, NAMES))
def test_every_line_and_error_says_the_name_in_one_line(capsys, name, printed):
    console = Console()
    for write in (console.result, console.remark, console.step):
        write(f"name {name}")
    console.note(f"name {name}")
    out, err = capsys.readouterr()
    assert out == f"name {printed}\n"
    assert err == f"name {printed}\n" * 2 + f"dlproc: name {printed}\n"
    assert aligned([[name, "1"], ["a", "22"]])[0] == f"{printed}   1"
    error = dl.DLFileError(name, "an image", "none")
    assert str(error) == f"{printed}: expected an image; got none"
    assert error.where == name


CELLS = {  # a text, and the cell of a table
    "a.png": "a.png",
    "C:\\new\\table.png": "C:\\new\\table.png",
    "a,b;c.png": "a,b;c.png",
    'say "cheese".png': 'say "cheese".png',
    "a=b-c@d+e.png": "a=b-c@d+e.png",
    "=cmd|'/c calc'!A1": "'=cmd|'/c calc'!A1",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    " =1": "' =1",
    '"=1"': '\'\\"=1\\"',
    "\uff1d1": r"'\uff1d1",
    "a;=1": r"'a\u003b=1",
    "'quoted": "''quoted",
    "two\nlines": r"'two\nlines",
    "\t=1": r"'\t=1",
    "\u2028": r"'\u2028",
    "half\udcff": r"'half\udcff",
}


@pytest.mark.parametrize(("text", "cell"), CELLS.items(), ids=map(ascii, CELLS))
def test_cells(text, cell):
    assert csv_text(text) == cell


@given(st.text() | st.text("=+-@;\"'\t\n\r\\ a", max_size=6))
def test_a_cell_is_one_line_no_formula_and_the_same_text_again(text):
    cell = csv_text(text)
    assert (json.loads(f'"{cell[1:]}"') if cell.startswith("'") else cell) == text
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([cell, 1])
    assert len((line.getvalue() + "\n").splitlines()) == 1
    # As a program reads it that splits at semicolons: no part begins as a formula.
    assert not any(part.strip(" \t\"'").startswith(tuple("=+-@")) for part in cell.split(";")[1:])
    assert cell[:1] not in tuple("=+-@\t\r")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_detect_prints_one_line_for_each_image(dlproc, model_file, cells, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = sorted((cells / "good").iterdir())[0]
    shutil.copy(picture, FORGED)
    shutil.copy(picture, "=1+1.png")
    _, out, _ = dlproc("detect", model_file, FORGED)
    (line,) = out.splitlines()
    assert line[8:].split("  ", 1)[1] == NAMES[FORGED]

    _, out, _ = dlproc("detect", model_file, FORGED, "=1+1.png", "--csv")
    lines = out.splitlines()
    assert len(lines) == 3
    assert lines[1].split(",")[0] == r"'bad.png\naccept  0.0100  good.png"
    assert lines[2].startswith("'=1+1.png,")

    _, _, err = dlproc("detect", model_file, "gone\n" + FORGED)
    assert err == f"dlproc: error: gone\\n{NAMES[FORGED]}: expected an image file; got no such file\n"
