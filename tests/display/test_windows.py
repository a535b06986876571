"""Windows: opening, size, part, colours, and their pictures in files."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import dlproc as dl
from dlproc.display.windows import finish

# ------------------------------------------------------------------------------------------------ opening and closing


def test_a_window_opens_and_closes(window):
    assert dl.dev_get_window() is window
    assert dl.get_window_extents(window) == (0, 0, 64, 48)
    other = dl.open_window(5, 7, 100, 50, 0, "visible", "")
    assert dl.get_window_extents(other) == (5, 7, 100, 50)
    assert dl.dev_get_window() is other
    dl.dev_set_window(window)
    assert dl.dev_get_window() is window
    dl.dev_close_window()
    assert dl.dev_get_window() is other
    dl.close_window([other])
    assert dl.dev_get_window() == -1
    dl.dev_close_window()  # without a window nothing is done


def test_a_window_opens_by_itself(gray):
    dl.dev_display(gray)
    assert dl.get_window_extents(dl.dev_get_window()) == (0, 0, 512, 512)


def test_an_integer_means_the_active_window(window, gray):
    dl.disp_image(gray, 3600)
    assert dl.dump_window_image(-1).min() == dl.dump_window_image(window).min() == 255


@pytest.mark.parametrize(
    ("shape", "limits", "expected"),
    [
        ((400, 640), (-1, -1), (640, 400)),  # within 500 to 800 and 400 to 600: as it is
        ((1200, 1600), (-1, -1), (800, 600)),
        ((120, 160), (-1, -1), (533, 400)),  # as large as both smallest sizes ask for
        ((1000, 100), (-1, -1), (60, 600)),  # the proportions and the largest size come before the smallest
        ((480, 640), ([], []), (640, 480)),
        ((480, 640), (320, 240), (320, 240)),
        ((240, 320), (600, 600), (320, 240)),  # one number only bounds from above
        ((480, 640), ([700, 900], [100, 900]), (700, 525)),
    ],
)
def test_windows_that_fit_an_image(shape, limits, expected):
    image = np.zeros(shape, np.uint8)
    window = dl.dev_open_window_fit_image(image, 0, 0, *limits)
    assert dl.get_window_extents(window)[2:] == expected
    other = dl.dev_open_window_fit_size(0, 0, shape[1], shape[0], *limits)
    assert dl.get_window_extents(other)[2:] == expected
    last = dl.dev_open_window(0, 0, 300, 300, "black")
    dl.dev_resize_window_fit_image(image, 0, 0, *limits)
    assert dl.get_window_extents(last)[2:] == expected
    dl.dev_resize_window_fit_size(0, 0, shape[1], shape[0], *limits)
    assert dl.get_window_extents(last)[2:] == expected


@pytest.mark.parametrize(
    ("shape", "size"), [((300, 400), (400, 300)), ((64, 32), (128, 256)), ((3000, 4000), (1024, 768))]
)
def test_a_window_may_take_the_size_of_its_image(shape, size):
    window = dl.dev_open_window(0, 0, -1, -1, "black")
    dl.dev_display(np.zeros(shape, np.uint8))
    assert dl.get_window_extents(window)[2:] == size


def test_the_extents_change(window):
    dl.dev_set_window_extents(-1, 9, 100, -1)
    assert dl.get_window_extents(window) == (0, 9, 100, 48)


# ------------------------------------------------------------------------------------------------ the part that is seen


def test_the_part_is_the_image_until_it_is_set():
    window = dl.dev_open_window(0, 0, 100, 50, "black")
    assert dl.get_part(window) == (0, 0, 49, 99)
    dl.dev_display(np.zeros((30, 40), np.uint8))
    assert dl.get_part(window) == (0, 0, 29, 39)
    dl.dev_set_part(10, 10, 19, 29)
    assert dl.get_part(window) == (10, 10, 19, 29)
    dl.dev_display(np.zeros((30, 40), np.uint8))
    assert dl.get_part(window) == (10, 10, 19, 29)
    dl.dev_display(np.zeros((60, 40), np.uint8))  # of another size: shown as a whole
    assert dl.get_part(window) == (0, 0, 59, 39)
    dl.set_part(window, 1, 1, 2, 2)
    dl.set_part(window, 0, 0, -1, -1)
    assert dl.get_part(window) == (0, 0, 59, 39)


def test_an_image_is_seen_pixel_by_pixel(window):
    image = np.random.Generator(np.random.PCG64(3)).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    dl.dev_display(image)
    np.testing.assert_array_equal(dl.dump_window_image(window), image)


def test_a_part_is_seen_enlarged(window):
    image = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)
    image = (image % 251).astype(np.uint8)
    dl.dev_set_part(8, 16, 19, 31)  # 12 x 16 pixels: each becomes 4 x 4
    dl.dev_display(image)
    expected = np.kron(image[8:20, 16:32], np.ones((4, 4), np.uint8))
    np.testing.assert_array_equal(dl.dump_window_image(window)[:, :, 1], expected)


def test_a_part_holds_for_what_is_shown_next(window, pixels, gray):
    gray[:, 32:] = 0
    dl.dev_display(gray)
    dl.dev_set_part(0, 32, 23, 63)
    assert pixels((5, 5), (5, 60)) == ["white", "black"]  # still as it was shown
    dl.disp_rectangle1(window, 0, 32, 11, 47)
    assert pixels((23, 31), (24, 31), (23, 32)) == ["red", "white", "black"]  # the upper left quarter of the window
    dl.dev_display(gray)
    assert pixels((5, 5), (5, 60)) == ["black", "black"]


def test_images_side_by_side_in_one_window(window, pixels, gray, tmp_path):
    """As programs do it: the part is chosen so that each image fills a part of the window."""
    dl.save_windows_to(tmp_path)
    small = gray[:24, :32]
    dl.dev_display(small)
    dl.dev_set_part(0, -32, 47, 31)  # the image in the upper right quarter
    green = np.zeros((24, 32, 3), np.uint8)
    green[:, :, 1] = 255
    dl.disp_obj(green, window)
    assert pixels((10, 10), (10, 50), (40, 50)) == ["white", "green", "black"]
    assert names(tmp_path) == []  # nothing was lost
    dl.disp_obj(green, window)
    dl.dev_set_part(0, 0, -1, -1)
    dl.dev_display(green)
    assert pixels((10, 10), (10, 50), (40, 50)) == ["green", "green", "green"]
    assert names(tmp_path) == ["window_1_001.png"]


def test_texts_of_old_programs_stand_where_they_were_put(window, gray):
    """They set the part to the window's pixels, write, and set it back."""
    dl.dev_display(gray)
    part = dl.get_part(window)
    dl.set_part(window, 0, 0, 479, 639)
    dl.set_color(window, "black")
    dl.disp_rectangle1(window, 100, 100, 199, 199)
    dl.set_part(window, *part)
    dark = np.argwhere(dl.dump_window_image(window)[:, :, 0] == 0)
    assert dark.min(axis=0).tolist() == [10, 10] and dark.max(axis=0).tolist() == [19, 19]


