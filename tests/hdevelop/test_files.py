"""Files of HDevelop, written here by hand in the form of several versions."""

import contextlib
import gc
import tracemalloc
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlproc.errors import DLFileError
from dlproc.hdevelop import files
from dlproc.hdevelop.files import Interface, Line, Parameter, Procedure, parse_hdevelop, read_hdevelop

PROGRAM = """\
<?xml version="1.0" encoding="UTF-8"?>
<hdevelop file_version="1.2" halcon_version="24.11.1.0">
<procedure name="main">
<interface/>
<body>
<c>* Prüft ein Bild &amp; zählt.</c>
<c></c>
<l>read_image (Image, 'teil_ä')</l>
<l>if (Area &lt; 5 and Name # 'a&amp;b')</l>
<l as_id="image_acquisition" as_name="Image Acquisition 01" as_grp="[1,1]" as_ord="1">    count (Image, \\
           Number) // all of them</l>
<c>    * indented</c>
<l>*    dev_display (Image)</l>
<l>  * stop ()</l>
<l>endif</l>
<c>  </c>
</body>
<docu id="main">
<parameters/>
</docu>
</procedure>
<procedure name="count" access="local">
<interface>
<io>
<par name="Image" base_type="iconic" dimension="0"/>
</io>
<oo>
<par name="Parts" base_type="iconic" dimension="1"/>
</oo>
<ic>
<par name="Low" base_type="ctrl" dimension="0"/>
<par name="High" base_type="ctrl" dimension="0"/>
</ic>
<oc>
<par name="Numbers" base_type="ctrl" dimension="2"/>
</oc>
</interface>
<body>
<l>return ()</l>
</body>
<docu id="count">
<short lang="de_DE">Zählt.</short>
<parameters>
<parameter id="High"><type_list><item>integer</item></type_list><l>no line</l></parameter>
</parameters>
</docu>
</procedure>
</hdevelop>
"""
# An older form: a short version number, no vectors and hence no dimensions, no documentation
PROCEDURE = """\
<?xml version="1.0" encoding="UTF-8"?>
<hdevelop file_version="1.0" halcon_version="11.0">
<procedure name="to_gray">
<interface>
<io>
<par name="Image" base_type="iconic"/>
</io>
</interface>
<body>
<l>return ()</l>
</body>
</procedure>
</hdevelop>
"""
LIBRARY = """\
<?xml version="1.0" encoding="UTF-8"?>
<hdevelop file_version="1.2" halcon_version="26.05.0.0">
<library/>
<procedure name="main">
<interface/>
<body>
</body>
<docu id="main"><parameters/></docu>
</procedure>
<procedure name="hidden" access="local">
<interface/>
<body>
<l>return ()</l>
</body>
<docu id="hidden"><parameters/></docu>
</procedure>
</hdevelop>
"""


def parse(text):
    return parse_hdevelop(text.encode(), "a.hdev")


def message_of(content):
    with pytest.raises(DLFileError) as caught:
        parse_hdevelop(content if isinstance(content, bytes) else content.encode(), "a.hdev")
    assert caught.value.halcon_code == 7780
    return str(caught.value)


def test_a_program(tmp_path):
    path = tmp_path / "prüfen.hdev"
    path.write_text(PROGRAM, encoding="utf-8")
    program = read_hdevelop(path)
    assert (program.path, program.kind, program.version, program.file_version, program.skipped) == (
        str(path),
        "program",
        "24.11.1.0",
        "1.2",
        (),
    )
    main, count = program.procedures
    assert main == Procedure(
        "main",
        Interface(),
        (
            Line(1, "comment", "* Prüft ein Bild & zählt."),
            Line(2, "comment", ""),
            Line(3, "code", "read_image (Image, 'teil_ä')"),
            Line(4, "code", "if (Area < 5 and Name # 'a&b')"),
            Line(5, "code", "    count (Image, \\\n           Number) // all of them"),
            Line(7, "comment", "    * indented"),
            Line(8, "code", "*    dev_display (Image)", is_disabled=True),
            Line(9, "code", "  * stop ()", is_disabled=True),
            Line(10, "code", "endif"),
            Line(11, "comment", "  "),
        ),
        is_main=True,
    )
    assert count == Procedure(
        "count",
        Interface(
            (Parameter("Image"),),
            (Parameter("Parts", 1),),
            (Parameter("Low"), Parameter("High")),
            (Parameter("Numbers", 2),),
        ),
        (Line(1, "code", "return ()"),),
        is_local=True,
    )
    assert [par.name for par in count.interface.parameters] == ["Image", "Parts", "Low", "High", "Numbers"]


