"""A network that sees a large image tile by tile: original pixels, in bounded memory.

The feature maps of overlapping tiles are blended into maps of the whole image (`dlproc.images.tiles`), so that what
comes after does not know that there were tiles. The memory that the network needs inside, many times that of the maps,
is that of a few tiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from dlproc.features.backbone import STRIDES, Backbone
from dlproc.images.tiles import blend_weights, padded_length, tile_starts

# Pixels of the tiles that go through the network together; one tile at least does. A CPU is twice as fast while it
# finds them in its cache; a graphics card wants many.
PIXELS_AT_ONCE_CPU = 1 << 18
_PIXELS_AT_ONCE_GPU = 1 << 22


class TiledBackbone(nn.Module):
    """Called as the network that it wraps, with images of any size from 32 x 32 on.

    Parameters
    ----------
    backbone : Backbone
        What sees the tiles.
    tile : int
        Width and height of a tile, pixels, a multiple of 32. Where the image is smaller, so is the tile.
    overlap : int
        Pixels that neighbours share at least, a multiple of 32, at most half a tile.
    """

    def __init__(self, backbone: Backbone, tile: int, overlap: int) -> None:
        super().__init__()
        self.variant = backbone.variant
        self.backbone = backbone
        self.tile = tile
        self.overlap = overlap

    def forward(self, images: Tensor, stages: tuple[int, ...]) -> list[Tensor]:
        """Feature maps of images (N, 3, H, W) behind the given stages.

        Returns
        -------
        list of Tensor (N, C, h, w)
            Of the image with its sides brought to multiples of 32, by reflection at the right and lower border.
        """
        axes = [_Axis.of(length, self.tile, self.overlap) for length in images.shape[-2:]]
        rows, columns = axes
        places = [
            (n, i, j) for n in range(len(images)) for i in range(len(rows.starts)) for j in range(len(columns.starts))
        ]
        n_pixels = PIXELS_AT_ONCE_CPU if images.device.type == "cpu" else _PIXELS_AT_ONCE_GPU
        n_at_once = max(1, n_pixels // (rows.tile * columns.tile))
        maps: list[Tensor] = []
        for first in range(0, len(places), n_at_once):
            batch = places[first : first + n_at_once]
            tiles = torch.stack([_cut(images[n], rows, columns, i, j) for n, i, j in batch])
            parts = self.backbone(tiles.contiguous(memory_format=torch.channels_last), stages)
            maps = maps or [
                _zeros(part, len(images), rows, columns, stage) for part, stage in zip(parts, stages, strict=True)
            ]
            for blended, part, stage in zip(maps, parts, stages, strict=True):
                of_rows, of_columns = rows.weights(stage, part.device), columns.weights(stage, part.device)
                for tile_map, (n, i, j) in zip(part, batch, strict=True):
                    place = n, slice(None), rows.cells(i, stage), columns.cells(j, stage)
                    blended[place] += tile_map * (of_rows[i][:, None] * of_columns[j])
        return maps


@dataclass(frozen=True)
class _Axis:
    """Tiles along the rows or the columns of an image."""

    length: int  # pixels, a multiple of 32
    tile: int
    overlap: int
    starts: list[int]

    @staticmethod
    def of(length: int, tile: int, overlap: int) -> _Axis:
        padded = padded_length(length)
        side = min(tile, padded)
        return _Axis(padded, side, overlap, tile_starts(padded, side, overlap))

    def pixels(self, index: int) -> slice:
        """Where a tile lies; it may end behind the image."""
        return slice(self.starts[index], self.starts[index] + self.tile)

    def cells(self, index: int, stage: int) -> slice:
        """Where a tile lies in the feature map of a stage."""
        return slice(self.starts[index] // STRIDES[stage - 1], (self.starts[index] + self.tile) // STRIDES[stage - 1])

    def weights(self, stage: int, device: torch.device) -> Tensor:
        """Weight of each cell of each tile, (n_tiles, cells)."""
        length, tile, overlap, *starts = (
            n // STRIDES[stage - 1] for n in (self.length, self.tile, self.overlap, *self.starts)
        )
        return torch.from_numpy(blend_weights(length, starts, tile, overlap)).to(device)


def _cut(image: Tensor, rows: _Axis, columns: _Axis, i: int, j: int) -> Tensor:
    """One tile of an image (C, H, W); what lies behind the image is reflected at its border."""
    tile = image[:, rows.pixels(i), columns.pixels(j)]
    below, right = rows.tile - tile.shape[1], columns.tile - tile.shape[2]
    return functional.pad(tile[None], (0, right, 0, below), mode="reflect")[0] if below or right else tile


def _zeros(part: Tensor, n_images: int, rows: _Axis, columns: _Axis, stage: int) -> Tensor:
    """An empty map of the whole images, for parts like this one."""
    size = n_images, part.shape[1], rows.length // STRIDES[stage - 1], columns.length // STRIDES[stage - 1]
    return torch.empty(size, dtype=part.dtype, device=part.device, memory_format=torch.channels_last).zero_()
