"""Painted pictures with *logical* anomalies: every part looks right, only the whole does not.

Two scenes, 256 x 256 pixels:

``'tray'``
    Three rows of four wells. Each row is one kit: a screw, a nut and a washer, each in a well of its own, and one well
    that is empty, in any order. All metal of a tray has one finish, steel or brass. So anything may lie in any well, of
    either finish: a look at one well says nothing.
``'mat'``
    Two screws, three nuts and four washers of one finish, thrown on a rubber mat.

Four anomalies, on one place of the picture, marked in a mask:

``'missing'``
    A part is not there. Marked: the empty wells of the row, because nobody can say which of them it should lie in.
``'doubled'``
    There is one part too many, of a kind that is there already. Marked: the parts of this kind (in the row).
``'misplaced'`` (tray only)
    Two parts of different kind have changed their rows: the tray holds what it should. Marked: in both rows the parts
    of the kind that is there twice.
``'mixed'``
    One part is of the other finish. Marked: that part.

Light from a side that changes, its strength and colour, a shadow at each part, grain of the tray, noise of the camera,
parts turned and moved within their wells, trays that do not lie exactly in place: all as in good pictures. The
generator knows nothing of how models work, and has no parameter that was set by their results.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import affine_transform, gaussian_filter

SIZE = 256  # pixels
KINDS = ("screw", "nut", "washer")
FINISHES = {"steel": (0.66, 0.68, 0.71), "brass": (0.74, 0.62, 0.32)}
ANOMALIES = {"tray": ("missing", "doubled", "misplaced", "mixed"), "mat": ("missing", "doubled", "mixed")}
ROWS, COLUMNS = 3, 4
ON_MAT = {"screw": 2, "nut": 3, "washer": 4}
_FINE = 2  # painted at twice the size, for smooth edges

Pixels = NDArray[np.float64]
Part = tuple[str, str, float, float]  # kind, finish, row and column of its centre in pixels


def write_logical_set(folder: Path, n_train: int, n_test: int, n_of_each: int, seed: int, scene: str = "tray") -> Path:
    """Write a set in MVTec's layout: ``train/good``, ``test/good``, ``test/<anomaly>`` and ``ground_truth/<anomaly>``.

    Parameters
    ----------
    folder : Path
        Where to.
    n_train, n_test, n_of_each : int
        Good images to train on, good images to test on, images of each anomaly.
    seed : int
        The same seed gives the same pictures; another one gives other pictures throughout.
    scene : str
        ``'tray'`` or ``'mat'``.
    """
    shares = [("train", "good", n_train), ("test", "good", n_test)]
    shares += [("test", anomaly, n_of_each) for anomaly in ANOMALIES[scene]]
    for share, kind, n_images in shares:
        (folder / share / kind).mkdir(parents=True, exist_ok=True)
        if kind != "good":
            (folder / "ground_truth" / kind).mkdir(parents=True, exist_ok=True)
        for number in range(n_images):
            # A generator for each picture: how many there are changes none of them.
            key = [seed, *f"{scene} {share} {kind} {number}".encode()]
            image, mask = paint_logical(np.random.default_rng(key), kind, scene)  # noqa: TID251 - fixed by the set
            Image.fromarray(image).save(folder / share / kind / f"{number:03d}.png")
            if kind != "good":
                Image.fromarray(mask).save(folder / "ground_truth" / kind / f"{number:03d}_mask.png")
    return folder


def paint_logical(
    generator: np.random.Generator, anomaly: str = "good", scene: str = "tray"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One picture, uint8 (256, 256, 3), and the mask of its anomaly, uint8 (256, 256), 255 where it is."""
    parts, marked = (_tray if scene == "tray" else _mat)(generator, anomaly)
    radius = 24.0 if scene == "tray" else 21.0
    ground = _ground(generator, scene)
    for part in parts:
        # A screw lies as it fits into its well, head up or down; everything else as it fell.
        is_free = scene == "mat" or part[0] != "screw"
        angle = (
            generator.uniform(0, 2 * np.pi) if is_free else generator.normal(0, 0.25) + np.pi * generator.integers(2)
        )
        _paint_part(ground, part, radius, angle, generator)
    mask = np.zeros((SIZE * _FINE, SIZE * _FINE))
    rows, columns = np.indices(mask.shape) / _FINE
    for row, column in marked:
        mask[np.maximum(abs(rows - row), abs(columns - column)) <= radius] = 1
    return _photograph(ground, mask, generator)