def test_a_procedure_of_an_old_version():
    procedure = parse(PROCEDURE)
    assert (procedure.kind, procedure.version, procedure.file_version) == ("procedure", "11.0", "1.0")
    assert procedure.procedures == (
        Procedure("to_gray", Interface(iconic_inputs=(Parameter("Image"),)), (Line(1, "code", "return ()"),)),
    )


def test_a_library_has_no_main():
    library = parse(LIBRARY)
    assert library.kind == "library"
    assert [(p.name, p.is_main, p.is_local, len(p.lines)) for p in library.procedures] == [
        ("main", False, False, 0),
        ("hidden", False, True, 1),
    ]


@pytest.mark.parametrize(
    "content",
    [
        PROGRAM.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + PROGRAM.encode(),
        PROGRAM.replace("UTF-8", "UTF-16").encode("utf-16"),
        PROGRAM.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        PROGRAM.replace("UTF-8", "windows-1252").encode("cp1252"),
        PROGRAM.replace('<?xml version="1.0" encoding="UTF-8"?>\n', "").encode(),
        PROGRAM.replace(
            "<l>if (Area &lt; 5 and Name # 'a&amp;b')", "<l><![CDATA[if (Area < 5 and ]]>Name # 'a<![CDATA[&]]>b')"
        ).encode(),
        PROGRAM.replace("<body>", "<!-- the lines -->\n  <body>\n\n").encode(),
        PROGRAM.replace("<l>endif</l>", "<l>\nendif\n</l>").encode(),
    ],
    ids=["crlf", "mark", "utf-16", "latin-1", "cp1252", "undeclared", "cdata", "spaced", "breaks"],
)
def test_the_same_program_in_another_writing(content):
    assert parse_hdevelop(content, "a.hdev") == parse(PROGRAM)


def test_a_comment_never_has_a_line_break():
    text = PROGRAM.replace("<c>    * indented</c>", "<c>* one\n* two&#13;import os</c>")
    lines = parse(text).procedures[0].lines
    assert lines[5:9] == (
        Line(7, "comment", "* one"),
        Line(8, "comment", "* two"),
        Line(9, "comment", "import os"),
        Line(10, "code", "*    dev_display (Image)", is_disabled=True),
    )


def test_what_hdevelop_could_not_understand_is_a_comment():
    text = PROGRAM.replace("<c>    * indented</c>", "<c>``</c>\n<c>    *threshold (, 'a')</c>").replace("endif", " ")
    lines = parse(text).procedures[0].lines
    assert lines[5:7] == (Line(7, "comment", "``"), Line(8, "comment", "    *threshold (, 'a')"))
    assert lines[9] == Line(11, "comment", " ")  # blank, though <l>


def test_what_is_not_known_beside_the_code_is_noted():
    text = PROGRAM.replace("<interface/>", "<note>n</note>\n<interface/>", 1).replace(
        "</hdevelop>", "<more/></hdevelop>"
    )
    program = parse(text)
    assert program.skipped == ("<more> at line 49, column 1", "<note> at line 4, column 1")
    assert program.procedures == parse(PROGRAM).procedures


