"""Images, regions, contours and shapes in a window whose pixels are those of the image."""

from types import SimpleNamespace

import numpy as np
import pytest

import dlproc as dl


class ImageWithDomain(np.ndarray):
    """As `reduce_domain` gives it: an array with an attribute."""


def reduced(image, rows, columns):
    part = image.view(ImageWithDomain)
    part.domain = np.zeros(image.shape[:2], bool)
    part.domain[rows, columns] = True
    return part


def square(top, left, size=10):
    return dl.gen_rectangle1(top, left, top + size - 1, left + size - 1)


# ----------------------------------------------------------------------------------------------------------------- images


def test_bytes_are_shown_as_they_are_and_others_stretched(window):
    image = np.full((48, 64), 100, np.uint8)
    image[0, 0] = 50
    dl.dev_display(image)
    assert dl.dump_window_image(window)[:2, 0, 0].tolist() == [50, 100]
    image = np.full((48, 64), -1.0, np.float32)
    image[0, :3] = 3, 1, np.nan
    dl.dev_display(image)
    assert dl.dump_window_image(window)[0, :4, 0].tolist() == [255, 128, 0, 0]  # NaN is black
    dl.dev_display(np.full((48, 64), 7, np.int16))
    assert dl.dump_window_image(window)[0, 0, 0] == 0  # of one value


def test_channels(window, pixels):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, :, 1] = 255
    dl.dev_display(image)
    assert pixels((5, 5)) == ["green"]
    dl.disp_color(image, window)
    assert pixels((5, 5)) == ["green"]
    dl.disp_image(image, window)
    assert pixels((5, 5)) == ["black"]
    dl.disp_channel(image, window, 2)
    assert pixels((5, 5)) == ["white"]
    dl.dev_display(image[:, :, 1:])  # two channels: the first is shown
    assert pixels((5, 5)) == ["white"]


def test_only_the_domain_is_seen(window, pixels, gray):
    dl.dev_display(reduced(gray, slice(10, 20), slice(10, 20)))
    assert pixels((9, 15), (10, 10), (19, 19), (20, 15)) == ["black", "white", "white", "black"]
    dl.dev_display(reduced(gray, slice(30, 40), slice(10, 20)))  # beside it, in the same picture
    assert pixels((15, 15), (35, 15), (25, 15)) == ["white", "white", "black"]
    assert len(window.marks) == 1
    colors = np.zeros((48, 64, 3), np.uint8)
    colors[:, :, 0] = 255
    dl.dev_display(reduced(colors, slice(30, 40), slice(30, 40)))
    assert pixels((15, 15), (35, 35)) == ["white", "red"]
    dl.dev_display(gray)
    assert pixels((0, 0)) == ["white"]
    assert len(window.marks) == 1


def test_values_outside_the_domain_do_not_count_for_the_stretch(window):
    image = np.zeros((48, 64), np.float32)
    image[10:20, 10:20] = 1
    image[10, 10], image[0, 0] = 3, 1000
    dl.dev_display(reduced(image, slice(10, 20), slice(10, 20)))
    assert dl.dump_window_image(window)[10, 10:12, 0].tolist() == [255, 0]


def test_a_lut_colours_gray_images(window, gray, pixels):
    dl.dev_set_lut("inverse")
    dl.dev_display(gray)
    assert pixels((5, 5)) == ["black"]
    dl.set_lut(window, "jet")
    dl.dev_display(reduced(gray, slice(0, 10), slice(0, 10)))
    assert pixels((5, 5), (15, 15)) == [(127, 0, 0), "black"]  # the upper end of matplotlib's jet; the image below
    dl.dev_set_lut(list(range(256)))
    dl.dev_display(gray)
    assert pixels((5, 5)) == ["white"]


def test_a_large_image_is_thinned(window):
    image = np.zeros((4800, 6400), np.uint8)
    image[2400:] = 255
    dl.dev_set_part(0, 0, 4799, 6399)
    dl.dev_display(image)
    assert max(window.marks[0].mark.pixels.shape) <= 2048
    shown = dl.dump_window_image(window)[:, :, 0]
    assert (shown[:24] == 0).all() and (shown[24:] == 255).all()


# ---------------------------------------------------------------------------------------------------------------- regions


