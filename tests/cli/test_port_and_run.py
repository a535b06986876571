"""``dlproc port`` and ``dlproc run``: files, reports, errors with the program's lines."""

from pathlib import Path
from xml.sax.saxutils import escape

import pytest


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes the lines of main as a program, in the current folder."""
    monkeypatch.chdir(tmp_path)

    def program(text, name="program.hdev"):
        body = "\n".join(f"<l>{escape(line)}</l>" for line in text.strip().splitlines())
        Path(name).write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<hdevelop file_version="1.2" halcon_version="24.11.1.0">\n'
            f'<procedure name="main">\n<interface/>\n<body>\n{body}\n</body>\n</procedure>\n</hdevelop>\n',
            encoding="utf-8",
        )
        return name

    return program


WRITES = """
Number := 3
Names := ['a','b']
open_file ('out.txt', 'output', FileHandle)
fwrite_string (FileHandle, Number + ' ' + |Names| + ' ' + Names[0] + '\\n')
close_file (FileHandle)
"""


def test_run(dlproc, write):
    assert dlproc("run", write(WRITES)) == (0, "", "")
    assert Path("out.txt").read_text(encoding="utf-8") == "3 2 a\n"
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["out.txt", "program.hdev"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--set", "Number=7"], "7 2 a\n"),
        (["--set", "Number=0.5"], "0.5 2 a\n"),
        (["--set", "Number=seven parts"], "seven parts 2 a\n"),
        (["--set", "Names=['x']", "--set", "Number=-1"], "-1 1 x\n"),
        (["--set", "Number=Names"], "Names 2 a\n"),  # a word is a text, no variable
    ],
)
def test_values_from_the_command_line(dlproc, write, options, text):
    assert dlproc("run", write(WRITES), "--no-display", *options)[0] == 0
    assert Path("out.txt").read_text(encoding="utf-8") == text


def test_a_value_for_no_variable(dlproc, write):
    code, _, err = dlproc("run", write(WRITES), "--set", "Nubmer=7")
    assert (code, err) == (
        2,
        "dlproc: error: Nubmer: expected a variable that main assigns a value to; got no such variable "
        "(did you mean 'Number'?)\n",
    )
    assert not Path("out.txt").exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "X := 1\nread_image (Image, 'no.png')",
            "program.hdev, procedure main, line 2: read_image (Image, 'no.png'): "
            "no.png: expected an image file; got no such file",
        ),
        (
            "X := 0\nfind_shape_model (X)\n",
            "program.hdev, procedure main, line 2: find_shape_model (X): find_shape_model (line 2) is not in dlproc",
        ),
        (
            "throw ('not today')",
            "program.hdev, procedure main, line 1: throw ('not today'): not today",
        ),
        (
            "D := dict{}\n\nX := D.size",
            "program.hdev, procedure main, line 3: X := D.size: the dictionary has no key 'size'",
        ),
        (
            "X := [1, 2]\nY := X[2]",
            "program.hdev, procedure main, line 2: Y := X[2]: there is no element with this index",
        ),
        (
            "Y := NotYet + 1",
            "program.hdev, procedure main, line 1: Y := NotYet + 1: not_yet has no value yet",
        ),
        (
            "threshold (Image, Region)",
            "program.hdev, procedure main, line 1: threshold (Image, Region): threshold (line 1) is called otherwise than "
            "HALCON's threshold (Image : Region : MinGray, MaxGray : )",
        ),
        (
            "if (file_exists('a'))\nendif",
            "program.hdev, procedure main, line 1: if (file_exists('a')): file_exists (line 1) stands in an expression, "
            "but gives its result only in a line of its own",
        ),
        (
            "X := sqrt(1, 2)",
            "program.hdev, procedure main, line 1: X := sqrt(1, 2): sqrt (line 1) is called with another number of "
            "parameters than it has",
        ),
        (
            "read_imagee (Image, 'a.png')",
            "program.hdev, procedure main, line 1: read_imagee (Image, 'a.png'): read_imagee (line 1) is not in dlproc "
            "(did you mean read_image?)",
        ),
    ],
)  # fmt: skip
def test_errors_name_the_line(dlproc, write, lines, message):
    assert dlproc("run", write(lines)) == (2, "", f"dlproc: error: {message}\n")


@pytest.mark.parametrize("ending", ["", "\nthrow ('over')"])
def test_a_program_that_leaves_the_folder(dlproc, write, ending):
    write("make_dir ('deep')\nset_current_dir ('deep')\ngen_rectangle1 (R, 1, 1, 5, 5)" + ending)
    before = Path.cwd()
    code, _, err = dlproc("run", "program.hdev")
    assert (code, "over" in err) == ((2, True) if ending else (0, False))
    assert Path.cwd() == before
    assert not Path("program_figures").exists()
    assert not list(Path("deep").iterdir())


def test_pictures_of_a_program_that_leaves_the_folder(dlproc, write):
    write("make_dir ('deep')\nset_current_dir ('deep')\ndev_open_window (0, 0, 64, 64, 'black', W)\n"
          "gen_rectangle1 (R, 1, 1, 5, 5)\ndev_display (R)")  # fmt: skip
    assert dlproc("run", "program.hdev") == (0, "", "pictures in program_figures\n")
    assert [file.name for file in Path("program_figures").iterdir()] == ["window_1_001.png"]


def test_truth_is_written_as_a_number(dlproc, write):
    lines = ["B := 2 > 1", "open_file ('o.txt', 'output', F)", "fwrite_string (F, B)", "fwrite_string (F, [B,not B])"]
    assert dlproc("run", write("\n".join([*lines, "close_file (F)", "throw ([B,1])"])))[2].endswith(": 1 1\n")
    assert Path("o.txt").read_text(encoding="utf-8") == "110"


def test_a_line_that_cannot_be_understood(dlproc, write):
    code, _, err = dlproc("run", write("X := 1\nX := := 2"))
    assert code == 2
    assert err.startswith("dlproc: error: program.hdev, procedure main, line 2, column 6: expected ")


def test_a_model_of_halcon_says_what_to_do(dlproc, write):
    Path("part.hdl").write_bytes(b"HALCON dl model" + bytes(range(256)))
    code, _, err = dlproc("run", write("read_dl_model ('part.hdl', DLModelHandle)"))
    assert code == 2
    assert "read_dl_model ('part.hdl', DLModelHandle): part.hdl: " in err
    assert "train anew, three lines: model = dl.read_dl_model('initial_dl_anomaly_medium.hdl'); " in err
    assert err.endswith("dl.write_dl_model(model, 'part.hdl'))\n")


def test_port(dlproc, write):
    code, out, err = dlproc("port", write(WRITES))
    assert (code, err) == (0, "wrote program.py\n")
    assert out.startswith(
        "program.hdev: 3 calls, 0 of them not in dlproc\n"
        "  from dlproc: close_file, fwrite_string, open_file\n"
    )  # fmt: skip
    assert 'dl.fwrite_string(file_handle, f"{number} {len(names)} {names[0]}\\n")' in Path("program.py").read_text()


def test_port_leaves_what_cannot_be_understood(dlproc, write):
    code, out, _ = dlproc("port", write("X := 1\nendfor"))
    assert code == 1
    assert out.endswith("  to port: main, line 2: endfor cannot be understood: expected a statement; got 'endfor'\n")
    assert "raise NotImplementedError(" in Path("program.py").read_text(encoding="utf-8")


def test_port_with_something_left(dlproc, write):
    code, out, _ = dlproc("port", write("X := 1\nfind_shape_model (X)\nY := frobnicate(X)"), "-o", "ported.py")
    assert code == 1
    assert out == (
        "program.hdev: 2 calls, 2 of them not in dlproc\n"
        "  to port: main, line 2: find_shape_model\n"
        "  to port: main, line 3: frobnicate\n"
    )
    text = Path("ported.py").read_text(encoding="utf-8")
    assert (
        "    # TODO port: find_shape_model (line 2)\n    # find_shape_model (X)\n    raise NotImplementedError(" in text
    )


def test_what_is_wrong_with_a_call_is_reported(dlproc, write):
    code, out, _ = dlproc("port", write("tuple_sum (X)\nY := summ(X)\nthreshold (Image, Region)"))
    assert code == 1
    assert out == (
        "program.hdev: 3 calls, 3 of them not in dlproc\n"
        "  to port: main, line 1: sum is called with another number of parameters than it has\n"
        "  to port: main, line 2: summ\n"
        "  to port: main, line 3: threshold is called otherwise than HALCON's "
        "threshold (Image : Region : MinGray, MaxGray : )\n"
    )


def test_port_replaces_nothing_by_itself(dlproc, write):
    name = write(WRITES)
    Path("program.py").write_text("mine", encoding="utf-8")
    assert dlproc("port", name) == (
        2,
        "",
        "dlproc: error: program.py: expected a file that does not exist yet; got an existing one "
        "(--force replaces it)\n",
    )
    assert Path("program.py").read_text(encoding="utf-8") == "mine"
    assert dlproc("port", name, "--force")[0] == 0
    assert dlproc("port", name, "-o", name, "--force")[0] == 2
    assert "<hdevelop" in Path(name).read_text(encoding="utf-8")


def test_a_damaged_library(dlproc, write, tmp_path):
    """Beside the program it is passed over; where it is asked for it is an error."""
    name = write("X := 1\nfind_shape_model (X)")
    Path("old.hdpl").write_text("<hdevelop", encoding="utf-8")
    assert dlproc("port", name)[0] == 1
    (tmp_path / "lib").mkdir()
    Path("old.hdpl").rename(tmp_path / "lib" / "old.hdpl")
    code, _, err = dlproc("port", name, "--force", "--procedures", "lib")
    assert code == 2
    assert "old.hdpl" in err


def test_a_file_that_is_none(dlproc, tmp_path):
    path = tmp_path / "x.hdev"
    assert dlproc("port", path)[2] == f"dlproc: error: {path}: expected a file of HDevelop; got no such file\n"
    path.write_text("X := 1", encoding="utf-8")
    assert dlproc("run", path)[0] == 2


def test_a_caught_error_tells_its_line(dlproc, write):
    lines = """
try
    X := 1

    read_image (Image, 'no.png')
catch (Exception)
    dev_get_exception_data (Exception, ['program_line','operator','procedure'], Data)
    open_file ('out.txt', 'output', FileHandle)
    fwrite_string (FileHandle, Data[0] + ' ' + Data[1] + ' ' + Data[2] + ' ' + Exception[0])
    close_file (FileHandle)
endtry
"""
    assert dlproc("run", write(lines), "--no-display") == (0, "", "")
    assert Path("out.txt").read_text(encoding="utf-8") == "4 read_image main 5200"
