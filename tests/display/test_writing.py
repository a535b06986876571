"""Texts in windows. What is written is looked up among the marks; where it stands is seen in the picture."""

import numpy as np
import pytest

import dlproc as dl
from dlproc.display.marks import Words


@pytest.fixture
def window():
    """A black window of 400 x 300 pixels over an image of 200 x 150."""
    handle = dl.dev_open_window(0, 0, 400, 300, "black")
    dl.dev_display(np.zeros((150, 200), np.uint8))
    return handle


def written(window):
    return [one.mark.lines for one in window.marks if isinstance(one.mark, Words)]


def ink(window):
    """Rows and columns between which something is seen: first row, last row, first column, last column."""
    seen = (dl.dump_window_image(window) > 60).any(axis=2)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("top", "left", (12, None, 12, None)),
        ("bottom", "right", (None, 288, None, 388)),
        (100, 50, (100, None, 50, None)),
    ],
)
def test_where_a_text_stands(window, row, column, expected):
    dl.disp_text(window, "Hg", "window", row, column, "white", "box", "false")
    for seen, wanted in zip(ink(window), expected, strict=True):
        assert wanted is None or abs(seen - wanted) <= 5


def test_a_text_in_the_middle(window):
    dl.dev_disp_text("HHH", "window", "center", "center", "white", "box", "false")
    first_row, last_row, first_column, last_column = ink(window)
    assert (first_row + last_row) / 2 == pytest.approx(150, abs=4)
    assert (first_column + last_column) / 2 == pytest.approx(200, abs=2)


def test_a_text_in_the_image(window):
    dl.disp_message(window, "H", "image", 100, 50, "white", "false")
    first_row, _, first_column, _ = ink(window)
    assert (first_row, first_column) == pytest.approx((200, 100), abs=6)  # the window shows the image twice as large
    dl.clear_window(window)
    dl.dev_set_part(75, 0, 149, 99)
    dl.disp_message(window, "H", "image", 100, 50, "white", "false")
    assert ink(window)[0] == pytest.approx(100, abs=8)


def test_lines_in_colours(window):
    dl.dev_disp_text(["HHHH", "HHHH", "HHHH"], "window", 20, 20, ["red", "green"], "box", "false")
    image = dl.dump_window_image(window).astype(int)
    strongest = [image[top : top + 14, 20:70].sum(axis=(0, 1)).argmax() for top in (22, 42, 62)]
    assert strongest == [0, 1, 0]
    assert written(window) == [["HHHH", "HHHH", "HHHH"]]


def test_boxes(window):
    dl.disp_message(window, "text", "window", 12, 12, "black", "true")
    assert dl.dump_window_image(window)[10, 20].tolist() == [252, 233, 212]  # #fce9d4
    dl.clear_window(window)
    dl.disp_message(window, "text", "window", 12, 12, "black", "blue")
    assert dl.dump_window_image(window)[10, 20].tolist() == [0, 0, 255]
    dl.clear_window(window)
    dl.disp_message(window, "text", "window", 12, 12, "black", "false")
    assert dl.dump_window_image(window).max() == 0  # black on black
    dl.dev_disp_text("text", "window", 12, 12, "black", ["box_color", "shadow"], ["#00ff00", "false"])
    assert dl.dump_window_image(window)[10, 20].tolist() == [0, 255, 0]
    dl.clear_window(window)
    dl.dev_disp_text("text", "window", 12, 12, "black", {"box": "false"})
    assert dl.dump_window_image(window).max() == 0


def test_numbers_and_several_places(window):
    dl.disp_message(window, "score " + "0.5", "window", -1, -1, "white", "false")
    dl.disp_text(window, [1, 2.0, 1e10], "image", [10, 20, 30], [10, 20, 30], "white")
    dl.disp_text(window, "x", "image", [10, 20], 5, ["red", "green"])
    assert written(window) == [["score 0.5"], ["1"], ["2.0"], ["1e+10"], ["x"], ["x"]]
    words = [one.mark for one in window.marks if isinstance(one.mark, Words)]
    assert (words[0].row, words[0].column) == (12, 12)
    assert [(one.row, one.column, one.colors) for one in words[4:]] == [(10, 5, ("#ff0000",)), (20, 5, ("#00ff00",))]


def test_the_windows_own_colour(window):
    dl.dev_set_color("green")
    for color in ("", [], "auto"):
        dl.dev_disp_text("x", "window", 12, 12, color)
    assert {one.mark.colors for one in window.marks if isinstance(one.mark, Words)} == {("#00ff00",)}


@pytest.mark.parametrize("text", ["Press Run (F5) to continue", "  press F5 to go on", ["Press 'F5'", "second line"]])
def test_nobody_is_asked_to_press_run(window, text):
    dl.dev_disp_text(
        text if isinstance(text, str) else ["Press Run", "x"], "window", "bottom", "right", "black", [], []
    )
    dl.disp_continue_message(window, "black", "true")
    dl.disp_end_of_program_message(window, "black", "true")
    assert written(window) == []


def test_an_exception_is_written(window):
    dl.dev_disp_error_text([5200, 0, "part.png: expected an existing file; got none", "read_image", 7])
    dl.dev_disp_error_text("something", "to know")
    assert written(window) == [
        ["Error 5200", "part.png: expected an existing file; got none"],
        ["something", "to know"],
    ]