# ------------------------------------------------------------------------------------------------------ what lies where


def _tray(generator: np.random.Generator, anomaly: str) -> tuple[list[Part], list[tuple[float, float]]]:
    """The parts of a tray, and the centres of the wells that are marked."""
    wells = [list(generator.permutation([*KINDS, ""])) for _ in range(ROWS)]
    finish, other = generator.permutation(list(FINISHES))
    row = int(generator.integers(ROWS))
    marked: list[tuple[int, int]] = []
    odd: tuple[int, int] | None = None
    if anomaly == "missing":
        wells[row][wells[row].index(generator.choice(KINDS))] = ""
        marked = [(row, column) for column in range(COLUMNS) if not wells[row][column]]
    elif anomaly == "doubled":
        kind = generator.choice(KINDS)
        wells[row][wells[row].index("")] = kind
        marked = [(row, column) for column in range(COLUMNS) if wells[row][column] == kind]
    elif anomaly == "misplaced":
        second = (row + int(generator.integers(1, ROWS))) % ROWS
        here, there = generator.permutation(KINDS)[:2]
        wells[row][wells[row].index(here)] = there
        wells[second][wells[second].index(there)] = here
        twice = (row, there), (second, here)
        marked = [(r, column) for r, kind in twice for column in range(COLUMNS) if wells[r][column] == kind]
    elif anomaly == "mixed":
        odd = row, wells[row].index(generator.choice(KINDS))
        marked = [odd]
    parts: list[Part] = []
    for r in range(ROWS):
        for c in range(COLUMNS):
            if wells[r][c]:
                off = generator.uniform(-3, 3, 2)
                own = other if (r, c) == odd else finish
                parts.append((str(wells[r][c]), str(own), _well(r, c)[0] + off[0], _well(r, c)[1] + off[1]))
    return parts, [_well(*place) for place in marked]


def _well(row: int, column: int) -> tuple[float, float]:
    """Centre of a well, pixels."""
    return 128 + 74 * (row - 1), 128 + 58 * (column - 1.5)


def _mat(generator: np.random.Generator, anomaly: str) -> tuple[list[Part], list[tuple[float, float]]]:
    """The parts on a mat, and the centres that are marked."""
    kinds = [kind for kind, number in ON_MAT.items() for _ in range(number)]
    finish, other = generator.permutation(list(FINISHES))
    chosen = str(generator.choice(KINDS))
    if anomaly == "doubled":
        kinds.append(chosen)
    centres: list[NDArray[np.float64]] = []
    while len(centres) < len(kinds):  # thrown again where one would lie on another
        centre = generator.uniform(36, SIZE - 36, 2)
        if all(np.hypot(*(centre - placed)) > 47 for placed in centres):
            centres.append(centre)
        elif generator.random() < 0.002:
            centres.clear()
    odd = kinds.index(chosen)
    parts = [
        (kind, str(other if anomaly == "mixed" and index == odd else finish), float(centre[0]), float(centre[1]))
        for index, (kind, centre) in enumerate(zip(kinds, centres, strict=True))
    ]
    if anomaly == "missing":
        return parts[:odd] + parts[odd + 1 :], [parts[odd][2:]]
    if anomaly == "doubled":
        return parts, [part[2:] for part in parts if part[0] == chosen]
    return parts, [parts[odd][2:]] if anomaly == "mixed" else []


# ------------------------------------------------------------------------------------------------------------- painting


def _ground(generator: np.random.Generator, scene: str) -> Pixels:
    """The empty tray or mat, (2 * 256, 2 * 256, 3), 0 to 1."""
    n = SIZE * _FINE
    grain = gaussian_filter(generator.normal(size=(n, n)), (1.0, 3.0)) * 0.06
    grain += gaussian_filter(generator.normal(size=(n, n)), 12) * 0.35
    rows, columns = np.indices((n, n)) / _FINE
    color = np.array([0.27, 0.32, 0.36] if scene == "tray" else [0.30, 0.36, 0.30])
    brightness = np.ones((n, n)) + grain
    if scene == "mat":  # ribs
        return np.clip((brightness + 0.05 * np.sin(rows * 2 * np.pi / 7))[:, :, None] * color, 0, 1)
    for row in range(ROWS):
        for column in range(COLUMNS):
            center_row, center_column = _well(row, column)
            v, u = rows - center_row, columns - center_column
            # Distance to a rounded square; the well is darker, with a dark edge above and a bright one below.
            outside = np.maximum(abs(v) - 24, 0), np.maximum(abs(u) - 21, 0)
            depth = 6 - np.hypot(*outside)
            brightness -= 0.28 * np.clip(depth / 2, 0, 1)
            brightness += np.exp(-(depth**2) / 3) * np.clip((v + 0.6 * u) / 25, -1, 1) * 0.3
    return np.clip(brightness[:, :, None] * color, 0, 1)


