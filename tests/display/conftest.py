"""A window, and what is seen in it."""

import numpy as np
import pytest

import dlproc as dl

COLORS = {"black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.fixture
def window():
    """A black window of 64 x 48 pixels that shows the pixels of an image one to one."""
    handle = dl.dev_open_window(0, 0, 64, 48, "black")
    dl.dev_set_part(0, 0, 47, 63)
    return handle


@pytest.fixture
def pixels(window):
    """``pixels((row, column), …)``: the names of the colours that are seen there."""

    def seen(*places):
        image = dl.dump_window_image(window)
        names = {value: name for name, value in COLORS.items()}
        return [names.get(tuple(image[place].tolist()), tuple(image[place].tolist())) for place in places]

    return seen


@pytest.fixture
def gray():
    """An image (48, 64), uint8, of one value."""
    return np.full((48, 64), 255, np.uint8)