def test_a_dollar_and_letters_that_the_font_lacks(window):
    dl.dev_disp_text(["$x_1$ costs 5$", "检测"], "window", 12, 12, "white", "box", "false")
    assert ink(window)[0] < 30


# ------------------------------------------------------------------------------------------------------------------ fonts


def test_the_height_of_letters(window):
    heights = []
    for size in (20, 40):
        dl.set_display_font(window, size, "mono", "true", "false")
        dl.disp_text(window, "H", "window", 12, 12, "white", "box", "false")
        first, last, *_ = ink(window)
        heights.append(last - first + 1)
        dl.clear_window(window)
    assert heights[1] == pytest.approx(2 * heights[0], abs=2)
    assert heights[1] == pytest.approx(40 * 0.73, abs=3)  # a capital of DejaVu Sans Mono is 0.73 of its size


@pytest.mark.parametrize(
    ("font", "expected"),
    [
        ("mono-18", "mono-18"),
        ("default-Bold-20", "sans-Bold-20"),
        ("Arial-Italic-12", "sans-Italic-12"),
        ("-Courier-18-*-*-*-*-", "mono-18"),
        ("Times New Roman-14", "serif-14"),
        ("Consolas", "mono-16"),
    ],
)
def test_names_of_fonts(window, font, expected):
    dl.set_font(window, font)
    assert dl.get_font(window) == expected
    dl.set_font(window, dl.get_font(window))
    assert dl.get_font(window) == expected


def test_set_display_font(window):
    dl.set_display_font(window, -1, "sans", "false", "true")
    assert dl.get_font(window) == "sans-Italic-16"
    dl.set_display_font(window, 20, "Courier", 1, 0)
    assert dl.get_font(window) == "mono-Bold-20"


def test_the_room_that_a_text_takes(window):
    dl.set_display_font(window, 20, "mono", "false", "false")
    ascent, descent, width, height = dl.get_string_extents(window, "Hello")
    assert (ascent, descent, width, height) == (16, 4, 60, 20)
    assert dl.get_font_extents(window) == (16, 4, 12, 20)
    assert "Courier" in dl.query_font(window)
    dl.disp_text(window, "HHHHH", "window", 12, 12, "white", "box", "false")
    _, _, first, last = ink(window)
    assert last - first == pytest.approx(width, abs=4)


# ---------------------------------------------------------------------------------------------------------- text cursor


def test_write_string_goes_on_where_it_stopped(window):
    dl.set_color(window, "white")
    dl.set_tposition(window, 100, 50)
    dl.write_string(window, "Teil ")
    dl.write_string(window, [7, ": gut"])
    dl.new_line(window)
    dl.write_string(window, "second")
    assert written(window) == [["Teil 7: gut", "second"]]
    assert ink(window)[0] == pytest.approx(200, abs=8) and ink(window)[2] == pytest.approx(100, abs=4)
    dl.set_tposition(window, 10, 10)
    dl.write_string(window, "elsewhere")
    assert written(window) == [["Teil 7: gut", "second"], ["elsewhere"]]


def test_write_string_without_a_place(window):
    dl.write_string(window, "x")
    assert written(window) == [["x"]]


# ----------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda w: dl.disp_text(w, "x", "screen", 1, 1, "red"), 1303, "coord_system: expected one of 'window', 'image'; got 'screen'"),
        (lambda w: dl.disp_text(w, "x", "window", "botom", 1, "red"), 1304, "row: expected one of 'top', 'center', 'bottom'; got 'botom' (did you mean 'bottom'?)"),
        (lambda w: dl.disp_text(w, "x", "image", "top", 1, "red"), 1304, "row: expected a number, in the image; got 'top'"),
        (lambda w: dl.disp_text(w, ["x", "y"], "image", [1, 2, 3], 1, "red"), 1401, "string: expected 1 text, or 3, one for each place; got 2"),
        (lambda w: dl.disp_text(w, "x", "image", [1, 2], [1, 2, 3], "red"), 1404, "row, column: expected as many of both; got 2, 3"),
        (lambda w: dl.disp_text(w, "x", "window", 1, 1, "red", "box_colour", "red"), 1306, "gen_param_name: expected one of 'box', 'box_color', 'shadow', 'shadow_color', 'border_radius', 'box_padding', 'shadow_sigma', 'shadow_dx', 'shadow_dy'; got 'box_colour' (did you mean 'box_color'?)"),
        (lambda w: dl.disp_text(w, "x", "window", 1, 1, "red", "box", []), 1407, "gen_param_value: expected 1 values, one for each name; got 0"),
        (lambda w: dl.disp_text(w, "x", "window", 1, 1, "rde"), 1301, "color: expected a colour, '#rrggbb', '#rrggbbaa' or a name like 'light gray'; got 'rde' (did you mean 'red'?)"),
        (lambda w: dl.set_font(w, 5), 1202, "font: expected a font's name, such as 'mono-16'; got 5"),
        (lambda w: dl.set_display_font(w, 0, "mono", "true", "false"), None, "size: expected a number in [1, 1000]; got 0.0"),
        (lambda w: dl.set_display_font(w, 9, "mono", "bold", "false"), None, "bold: expected True, False; got 'bold'"),
        (lambda w: dl.write_string("w", "x"), 2404, "window_handle: expected a window from dev_open_window; got 'w'"),
    ],
)  # fmt: skip
def test_errors(window, call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call(window)
    assert str(caught.value) == message
    assert caught.value.halcon_code == code
    assert written(window) == []