def _paint_part(image: Pixels, part: Part, radius: float, angle: float, generator: np.random.Generator) -> None:
    """Paint a part with its shadow, turned by an angle, into the image."""
    kind, finish, center_row, center_column = part
    scale = radius * generator.uniform(0.95, 1.05)
    reach = int(radius * 1.5 * _FINE)
    top, left = int(center_row * _FINE) - reach, int(center_column * _FINE) - reach
    rows, columns = np.indices((2 * reach, 2 * reach))
    v = ((rows + top) / _FINE - center_row) / scale
    u = ((columns + left) / _FINE - center_column) / scale
    inside = _inside(kind, u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle))
    soft = 0.5 / (scale * _FINE)
    cover = 1 / (1 + np.exp(np.clip(-inside / soft, -40, 40)))
    shadow = gaussian_filter(np.roll(cover, (3, 3), (0, 1)), 3)
    view = image[top : top + 2 * reach, left : left + 2 * reach]
    view *= 1 - 0.45 * (shadow * (1 - cover))[:, :, None]
    # Light on the rounded edges: the slope of the distance to the border, seen from above left.
    slope_v, slope_u = np.gradient(np.minimum(inside, 0.10))
    light = 1 + 9.0 * (slope_v * 0.8 + slope_u * 0.6) + 0.05 * gaussian_filter(generator.normal(size=u.shape), 1.5)
    if kind == "screw":
        along = v * np.cos(angle) - u * np.sin(angle)
        light -= 0.25 * (np.sin(along * 2 * np.pi / 0.16) > 0) * (along > -0.35)
    color = np.array(FINISHES[finish]) * generator.uniform(0.93, 1.07)
    view += cover[:, :, None] * (np.clip(light[:, :, None] * color, 0, 1) - view)


def _inside(kind: str, u: Pixels, v: Pixels) -> Pixels:
    """How far inside the part a point is, in its own radius; below 0 outside. u across, v along."""
    if kind == "screw":
        head = np.minimum(0.36 - abs(u), 0.24 - abs(v + 0.62))
        shank = np.minimum(0.17 - abs(u), 0.62 - abs(v - 0.25))
        return np.maximum(head, shank)
    distance = np.hypot(u, v)
    if kind == "washer":
        return np.minimum(0.68 - distance, distance - 0.36)
    sides = [abs(u * np.cos(a) + v * np.sin(a)) for a in (0, np.pi / 3, 2 * np.pi / 3)]
    return np.minimum(0.62 - np.maximum.reduce(sides), distance - 0.33)


def _photograph(
    scene: Pixels, mask: Pixels, generator: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Light, a camera that is not quite straight, its pixels and its noise."""
    n = SIZE * _FINE
    rows, columns = np.indices((n, n)) / n - 0.5
    direction = generator.uniform(0, 2 * np.pi)
    slope = generator.uniform(0, 0.25) * (rows * np.sin(direction) + columns * np.cos(direction))
    light = generator.uniform(0.88, 1.12) * (1 + slope - 0.25 * (rows**2 + columns**2))
    lit = scene * light[:, :, None] * generator.uniform(0.98, 1.02, 3)
    turn = np.deg2rad(generator.uniform(-1, 1))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    center = np.array([n / 2, n / 2])
    offset = center - matrix @ center + generator.uniform(-3, 3, 2) * _FINE
    moved = [affine_transform(lit[:, :, c], matrix, offset, order=1, mode="nearest") for c in range(3)]
    moved_mask = affine_transform(mask, matrix, offset, order=0, mode="constant")
    image = _halved(np.stack(moved, axis=-1)) + generator.normal(0, 0.012, (SIZE, SIZE, 3))
    return (np.clip(image, 0, 1) * 255).round().astype(np.uint8), (moved_mask[::_FINE, ::_FINE] > 0).astype(
        np.uint8
    ) * 255


def _halved(image: Pixels) -> Pixels:
    """Mean of each 2 x 2 pixels."""
    parts: Sequence[Pixels] = [image[i::_FINE, j::_FINE] for i in range(_FINE) for j in range(_FINE)]
    return np.mean(parts, axis=0)