def broken(old, new, text=PROGRAM):
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"",
            "a file of HDevelop, which is XML; got an empty file (programs of HALCON 9 and older (.dev, .dvp) and procedures protected by a password are not: in HDevelop, take the password off, and save as .hdev or .hdvp)",
        ),
        (
            b"\x00\x01HDEV",
            "a file of HDevelop, which is XML; got other bytes (programs of HALCON 9 and older (.dev, .dvp) and procedures protected by a password are not: in HDevelop, take the password off, and save as .hdev or .hdvp)",
        ),
        (
            PROGRAM[:200],
            "well-formed XML at line 8, column 16; got no element found (the file is damaged)",
        ),
        (
            broken("</l>", "</c>"),
            "well-formed XML at line 8, column 34; got mismatched tag (the file is damaged)",
        ),
        (
            broken("&amp;", "&evil;"),
            "well-formed XML at line 6, column 21; got undefined entity (the file is damaged)",
        ),
        (
            PROGRAM.encode("latin-1"),
            "well-formed XML at line 6, column 8; got not well-formed (invalid token) (the file is damaged)",
        ),
        (
            broken("UTF-8", "idna"),
            "the encoding UTF-8; got 'idna' (in HDevelop, save the file again)",
        ),
        (
            "<html/>",
            "<hdevelop> at line 1, column 1; got <html> (this is another kind of XML)",
        ),
        (
            broken('"1.2"', '"2.0"'),
            "file_version 1.x at line 2, column 1; got '2.0' (HALCON 12 to 26 write 1.1 and 1.2)",
        ),
        (
            broken(' file_version="1.2"', ""),
            "file_version 1.x at line 2, column 1; got none (HALCON 12 to 26 write 1.1 and 1.2)",
        ),
        (
            broken('"main"', '"start"'),
            "a program with main, one procedure, or a library in <hdevelop> at line 2, column 1; got 2 procedures, none of them main",
        ),
        (
            '<hdevelop file_version="1.2"/>',
            "a program with main, one procedure, or a library in <hdevelop> at line 1, column 1; got none",
        ),
        (
            broken('"count"', '"main"'),
            "another name for a procedure at line 22, column 1; got 'main' again",
        ),
        (
            broken('"count"', '"f():\nimport os"'),
            "a procedure's name at line 22, column 1; got 'f(): import os' (letters, digits and _ only, no digit first)",
        ),
        (
            broken('name="to_gray"', "", PROCEDURE),
            "a procedure's name at line 3, column 1; got none (letters, digits and _ only, no digit first)",
        ),
        (
            broken("<body>\n<l>return ()</l>\n</body>", "<encrypted>Zm9v</encrypted>", PROCEDURE),
            "the lines (<body>) of the procedure 'to_gray' at line 3, column 1; got none (protected by a password? Take it off in HDevelop, and save again)",
        ),
        (
            broken("<l>return ()</l>", "Zm9v", PROCEDURE),
            "lines (<l>, <c>) of the procedure 'to_gray' at line 9, column 1; got text outside of them (protected by a password? Take it off in HDevelop, and save again)",
        ),
        (
            broken("<l>return ()</l>", "<x>Zm9v</x>", PROCEDURE),
            "a line (<l>, <c>) of the procedure 'to_gray' at line 10, column 1; got <x> (protected by a password? Take it off in HDevelop, and save again)",
        ),
        (
            broken("return ()", "return (<b/>)", PROCEDURE),
            "the text of a line of the procedure 'to_gray' at line 10, column 12; got <b> (in the text of a line, < is &lt;)",
        ),
        (
            broken("</body>", "</body><body/>"),
            "one <body> of the procedure 'main' at line 17, column 8; got another",
        ),
        (
            broken("io>", "xx>", PROCEDURE).replace("</io>", "</xx>"),
            "<io>, <oo>, <ic> or <oc> of the procedure 'to_gray' at line 5, column 1; got <xx>",
        ),
        (
            broken("<par ", "<pat ", PROCEDURE),
            "<par> of the procedure 'to_gray' at line 6, column 1; got <pat>",
        ),
        (
            broken('name="Low"', 'name="1"'),
            "a parameter's name of the procedure 'count' at line 31, column 1; got '1' (letters, digits and _ only, no digit first)",
        ),
        (
            broken('name="Low"', 'name="Image"'),
            "another name for a parameter of the procedure 'count' at line 31, column 1; got 'Image' again",
        ),
        (
            broken('"iconic"', '"ctrl"', PROCEDURE),
            "base_type iconic of 'Image' in <io> of the procedure 'to_gray' at line 6, column 1; got 'ctrl'",
        ),
        (
            broken('dimension="2"', 'dimension="-1"'),
            "a dimension from 0 to 9 of 'Numbers' of the procedure 'count' at line 35, column 1; got '-1'",
        ),
    ],
)
def test_what_is_no_such_file_says_why(content, message):
    assert message_of(content) == "a.hdev: expected " + message


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(DLFileError) as caught:
        read_hdevelop(tmp_path / "a.hdev")
    assert str(caught.value) == f"{tmp_path / 'a.hdev'}: expected a file of HDevelop; got no such file"
    assert caught.value.halcon_code == 5200
    with pytest.raises(DLFileError, match="a readable file of HDevelop") as caught:
        read_hdevelop(tmp_path)
    assert caught.value.halcon_code == 7780
    with pytest.raises(DLFileError, match="a readable file of HDevelop; got 'embedded null"):
        read_hdevelop("a\0b.hdev")