def test_filled_regions_take_the_colours_in_turn(pixels):
    dl.dev_set_colored(3)
    dl.dev_display([square(0, 0), square(0, 20), square(0, 40), square(20, 0)])
    assert pixels((5, 5), (5, 25), (5, 45), (25, 5)) == ["red", "green", "blue", "red"]
    assert pixels((9, 9), (9, 10), (10, 9)) == ["red", "black", "black"]


def test_a_region_goes_over_what_is_there(pixels, gray):
    dl.dev_display(gray)
    dl.dev_set_color("#0000ff80")
    dl.dev_display(square(10, 10))
    ((red, green, blue),) = pixels((15, 15))
    assert red == green == pytest.approx(127, abs=1) and blue == 255


def test_margins_lie_along_the_sides_of_pixels(pixels, window):
    dl.dev_set_draw("margin")
    dl.dev_set_part(0, 0, 5, 7)  # 8 window pixels for one of the image
    dl.set_line_width(window, 2)
    dl.dev_display(dl.gen_rectangle1(2, 3, 3, 4))  # its sides: rows 16 to 31, columns 24 to 39 of the window
    assert pixels((15, 30), (16, 30), (31, 30), (32, 30), (20, 23), (20, 24), (20, 39), (20, 40)) == ["red"] * 8
    assert pixels((20, 30), (12, 30), (36, 30), (20, 18), (20, 44)) == ["black"] * 5


def test_a_hole_has_a_margin_too(pixels, window):
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    dl.dev_set_draw("margin")
    dl.dev_set_part(0, 0, 5, 7)
    dl.set_line_width(window, 2)
    dl.dev_display(ring)
    assert pixels((8, 12), (15, 12), (12, 8), (12, 15), (12, 12)) == ["red"] * 4 + ["black"]


def test_regions_reach_beyond_the_view(pixels):
    dl.dev_display(dl.gen_rectangle1(-5000, -5000, 10, 5000))
    assert pixels((0, 0), (10, 63), (11, 30)) == ["red", "red", "black"]
    dl.dev_set_color("green")
    dl.dev_display([dl.gen_rectangle1(100, 100, 200, 200), dl.gen_empty_region()])
    assert pixels((0, 0)) == ["red"]


@pytest.mark.parametrize("draw", ["fill", "margin"])
def test_regions_of_large_images_are_seen_in_small_windows(window, draw):
    dl.dev_set_draw(draw)
    dl.dev_set_part(0, 0, 4799, 6399)
    regions = [
        dl.gen_circle(1000, 1000, 500),
        dl.gen_rectangle1(3000, 4000, 4000, 5000),
        dl.gen_rectangle1(10, 10, 10, 10),
    ]
    dl.dev_display(regions)
    shown = dl.dump_window_image(window)[:, :, 0]
    assert shown[10, 5] > 100 and shown[30, 45] > 100 and shown[0, 0] > 50  # circle, rectangle, one pixel
    assert (shown[10, 10] > 100) == (draw == "fill")
    assert shown[20, 30] == 0


def test_the_box_of_a_region(pixels):
    dl.dev_set_shape("rectangle1")
    dl.dev_display(dl.gen_circle(20, 20, 10.5))
    assert pixels((10, 10), (30, 30), (9, 10)) == ["red", "red", "black"]


def test_nothing_is_nothing(window, gray):
    dl.dev_display(gray)
    dl.dev_display([])
    assert len(window.marks) == 1


# ------------------------------------------------------------------------------------------------- contours and shapes


def test_contours_are_lines(pixels, window):
    dl.set_line_width(window, 1)
    contour = SimpleNamespace(rows=np.array([10.0, 10.0]), columns=np.array([5.0, 30.0]))
    dl.dev_display([contour])
    assert pixels((10, 6), (10, 29), (8, 10), (10, 40)) == ["red", "red", "black", "black"]
    dl.disp_xld(SimpleNamespace(rows=[30], columns=[30]), window)
    dl.disp_polygon(window, [20, 20], [5, 30])
    assert pixels((20, 15)) == ["red"]


