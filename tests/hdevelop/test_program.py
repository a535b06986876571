"""From a file to a tree and back to text."""

from xml.sax.saxutils import escape

from dlproc.hdevelop import syntax
from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.printer import print_procedure
from dlproc.hdevelop.program import read_program

PROGRAM = """\
* Bright parts, and how large they are together
list_image_files ('images', 'default', [], ImageFiles)
Sum := 0
for Index := 0 to |ImageFiles| - 1 by 1
    read_image (Image, ImageFiles[Index])
    threshold (Image, Region, 128, 255)
    area_center (Region, Area, Row, Column)
    if (Area > 100 and Row < 50.5)
        Sum := Sum + Area
    endif
endfor
Text := 'Sum: ' + Sum$'.2f'"""


def written(folder, body):
    path = folder / "sum.hdev"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<hdevelop file_version="1.2" halcon_version="24.11.1.0">\n'
        f'<procedure name="main">\n<interface/>\n<body>\n{body}\n</body>\n</procedure>\n</hdevelop>\n',
        encoding="utf-8",
    )
    return path


def test_a_program_from_its_file(tmp_path):
    tags = ["c" if line.startswith("*") else "l" for line in PROGRAM.splitlines()]
    body = "\n".join(f"<{tag}>{escape(line)}</{tag}>" for tag, line in zip(tags, PROGRAM.splitlines(), strict=True))
    (procedure,) = read_hdevelop(written(tmp_path, body)).procedures
    tree = parse_procedure([line.text for line in procedure.lines], where="main")
    assert [statement.line for statement in tree] == [1, 2, 3, 4, 12]
    assert "\n".join(print_procedure(tree)) == PROGRAM


def test_a_long_statement_that_is_switched_off(tmp_path):
    """All its lines are, though only the first has a star: a genuine program has such a statement."""
    body = "<l>try</l>\n<l>    *f (A, \\\n        B)</l>\n<c>not understood</c>\n<l>catch (E)</l>\n<l>endtry</l>"
    (statement,) = read_program(written(tmp_path, body)).procedures[0].body
    assert statement.body == (
        syntax.Comment("f (A, \\"),
        syntax.Comment("         B)"),
        syntax.Comment(" not understood"),
    )
    assert statement.catch.line == 5