# A file that would grow without end, and one that asks for another file.
LAUGHS = '<!DOCTYPE hdevelop [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE hdevelop SYSTEM "{url}" [<!ENTITY e SYSTEM "{url}">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, EXTERNAL, "<!DOCTYPE hdevelop>"])
def test_no_document_type_thus_no_entities(tmp_path, doctype):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    doctype = doctype.replace("{url}", secret.as_uri())
    message = message_of(PROGRAM.replace("<hdevelop", doctype + "\n<hdevelop", 1).replace("&amp;", "&e;", 1))
    expected = "no document type at line 2, column "
    assert message.startswith("a.hdev: expected " + expected)
    assert message.endswith("; got <!DOCTYPE hdevelop> (files of HDevelop have none, and it can do harm)")


def test_bounds_on_depth_bytes_and_elements(monkeypatch, tmp_path):
    assert message_of("<a>" * 100) == "a.hdev: expected elements at most 32 deep; got a deeper <a> at line 1, column 97"
    monkeypatch.setattr(files, "MAX_ELEMENTS", 10)
    assert (
        message_of(PROGRAM)
        == "a.hdev: expected at most 10 elements; got more at line 13, column 1 (no program is as large)"
    )
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    path = tmp_path / "a.hdev"
    path.write_text(PROGRAM, encoding="utf-8")
    with pytest.raises(DLFileError) as caught:
        read_hdevelop(path)
    assert str(caught.value) == f"{path}: expected at most 1000 bytes; got more (no program is as large)"


def test_the_largest_file_takes_bounded_memory():
    """Lines and nothing else, as many as fit: a few hundred bytes each."""
    content = b'<hdevelop file_version="1.2"><procedure name="main"><body>' + b"<c/>" * 20_000
    content += b"</body></procedure></hdevelop>"
    gc.collect()
    tracemalloc.start()
    lines = parse_hdevelop(content, "a.hdev").procedures[0].lines
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == 20_000
    assert peak < 20_000 * 1000


# What HDevelop could have written: any text that XML can hold, in any of the places.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True)
LINES = st.lists(st.tuples(st.sampled_from("lc"), TEXTS), max_size=6)
PARAMETERS = st.lists(st.tuples(NAMES, st.integers(0, 3)), max_size=8, unique_by=lambda par: par[0])
PROCEDURES = st.lists(st.tuples(NAMES, PARAMETERS, LINES), max_size=3, unique_by=lambda procedure: procedure[0])
GROUPS = {"io": "iconic", "oo": "iconic", "ic": "ctrl", "oc": "ctrl"}