def test_without_a_part_pixels_are_square():
    window = dl.dev_open_window(0, 0, 100, 40, "#0000ff")
    dl.dev_display(np.full((20, 20), 255, np.uint8))
    image = dl.dump_window_image(window)
    assert (image[:, 30:70] == 255).all()
    assert (image[:, :30] == (0, 0, 255)).all() and (image[:, 70:] == (0, 0, 255)).all()


# ------------------------------------------------------------------------------------------------------------- pictures


@pytest.fixture
def folder(tmp_path):
    dl.save_windows_to(tmp_path / "new" / "pictures")
    return tmp_path / "new" / "pictures"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def value(path):
    """The one gray value of a picture."""
    with Image.open(path) as picture:
        (found,) = np.unique(np.asarray(picture))
    return found


def test_pictures_are_written_before_they_are_lost(folder, window):
    for gray in (10, 20, 30):
        dl.dev_display(np.full((48, 64), gray, np.uint8))
    assert [value(folder / name) for name in names(folder)] == [10, 20]  # the third is still to be seen
    dl.dev_clear_window()
    dl.dev_clear_window()
    assert names(folder) == ["window_1_001.png", "window_1_002.png", "window_1_003.png"]
    second = dl.dev_open_window(0, 0, 64, 48, "black")
    dl.dev_display(np.full((48, 64), 40, np.uint8))
    dl.flush_windows()
    dl.flush_windows()  # nothing has changed since
    dl.dev_close_window()
    assert names(folder)[3:] == ["window_2_001.png"]
    assert value(folder / "window_2_001.png") == 40
    assert repr(second) == "<Window 2, closed>"
    dl.dev_set_window(window)
    dl.dev_display(np.full((48, 64), 50, np.uint8))
    finish()
    assert value(folder / "window_1_004.png") == 50
    assert dl.dev_get_window() == -1


