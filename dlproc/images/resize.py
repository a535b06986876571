"""Bring an image to the model's size, as HALCON's ``zoom_image_size`` does; the aspect ratio is not kept.

The same pixels give the same floats at every place, in images of every size and on every processor. Each target pixel
is a weighted sum of source pixels. The weights are integers, and the sum is taken tap by tap in float64, where sums of
8- and 16-bit gray values are exact; it is divided and rounded to float32 once. A matrix product would be rounded in an
order that depends on the processor and on the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_VALUES_AT_ONCE = 1 << 18  # of the source: an image is resized in bands of rows, so that float64 copies stay small


def zoom_image(
    image: NDArray[np.generic],
    height: int,
    width: int,
    to_gray: Callable[[NDArray[np.generic]], NDArray[np.float32]] = lambda rows: rows.astype(np.float32),
) -> NDArray[np.float32]:
    """Resize with averaging, so that a small defect is dimmed but never skipped.

    HALCON's interpolation 'constant': along an axis that shrinks, a target pixel is the mean of the source pixels below
    it; along an axis that grows, it is interpolated linearly.

    Parameters
    ----------
    image : array (H, W) or (H, W, C)
        Gray values of any type.
    height, width : int
        Size of the result in pixels.
    to_gray : callable, optional
        Maps some rows of the image to float32 gray values before they are averaged.

    Returns
    -------
    array (height, width) or (height, width, C), float32
        Gray values on the scale of `to_gray`, by default on that of the input.

    Notes
    -----
    Beside the image and the result, memory is taken for a band of rows only.
    """
    if image.shape[:2] == (height, width):
        return to_gray(image)
    zoomed = np.empty((height, width, *image.shape[2:]), np.float32)
    for band, pixels in zoomed_bands(image, height, width, to_gray):
        zoomed[band] = pixels
    return zoomed


def zoomed_bands(
    image: NDArray[np.generic],
    height: int,
    width: int,
    to_gray: Callable[[NDArray[np.generic]], NDArray[np.float32]] = lambda rows: rows.astype(np.float32),
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """The result of `zoom_image` in bands: some rows of it, and their pixels."""
    rows, columns = _Taps.of(image.shape[0], height), _Taps.of(image.shape[1], width)
    n_channels = image[0, 0].size
    n_values_of_row = max(image.shape[0] / height, 1) * max(image.shape[1], width) * n_channels
    n_rows = max(1, int(_VALUES_AT_ONCE / n_values_of_row))
    for start in range(0, height, n_rows):
        band = slice(start, min(start + n_rows, height))
        source = slice(rows.first[band.start], rows.first[band.stop - 1] + len(rows.weights))
        gray = to_gray(image[source]).astype(np.float64)
        sums = columns.sums(rows.of_band(band).sums(gray, axis=0), axis=1)
        yield band, (sums / (rows.divisor * columns.divisor)).astype(np.float32)


def zoom_mask(mask: NDArray[np.generic], height: int, width: int) -> NDArray[np.generic]:
    """Resize a mask or an annotation (H, W) to (height, width) by nearest neighbour: no new value appears."""
    rows = nearest(mask.shape[0], height)
    columns = nearest(mask.shape[1], width)
    return np.ascontiguousarray(mask[np.ix_(rows, columns)])


@dataclass(frozen=True)
class _Taps:
    """Which source pixels make a target pixel along one axis.

    target[i] = Σ_k weights[k, i] · source[first[i] + k] / divisor

    Parameters
    ----------
    first : array (n_target,), int
        The first source pixel of each target pixel, ascending.
    weights : array (n_taps, n_target), int
        They sum to `divisor`; 0 behind the last source pixel.
    divisor : int
    """

    first: NDArray[np.int64]
    weights: NDArray[np.int64]
    divisor: int

    @staticmethod
    def of(n_source: int, n_target: int) -> _Taps:
        target = np.arange(n_target, dtype=np.int64)
        if n_target == n_source:
            return _Taps(target, np.ones((1, n_target), np.int64), 1)
        if n_target > n_source:
            # Linear, between the centres of pixels; before the first and behind the last centre nothing changes.
            place = np.clip((2 * target + 1) * n_source - n_target, 0, (n_source - 1) * 2 * n_target)
            first, behind = np.divmod(place, 2 * n_target)
            return _Taps(first, np.stack([2 * n_target - behind, behind]), 2 * n_target)
        # The mean: in units of 1 / n_target a source pixel has the length n_target and a target pixel n_source.
        begin, end = target * n_source, (target + 1) * n_source
        first = begin // n_target
        n_taps = int((-(-end // n_target) - first).max())
        source = first + np.arange(n_taps, dtype=np.int64)[:, np.newaxis]
        overlap = np.minimum((source + 1) * n_target, end) - np.maximum(source * n_target, begin)
        return _Taps(first, np.maximum(overlap, 0), n_source)

    def of_band(self, band: slice) -> _Taps:
        """Taps of some target pixels, counted from the first source pixel that they need."""
        return _Taps(self.first[band] - self.first[band.start], self.weights[:, band], self.divisor)

    def sums(self, source: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        """The weighted sums along an axis, not yet divided."""
        if self.divisor == 1:
            return source
        shape = [-1 if number == axis else 1 for number in range(source.ndim)]
        last = source.shape[axis] - 1
        total: NDArray[np.float64] | None = None
        for number, weight in enumerate(self.weights):
            part = np.take(source, np.minimum(self.first + number, last), axis=axis)
            part *= weight.astype(np.float64).reshape(shape)
            total = part if total is None else np.add(total, part, out=total)
        assert total is not None
        return total


def nearest(n_source: int, n_target: int) -> NDArray[np.intp]:
    """For each target pixel the source pixel that holds its centre."""
    return ((np.arange(n_target) + 0.5) * n_source / n_target).astype(np.intp)