def group(tag, parameters):
    pars = "".join(
        f"<par name={quoteattr(name)} base_type='{GROUPS[tag]}' dimension='{n}'/>\n" for name, n in parameters
    )
    return f"<{tag}>\n{pars}</{tag}>\n" if pars else ""


def written(procedures):
    text = "<?xml version='1.0' encoding='UTF-8'?>\n<hdevelop file_version='1.2' halcon_version='20.11'>\n<library/>\n"
    for name, parameters, lines in procedures:
        interface = "".join(group(tag, parameters[i::4]) for i, tag in enumerate(GROUPS))
        body = "".join(f"<{tag}>{escape(line)}</{tag}>\n" for tag, line in lines)
        text += (
            f"<procedure name='{name}'>\n<interface>\n{interface}</interface>\n<body>\n{body}</body>\n</procedure>\n"
        )
    return (text + "</hdevelop>\n").encode()


@settings(deadline=None)
@given(PROCEDURES)
def test_what_is_written_is_read(procedures):
    read = parse_hdevelop(written(procedures), "a.hdpl").procedures
    assert [procedure.name for procedure in read] == [name for name, _, _ in procedures]
    for procedure, (_, parameters, lines) in zip(read, procedures, strict=True):
        found = procedure.interface
        groups = (found.iconic_inputs, found.iconic_outputs, found.control_inputs, found.control_outputs)
        for i, pars in enumerate(groups):
            assert [(par.name, par.dimension) for par in pars] == parameters[i::4]
        assert [line.text for line in procedure.lines] == [text for _, text in lines]
        assert [line.number for line in procedure.lines] == list(range(1, len(lines) + 1))


def check_a_result_or_an_error(content):
    with contextlib.suppress(DLFileError):
        for procedure in parse_hdevelop(content, "a.hdev").procedures:
            assert all(
                "\n" not in line.text and "\r" not in line.text for line in procedure.lines if line.kind == "comment"
            )


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes(content):
    check_a_result_or_an_error(content)
    check_a_result_or_an_error(b'<hdevelop file_version="1.2"><procedure name="main"><body>' + content)


SNIPPETS = [b"<", b">", b"/", b"&", b'"', b"&#0;", b"&lt;", b"<l>", b"</l>", b"<c/>", b"<![CDATA[", b"]]>", b"<!--"]
SNIPPETS += [
    b"<!DOCTYPE a>",
    b"<?a b?>",
    b"<body>",
    b"</body>",
    b"<docu>",
    b"\xff",
    b"\0",
    b"\r",
    b"UTF-16",
    b"\xef\xbb\xbf",
]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_files(data):
    content = data.draw(st.sampled_from([PROGRAM, PROCEDURE, LIBRARY])).encode()
    for _ in range(data.draw(st.integers(1, 4))):
        start, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 40))
        content = content[:start] + data.draw(st.sampled_from([b"", *SNIPPETS])) + content[start + length :]
    check_a_result_or_an_error(content)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: "'" not in text))
def test_any_encoding_declared(name):
    check_a_result_or_an_error(f"<?xml version='1.0' encoding='{name}'?>".encode() + PROGRAM.encode()[39:])


@pytest.mark.parametrize(
    ("lines", "n_characters"), [(["A := '" + "x" * 50_000 + "'"], 50_007), (["* " + "x" * 49_998] * 84, 84 * 50_000)]
)
def test_text_that_no_program_has(tmp_path, lines, n_characters):
    """One text of 10 MB took two gigabytes to translate."""
    path = tmp_path / "large.hdev"
    body = "".join(f"<l>{line}</l>\n" for line in lines)
    path.write_text(
        f'<hdevelop file_version="1.2"><procedure name="main"><interface/><body>{body}</body></procedure></hdevelop>'
    )
    with pytest.raises(DLFileError) as caught:
        files.read_hdevelop(path)
    assert str(caught.value).endswith(f"got {n_characters} (no program has more)")
    assert "expected lines of at most 50000 characters, 4194304 together, at line" in str(caught.value)
