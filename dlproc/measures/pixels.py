"""Measures of pixels: how well the scores of an image outline its defects.

The task is that of the images, pixel by pixel: AUROC, average precision, best F1, and intersection over union at one
threshold. All of these count pixels, so a large defect weighs more than many small ones. Therefore also the
**per-region overlap** (PRO) [1]_: at a threshold, the mean over all connected components of the ground truth (8
neighbours) of the share of the component's pixels that reach the threshold. Against the share of good pixels that reach
it (false-positive rate) it is a curve; AU-PRO is the area up to a limit of the false-positive rate, divided by the
limit: 1 is perfect.

sPRO [2]_ is the same for defects that need not be covered entirely: from `saturation` pixels on, a component counts as
covered.

Memory stays bounded: pixels are kept as they are up to 16 million, which is exact, and counted beyond that. The
counters tell every float32 from 2**-10 to 1 from every other, so counting is exact as well; below, scores share
counters of a relative width of 2**-11. They take 1.4 GB at the most, whatever the number of images.

References
----------
.. [1] P. Bergmann et al.: The MVTec Anomaly Detection Dataset. IJCV 129, 2021, section 5.2.
.. [2] P. Bergmann et al.: Beyond Dents and Scratches: Logical Constraints in Unsupervised Anomaly Detection and
   Localization. IJCV 130, 2022, section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import label

from dlproc.measures.confusion import is_at_least
from dlproc.measures.roc import validate

PRO_LIMITS = (0.3, 0.05)

_MAX_KEPT = 2**24
# Patterns of IEEE floats >= 0, read as integers, are ordered as the numbers are: they number the counters.
_FINE_FROM = 0x3A800000  # 2**-10
_ONE = 0x3F800000
_LOW_BITS = 12
_N_COARSE = _FINE_FROM >> _LOW_BITS
_N_COUNTERS = _N_COARSE + _ONE - _FINE_FROM + 1
_BLOCK = 2**20
# Where the curve is kept for drawing: dense where the limits are.
_DRAWN_AT = np.concatenate([np.linspace(0, 0.05, 51), np.linspace(0.05, 0.3, 126)[1:], np.linspace(0.3, 1, 71)[1:]])


@dataclass(frozen=True)
class PixelMeasures:
    """All measures of pixels; None where one is undefined: no anomalous pixel, or no good one."""

    auroc: float | None
    average_precision: float | None
    best_f1: float | None
    best_f1_threshold: float | None
    au_pro: tuple[float | None, ...]  # one for each limit
    pro_curve: dict[str, list[float]] | None  # for drawing: false_positive_rate, overlap
    iou: float | None  # also None without a threshold
    n_ok: int
    n_nok: int


def components_of(truth: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Connected components of a ground truth (H, W), 8 neighbours: 0 outside, then 1, 2, ..."""
    return np.asarray(label(truth, connectivity=2), np.int64)


def au_pro(
    anomaly_images: Sequence[NDArray[np.float32]], ground_truths: Sequence[NDArray[np.bool_]], limit: float = 0.3
) -> float | None:
    """Area under the per-region-overlap curve up to a false-positive rate, of images that are in memory.

    Parameters
    ----------
    anomaly_images : sequence of arrays (H, W)
        Scores, higher is more anomalous.
    ground_truths : sequence of arrays (H, W), bool
        True where anomalous.
    limit : float
        Largest false-positive rate, in (0, 1].

    Returns
    -------
    float or None
        0 to 1; None without an anomalous or without a good pixel.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.array([[True, False, False, False]])
    >>> au_pro([np.array([[0.9, 0.1, 0.2, 0.3]], np.float32)], [truth])
    1.0
    """
    pixels = PixelScores()
    for anomaly_image, truth in zip(anomaly_images, ground_truths, strict=True):
        pixels.add(anomaly_image.ravel(), components_of(truth).ravel())
    return pixels.measure((limit,)).au_pro[0]


