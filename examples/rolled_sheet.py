"""Generated pictures for the examples and benchmarks on large images: a rolled metal sheet, and scratches of a few
pixels.

They look like what a line camera sees: brushed along the rows, grainy, the light uneven and never twice the same. A
scratch is 7 pixels long and 3 wide; on a picture of 4000 x 3000 that is shrunk to 256 x 256 it is a twentieth of a
pixel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

_BORDER = 20  # pixels: no scratch nearer to the end of the picture


def draw_sheet(
    height: int, width: int, generator: np.random.Generator, n_scratches: int = 0, depth: float = 60.0
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A picture (height, width) and which of its pixels are scratched; `depth` of a scratch in gray values."""
    light = zoom(generator.normal(0, 6, (3, 4)).astype(np.float32), (height / 3, width / 4), order=1)[:height, :width]
    brushed = gaussian_filter(generator.standard_normal((height, width), np.float32), (0.7, 6.0))
    gray = 150 + light + brushed * (9 / brushed.std()) + 3 * generator.standard_normal((height, width), np.float32)
    scratched = np.zeros((height, width), bool)
    for _ in range(n_scratches):
        row = int(generator.integers(_BORDER, height - _BORDER))
        column = int(generator.integers(_BORDER, width - _BORDER))
        y, x = np.mgrid[-5:6, -5:6]
        angle = generator.uniform(0, np.pi)
        along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
        shape = np.exp(-((along / 3) ** 2) - (across / 1.2) ** 2)
        place = np.s_[row - 5 : row + 6, column - 5 : column + 6]
        gray[place] -= depth * shape
        scratched[place] |= shape > 0.3
    return np.clip(np.rint(gray), 0, 255).astype(np.uint8), scratched