def test_one_warning_when_there_are_too_many(tmp_path, window):
    dl.save_windows_to(tmp_path, 2)
    with pytest.warns(UserWarning, match=r"holds 2 pictures: no more are written") as caught:
        for gray in range(6):
            dl.dev_display(np.full((48, 64), gray, np.uint8))
    assert len(caught) == 1
    assert names(tmp_path) == ["window_1_001.png", "window_1_002.png"]


def test_a_program_with_as_many_pictures_as_there_is_room_for_is_not_warned(tmp_path, window):
    dl.save_windows_to(tmp_path, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for gray in range(2):
            dl.dev_display(np.full((48, 64), gray, np.uint8))
        finish()
    assert len(names(tmp_path)) == 2


def test_the_folder_stays_where_it_was_named(tmp_path, monkeypatch, window, gray):
    monkeypatch.chdir(tmp_path)
    dl.save_windows_to("pictures")
    (tmp_path / "other").mkdir()
    dl.set_current_dir("other")
    dl.dev_display(gray)
    dl.flush_windows()
    assert names(tmp_path / "pictures") == ["window_1_001.png"]


def test_without_a_folder_nothing_is_drawn(window, gray, monkeypatch):
    monkeypatch.setattr("dlproc.display.rendering.draw_window", None)
    dl.dev_display(gray)
    dl.dev_clear_window()
    dl.dev_close_window()
    finish()


def test_with_the_display_off_there_are_handles_only(tmp_path, gray):
    dl.save_windows_to(tmp_path)
    dl.display_off()
    window = dl.dev_open_window(0, 0, 64, 48, "blue")
    dl.dev_display(gray)
    dl.disp_circle(window, 20, 20, 5)
    dl.disp_message(window, "text", "window", 12, 12, "black", "true")
    dl.dump_window(window, "png", tmp_path / "dump")
    assert dl.get_window_extents(window) == (0, 0, 64, 48)
    assert np.unique(dl.dump_window_image(window).reshape(-1, 3), axis=0).tolist() == [[0, 0, 255]]
    dl.dev_close_window()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("device", "name"),
    [("png", "a.png"), ("png best", "a.png"), ("bmp", "a.bmp"), ("tiff", "a.tif"), ("jpeg 100", "a.jpg")],
)
def test_dump_window(tmp_path, window, gray, device, name):
    dl.dev_display(gray)
    dl.dump_window(window, device, tmp_path / "a")
    assert names(tmp_path) == [name]
    with Image.open(tmp_path / name) as picture:
        image = np.asarray(picture)
    assert image.shape == (48, 64, 3)
    assert image.min() >= 254


# -------------------------------------------------------------------------------------------- what was shown stays as it was


def test_what_is_shown_is_a_copy(window, gray):
    dl.dev_display(gray)
    gray[:] = 0
    assert dl.dump_window_image(window).min() == 255


def test_a_window_does_not_grow_without_bound(window, gray):
    for _ in range(5):
        dl.dev_display(gray)
        dl.disp_line(window, 0, 0, 10, 10)
    assert len(window.marks) == 2
    for _ in range(3000):
        dl.disp_line(window, 0, 0, 10, 10)
    assert len(window.marks) == 2000


# --------------------------------------------------------------------------------------------------------------- settings


def test_dev_settings_go_to_the_active_window_and_later_ones(pixels, window):
    first = window
    dl.dev_set_color("green")
    square = np.zeros((48, 64), bool)
    square[10:20, 10:20] = True
    dl.dev_display(square)
    assert pixels((15, 15)) == ["green"]
    second = dl.dev_open_window(0, 0, 64, 48, "black")
    dl.dev_set_part(0, 0, 47, 63)
    dl.dev_set_color("blue")
    dl.dev_display(square)
    assert tuple(dl.dump_window_image(second)[15, 15]) == (0, 0, 255)
    dl.disp_region(square, first)
    assert pixels((15, 15)) == ["green"]
    dl.set_color(first, "white")
    dl.disp_region(square, first)
    assert pixels((15, 15)) == ["white"]


def test_settings_can_be_read(window):
    dl.set_color(window, "#12ab3480")
    dl.set_draw(window, "margin")
    dl.set_line_width(window, 3)
    assert (dl.get_rgb(window), dl.get_draw(window), dl.get_line_width(window)) == ((0x12, 0xAB, 0x34), "margin", 3)
    dl.set_rgb(window, [1, 2], [3, 4], [5, 6])
    assert dl.get_rgb(window) == ([1, 2], [3, 4], [5, 6])