class PixelScores:
    """Scores of the pixels of any number of images, added image by image.

    `threshold` is the segmentation threshold for the intersection over union.
    """

    def __init__(self, threshold: float | None = None) -> None:
        self.threshold = threshold
        self.n_components = 0
        self._n_reached = np.zeros(2, np.int64)  # good and anomalous pixels that reach the threshold
        self._ok: list[NDArray[np.float32]] = []
        self._nok: list[NDArray[np.float32]] = []
        self._shares: list[NDArray[np.float64]] = []  # of the component that a pixel of _nok is in
        self._counters: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]] | None = None

    def add(
        self, scores: NDArray[np.float32], components: NDArray[np.int64], saturation: Sequence[int] | None = None
    ) -> None:
        """Take in the pixels of one image.

        Parameters
        ----------
        scores : array (N,)
            Scores of the pixels that count (those inside the domain). From 16 million pixels on they must lie in
            [0, 1], as a model's do.
        components : array (N,)
            Number of the component of the ground truth that a pixel is in; 0: good.
        saturation : sequence of int, optional
            For sPRO: for each component from 1 on, the number of pixels from which it counts as covered; not given, or
            larger than the component: all its pixels.
        """
        scores = np.ascontiguousarray(scores, np.float32)
        is_anomalous = components > 0
        validate(scores, is_anomalous)
        nok, component = scores[is_anomalous], components[is_anomalous]
        sizes = np.bincount(component)
        self.n_components += int(np.count_nonzero(sizes))
        if self.threshold is not None:
            self._n_reached += np.bincount(is_anomalous[is_at_least(scores, self.threshold)], minlength=2)
        self._ok.append(scores[~is_anomalous])
        self._nok.append(nok)
        self._shares.append(_shares(nok, component, sizes, saturation))
        if sum(map(len, self._ok)) + sum(map(len, self._nok)) > _MAX_KEPT:
            self._count()

    def measure(self, limits: Sequence[float] = PRO_LIMITS) -> PixelMeasures:
        """All measures in one pass, from the largest score down; `limits` are false-positive rates in (0, 1]."""
        n_ok, n_nok = self._totals()
        if n_ok == 0 or n_nok == 0:
            return PixelMeasures(None, None, None, None, (None,) * len(limits), None, None, n_ok, n_nok)
        n_found, overlap, wins_twice, precisions = 0, 0.0, 0, 0.0
        best_f1, best_threshold = 0.0, 1.0
        areas, last = np.zeros(len(limits)), np.zeros((2, 1))  # last: the end of the curve so far
        drawn = np.full(len(_DRAWN_AT), np.nan)
        for scores, at, shares, ok_above, ok_reached in self._steps():
            found = n_found + np.cumsum(at)
            # AUROC: a pair is won when the anomalous pixel scores higher; a tie is half a win.
            wins_twice += int(np.sum(at * (2 * n_ok - ok_above - ok_reached)))
            precisions += float(np.sum(at * (found / (found + ok_reached))))
            f1 = 2 * found / (found + ok_reached + n_nok)
            best = int(np.argmax(f1))
            if f1[best] > best_f1:
                best_f1, best_threshold = float(f1[best]), float(scores[best])
            # PRO: two corners for each score. Good pixels above it move the curve to the right; the pixels that score
            # just this move it up, and to the right where good ones are among them.
            covered = overlap + np.cumsum(shares) / self.n_components
            rates = np.stack([ok_above, ok_reached], axis=1).ravel() / n_ok
            heights = np.stack([np.append(overlap, covered[:-1]), covered], axis=1).ravel()
            curve = np.concatenate([last, [rates, heights]], axis=1)
            areas += [_area_up_to(limit, *curve) for limit in limits]
            _draw(drawn, *curve)
            n_found, overlap, last = int(found[-1]), float(covered[-1]), curve[:, -1:]
        end = np.concatenate([last, [[1.0], [1.0]]], axis=1)
        areas += [_area_up_to(limit, *end) for limit in limits]
        _draw(drawn, *end)
        return PixelMeasures(
            auroc=wins_twice / 2 / (n_ok * n_nok),
            average_precision=precisions / n_nok,
            best_f1=best_f1,
            best_f1_threshold=best_threshold,
            au_pro=tuple(min(float(area / limit), 1.0) for area, limit in zip(areas, limits, strict=True)),
            pro_curve={"false_positive_rate": _DRAWN_AT.tolist(), "overlap": np.minimum(drawn, 1).tolist()},
            iou=None if self.threshold is None else float(self._n_reached[1] / (self._n_reached[0] + n_nok)),
            n_ok=n_ok,
            n_nok=n_nok,
        )

    def _totals(self) -> tuple[int, int]:
        n_ok, n_nok = sum(map(len, self._ok)), sum(map(len, self._nok))
        if self._counters:
            n_ok += int(self._counters[0].sum(dtype=np.int64))
            n_nok += int(self._counters[1].sum(dtype=np.int64))
        return n_ok, n_nok

    def _count(self) -> None:
        """Move the pixels that are kept into the counters."""
        if self._counters is None:
            # The system gives memory only where something is counted, 0.2 GB for each factor of two of the scores.
            n = _N_COUNTERS
            self._counters = np.zeros(n, np.uint32), np.zeros(n, np.uint32), np.zeros(n, np.float64)
        ok_counts, nok_counts, share_sums = self._counters
        if any(len(scores) and (scores.min() < 0 or scores.max() > 1) for scores in self._ok + self._nok):
            raise ValueError("scores of more than 16 million pixels must lie in [0, 1]")
        for scores in self._ok:
            _add_up(ok_counts, _counter_of(scores))
        for scores, shares in zip(self._nok, self._shares, strict=True):
            _add_up(nok_counts, _counter_of(scores))
            np.add.at(share_sums, _counter_of(scores), shares)
        self._ok, self._nok, self._shares = [], [], []

    def _steps(self) -> Iterator[tuple[NDArray[Any], ...]]:
        """Blocks of the distinct scores of anomalous pixels, descending: score, anomalous pixels with it, the sum of
        their shares, good pixels above it, good pixels with it or above.

        Between two such scores nothing but the false-positive rate changes, so these are all the corners there are.
        """
        if self._counters is None:
            yield _step_arrays(np.concatenate(self._ok), np.concatenate(self._nok), np.concatenate(self._shares))
            return
        self._count()
        ok_counts, nok_counts, share_sums = self._counters
        n_ok_above = 0
        for stop in range(_N_COUNTERS, 0, -_BLOCK):
            block = slice(max(stop - _BLOCK, 0), stop)
            ok_reached = n_ok_above + np.cumsum(ok_counts[block][::-1], dtype=np.int64)
            at = nok_counts[block][::-1]
            taken = np.flatnonzero(at)
            if len(taken):
                ok_above = ok_reached[taken] - ok_counts[block][::-1][taken]
                scores = _score_of(stop - 1 - taken)
                yield scores, at[taken].astype(np.int64), share_sums[block][::-1][taken], ok_above, ok_reached[taken]
            n_ok_above = int(ok_reached[-1])


