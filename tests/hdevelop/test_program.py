"""From a file to a tree and back to text."""

from xml.sax.saxutils import escape

from dlproc.hdevelop.files import read_hdevelop
from dlproc.hdevelop.parser import parse_procedure
from dlproc.hdevelop.printer import print_procedure

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


def test_a_program_from_its_file(tmp_path):
    tags = ["c" if line.startswith("*") else "l" for line in PROGRAM.splitlines()]
    body = "\n".join(f"<{tag}>{escape(line)}</{tag}>" for tag, line in zip(tags, PROGRAM.splitlines(), strict=True))
    path = tmp_path / "sum.hdev"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<hdevelop file_version="1.2" halcon_version="24.11.1.0">\n'
        f'<procedure name="main">\n<interface/>\n<body>\n{body}\n</body>\n</procedure>\n</hdevelop>\n',
        encoding="utf-8",
    )
    (procedure,) = read_hdevelop(path).procedures
    tree = parse_procedure([line.text for line in procedure.lines], where="main")
    assert [statement.line for statement in tree] == [1, 2, 3, 4, 12]
    assert "\n".join(print_procedure(tree)) == PROGRAM