def test_parameters_of_windows(window):
    dl.set_window_param(window, "flush", "false")
    dl.set_window_param(window, ["background_color", "graphics_stack"], ["red", "true"])
    assert dl.get_window_param(window, "flush") == "false"
    assert dl.get_window_param(window, "background_color") == "#ff0000"
    assert tuple(dl.dump_window_image(window)[0, 0]) == (255, 0, 0)
    dl.set_window_attr("background_color", "white")
    assert dl.dump_window_image(dl.open_window(0, 0, 64, 64)).min() == 255
    dl.flush_buffer(window)
    dl.set_paint(window, "default")
    dl.dev_set_paint(["default"])
    dl.dev_set_contour_style("stroke")


@given(st.sampled_from(["red", "slate blue", "#12AB34", "#12ab3480", "light gray", "dark olive green", "violet red"]))
def test_names_of_colours(name):
    window = dl.dev_open_window(0, 0, 64, 48, "black")
    dl.set_color(window, name)
    assert all(color.startswith("#") and len(color) in (7, 9) for color in window.style.colors)
    dl.close_window(window)


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda w: dl.dev_open_window(0, 0, 10, 50, "black"), 1303, "width: expected 32 to 8192 pixels, or -1; got 10"),
        (lambda w: dl.dev_open_window(0, 0, 50, 50, "blak"), 1301, "background: expected a colour, '#rrggbb', '#rrggbbaa' or a name like 'light gray'; got 'blak' (did you mean 'black'?)"),
        (lambda w: dl.dev_open_window_fit_image("a", 0, 0, -1, -1), 1201, "image: expected an image, an array (H, W) or (H, W, C); got 'a'"),
        (lambda w: dl.dev_open_window_fit_size(0, 0, 10, 10, [5, 2], -1), None, "width_limit, height_limit: expected [smallest, largest], one number, or -1; got [5, 2]"),
        (lambda w: dl.dev_set_window("w"), 2404, "window_handle: expected a window from dev_open_window; got 'w'"),
        (lambda w: dl.set_part(w, 10, 0, 5, 5), 1304, "row2, column2: expected at least (10, 0); got (5, 5)"),
        (lambda w: dl.dev_set_colored(5), 1301, "num_colors: expected 3, 6 or 12; got 5"),
        (lambda w: dl.dev_set_draw("margins"), 1301, "draw_mode: expected one of 'fill', 'margin'; got 'margins' (did you mean 'margin'?)"),
        (lambda w: dl.set_line_width(w, 0), None, "width: expected a number >= 0.1; got 0"),
        (lambda w: dl.dev_set_shape("convex"), 1301, "shape: expected 'original' or 'rectangle1'; got 'convex'"),
        (lambda w: dl.set_rgb(w, 255, 0, [0, 0]), None, "red, green, blue: expected as many of each; got 1, 1, 2"),
        (lambda w: dl.set_color(w, []), 1401, "color: expected at least one colour; got none"),
        (lambda w: dl.set_window_param(w, ["a", "b"], [1]), 1403, "value: expected 2 values, one for each name; got 1"),
        (lambda w: dl.get_window_param(w, "flush"), 1302, "param: expected one of 'background_color'; got 'flush'"),
        (lambda w: dl.dump_window(w, "postscript", "a"), 1302, "device: expected one of 'png', 'jpeg', 'jpg', 'tiff', 'bmp'; got 'postscript'"),
        (lambda w: dl.dump_window(w, "png", ""), 1203, "file_name: expected a path; got ''"),
        (lambda w: dl.save_windows_to(5), None, "folder: expected a path, or None; got 5"),
        (lambda w: dl.save_windows_to(None, 0), None, "max_pictures: expected an integer >= 1; got 0"),
    ],
)  # fmt: skip
def test_errors(window, call, code, message):
    before = window.style, window.part
    with pytest.raises(dl.DLParamError) as caught:
        call(window)
    assert str(caught.value) == message
    assert caught.value.halcon_code == code
    assert (window.style, window.part) == before


def test_a_closed_window_is_told(window):
    dl.dev_close_window()
    with pytest.raises(dl.DLParamError, match=r"^window_handle: expected an open window; got one that is closed$"):
        dl.clear_window(window)


def test_a_folder_that_cannot_be_made(tmp_path, window, gray):
    (tmp_path / "file").write_text("")
    with pytest.raises(dl.DLFileError, match="expected a folder that can be written; got a file"):
        dl.save_windows_to(tmp_path / "file")
    with pytest.raises(dl.DLFileError, match="expected a file in an existing folder"):
        dl.dump_window(window, "png", tmp_path / "no" / "where")