@pytest.mark.parametrize("draw", ["fill", "margin"])
def test_shapes(window, pixels, draw):
    dl.set_draw(window, draw)
    dl.set_line_width(window, 2)
    inside = "red" if draw == "fill" else "black"
    dl.disp_rectangle1(window, 5, 5, 15, 15)
    dl.disp_circle(window, 35, 15, 8)
    dl.disp_ellipse(window, 15, 45, 0, 12, 6)  # wide
    dl.disp_rectangle2(window, 37, 45, np.pi / 2, 8, 3)  # high
    assert pixels((10, 10), (35, 15), (15, 45), (37, 45)) == [inside] * 4
    image = dl.dump_window_image(window)[:, :, 0]
    for place in (
        (10, 5),
        (10, 15),
        (35, 7),
        (35, 23),
        (15, 33),
        (15, 57),
        (9, 45),
        (29, 45),
        (45, 45),
        (37, 42),
        (37, 48),
    ):
        assert image[place[0] - 1 : place[0] + 2, place[1] - 1 : place[1] + 2].max() > 120, place
    for place in ((10, 2), (10, 18), (35, 4), (35, 27), (15, 61), (5, 45), (25, 45), (37, 52)):
        assert image[place] == 0, place


def test_several_shapes_take_the_colours_in_turn(window, pixels):
    dl.set_color(window, ["red", "green"])
    dl.disp_circle(window, [10, 30], 20, [5, 5])
    assert pixels((10, 20), (30, 20)) == ["red", "green"]


def test_lines_arrows_and_crosses(window, pixels):
    dl.set_line_width(window, 2)
    dl.disp_line(window, 40, 5, 40, 60)
    dl.disp_cross(window, 10, 10, 10, 0)
    assert pixels((40, 30), (10, 7), (10, 13), (7, 10), (13, 10), (7, 7)) == ["red"] * 5 + ["black"]
    dl.clear_window(window)
    dl.disp_cross(window, 10, 10, 14, np.pi / 4)
    assert pixels((7, 7), (13, 13), (7, 13), (10, 6)) == ["red", "red", "red", "black"]
    dl.clear_window(window)
    dl.disp_arrow(window, 24, 5, 24, 50, 2)
    image = dl.dump_window_image(window)[:, :, 0]
    assert image[24, 20] > 120 and image[24, 60] == 0
    assert image[:24, 38:50].max() > 120 and image[26:, 38:50].max() > 120  # the head's two sides
    assert image[:22, :36].max() == 0


def test_dashes(window):
    dl.set_line_width(window, 2)
    dl.set_line_style(window, [6, 6])
    dl.disp_line(window, 20, 0, 20, 63)
    row = dl.dump_window_image(window)[20, :, 0] > 120
    assert 4 <= np.count_nonzero(np.diff(row.astype(int)) == 1) <= 7
    dl.set_line_style(window, [])
    dl.disp_line(window, 30, 0, 30, 63)
    assert (dl.dump_window_image(window)[30, 1:-1, 0] > 120).all()


# ----------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda w: dl.dev_display(5), 1201, "object: expected an image, a region, a contour, or a list of these; got 5"),
        (lambda w: dl.dev_display([square(0, 0), None]), 1201, "object[1]: expected an image, a region, a contour, or a list of these; got None"),
        (lambda w: dl.dev_display(np.zeros((0, 5), np.uint8)), 1201, "object: expected an image, an array (H, W) or (H, W, C); got uint8 array of shape (0, 5)"),
        (lambda w: dl.disp_channel(np.zeros((4, 4, 2), np.uint8), w, 3), 1302, "channel: expected 1 to 2; got 3"),
        (lambda w: dl.disp_circle(w, [1, 2], [1, 2, 3], 5), 1402, "row, column, radius: expected as many numbers of each; got 2, 3, 1"),
        (lambda w: dl.disp_line(w, "a", 1, 2, 3), 1202, "row1, column1, row2, column2: expected numbers; got 'a'"),
        (lambda w: dl.disp_polygon(w, [1, 2], [1]), 1401, "row, column: expected as many rows as columns; got 2, 1"),
        (lambda w: dl.disp_obj(square(0, 0), "w"), 2404, "window_handle: expected a window from dev_open_window; got 'w'"),
    ],
)  # fmt: skip
def test_errors(window, call, code, message):
    with pytest.raises(dl.DLParamError) as caught:
        call(window)
    assert str(caught.value) == message
    assert caught.value.halcon_code == code
    assert len(window.marks) == 0