def _step_arrays(
    ok: NDArray[np.float32], nok: NDArray[np.float32], shares: NDArray[np.float64]
) -> tuple[NDArray[Any], ...]:
    """As `PixelScores._steps`, of pixels that are kept as they are."""
    ok = np.sort(ok)
    order = np.argsort(-nok, kind="stable")
    ordered = nok[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    scores = ordered[first]
    at = np.diff(np.append(first, len(ordered)))
    ok_above = len(ok) - np.searchsorted(ok, scores, side="right")
    ok_reached = len(ok) - np.searchsorted(ok, scores, side="left")
    return scores, at, np.add.reduceat(shares[order], first), ok_above, ok_reached


def _shares(
    scores: NDArray[np.float32],
    component: NDArray[np.int64],
    sizes: NDArray[np.intp],
    saturation: Sequence[int] | None,
) -> NDArray[np.float64]:
    """By how much of its component each anomalous pixel covers it, when the threshold falls to its score."""
    if saturation is None:
        return np.asarray(1 / sizes[component])
    enough = np.minimum(np.append(sizes[:1], np.asarray(saturation)[: len(sizes) - 1]), sizes)
    # The highest pixels of a component cover it, until there are enough.
    order = np.lexsort((-scores, component))
    first = np.cumsum(sizes) - sizes
    rank = np.empty(len(scores), np.int64)
    rank[order] = np.arange(len(scores)) - first[component[order]]
    return np.where(rank < enough[component], 1 / np.maximum(enough, 1)[component], 0.0)


def _add_up(counts: NDArray[np.uint32], counters: NDArray[np.int64]) -> None:
    distinct, times = np.unique(counters, return_counts=True)
    if (counts[distinct] > np.iinfo(np.uint32).max - times).any():
        raise OverflowError("more than 4,294,967,295 pixels with one and the same score")
    counts[distinct] += times.astype(np.uint32)


def _counter_of(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    pattern = np.abs(scores).view(np.uint32).astype(np.int64)  # abs: -0.0 is 0
    return np.where(pattern >= _FINE_FROM, pattern - _FINE_FROM + _N_COARSE, pattern >> _LOW_BITS)


def _score_of(counters: NDArray[np.int64]) -> NDArray[np.float32]:
    """The smallest score of each counter."""
    pattern = np.where(counters >= _N_COARSE, counters - _N_COARSE + _FINE_FROM, counters << _LOW_BITS)
    return pattern.astype(np.uint32).view(np.float32)


def _area_up_to(limit: float, x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Area under a polyline of ascending x, left of the limit."""
    width = np.diff(x)
    inside = np.clip((limit - x[:-1]) / np.where(width > 0, width, 1), 0, 1)  # the part of each piece that counts
    return float(np.sum(width * inside * (y[:-1] + inside * np.diff(y) / 2)))


def _draw(drawn: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Fill in the points of the drawn curve that lie on this part of it; of a vertical piece, the upper end."""
    part = (x[0] <= _DRAWN_AT) & (x[-1] >= _DRAWN_AT)
    after = np.searchsorted(x, _DRAWN_AT[part], side="right")
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(x) - 1)
    width = x[after] - x[before]
    ratio = np.where(width > 0, (_DRAWN_AT[part] - x[before]) / np.where(width > 0, width, 1), 0)
    drawn[part] = y[before] + ratio * (y[after] - y[before])
