"""Patches: the features of several stages on one grid, one row of numbers for each cell."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def on_one_grid(maps: list[Tensor], size: tuple[int, int]) -> Tensor:
    """Feature maps of several stages, brought to one size and put behind each other.

    Parameters
    ----------
    maps : list of Tensor (N, C_i, h_i, w_i)
        One for each stage. Axis by axis: where a map is finer, cells are averaged, where it is coarser, interpolated.
    size : (h, w)
        The grid.

    Returns
    -------
    Tensor (N, h * w, sum of C_i)
        Row by row, channels last.
    """
    resized = []
    for stage_map in maps:
        height, width = stage_map.shape[-2:]
        # To interpolate an axis that shrinks would leave cells out: what lies there would not be seen.
        averaged = min(height, size[0]), min(width, size[1])
        if averaged != (height, width):
            stage_map = functional.adaptive_avg_pool2d(stage_map, averaged)
        if averaged != size:
            stage_map = functional.interpolate(stage_map, size=size, mode="bilinear", align_corners=False)
        resized.append(stage_map)
    return torch.cat(resized, dim=1).flatten(2).permute(0, 2, 1)


def smooth_grid(values: Tensor, size: tuple[int, int], width: int) -> Tensor:
    """Mean over width x width cells of values (h * w,); at the border over the cells that are there."""
    grid = values.view(1, 1, *size)
    smoothed = functional.avg_pool2d(grid, width, stride=1, padding=width // 2, count_include_pad=False)
    return smoothed.view(-1)
