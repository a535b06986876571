"""A network that tells what should lie at a place from everything around it.

The image is a grid of cells, each described by a few numbers (a token). Some cells are hidden; a small transformer [1]_
fills them in from the others, as a language model fills in missing words [2]_. It learns what goes with what: how many
of a kind there are, what stands beside what, what all have in common. Where the true token differs from the one that
was filled in, the image breaks a rule, though the cell itself may look as it always does.

Cells are asked about in tiles, and with a tile the cells around it are hidden too: a part that reaches over the border
of its cell would tell on itself.

References
----------
.. [1] A. Vaswani et al.: Attention is all you need. NeurIPS 2017; with normalisation before each block, as in GPT-2.
.. [2] J. Devlin et al.: BERT, NAACL 2019; for anomalies of images V. Zavrtanik et al.: RIAD, Pattern Recognition 112,
   2021.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

GRID = 8  # cells to each side of the image, whatever its size
N_CELLS = GRID * GRID
_TILE = 2  # cells to each side that are asked about at once
_AROUND = 1  # cells around them that are hidden with them
_WIDTH = 96
_HEADS = 4
_LAYERS = 3
_LARGEST_HOLE = 4  # cells to a side
_MORE_HOLES = (0.6, 0.3)  # how often a second and a third hole are cut in training


class ContextNetwork(nn.Module):
    """Tokens (N, 64, D), of which some are hidden, to tokens (N, 64, D) as they should be."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.enter = nn.Linear(n_features, _WIDTH)
        self.place = nn.Parameter(torch.zeros(N_CELLS, _WIDTH))
        self.unknown = nn.Parameter(torch.zeros(_WIDTH))
        self.blocks = nn.ModuleList(_Block() for _ in range(_LAYERS))
        self.norm = nn.LayerNorm(_WIDTH)
        self.leave = nn.Linear(_WIDTH, n_features)

    def forward(self, tokens: Tensor, hidden: Tensor) -> Tensor:
        """Fill in; `hidden` (N, 64), bool."""
        entered = self.enter(tokens)
        state = torch.where(hidden[:, :, None], self.unknown.expand_as(entered), entered) + self.place
        for block in self.blocks:
            state = block(state)
        filled: Tensor = self.leave(self.norm(state))
        return filled

    def draw(self, generator: np.random.Generator) -> None:
        """Set all weights to what training starts from."""
        with torch.no_grad():
            for name, weight in self.named_parameters():
                if weight.ndim == 2:
                    # Places must be told apart from the start; a matrix keeps the size of what goes through it.
                    scale = 0.5 if name == "place" else weight.shape[1] ** -0.5
                    drawn = generator.standard_normal(weight.shape, np.float32) * np.float32(scale)
                    weight.copy_(torch.from_numpy(drawn))
                elif not ("norm" in name and name.endswith("weight")):
                    weight.zero_()


class _Block(nn.Module):
    """Each cell looks at all others, then thinks for itself."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_look = nn.LayerNorm(_WIDTH)
        self.look = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.gather = nn.Linear(_WIDTH, _WIDTH)
        self.norm_think = nn.LayerNorm(_WIDTH)
        self.think = nn.Sequential(nn.Linear(_WIDTH, 2 * _WIDTH), nn.GELU(), nn.Linear(2 * _WIDTH, _WIDTH))

    def forward(self, state: Tensor) -> Tensor:
        n_images, n_cells, _ = state.shape
        asked = self.look(self.norm_look(state)).view(n_images, n_cells, 3, _HEADS, _WIDTH // _HEADS)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value)
        state = state + self.gather(seen.transpose(1, 2).reshape(n_images, n_cells, _WIDTH))
        thought: Tensor = state + self.think(self.norm_think(state))
        return thought


def draw_hidden(generator: np.random.Generator, n_images: int) -> NDArray[np.bool_]:
    """Which cells training hides: one to three square holes of 2 to 4 cells to a side; (n_images, 64)."""
    cells = np.arange(GRID)
    hidden = np.zeros((n_images, GRID, GRID), bool)
    for share in (1.0, *_MORE_HOLES):
        is_cut = generator.random(n_images) < share
        size = generator.integers(2, _LARGEST_HOLE + 1, n_images)[:, None]
        top, left = (generator.integers(1 - size, GRID) for _ in range(2))  # may reach over the border
        in_rows, in_columns = ((cells >= first) & (cells < first + size) for first in (top, left))
        hidden |= is_cut[:, None, None] & in_rows[:, :, None] & in_columns[:, None, :]
    return hidden.reshape(n_images, N_CELLS)


def filled_in(network: ContextNetwork, tokens: Tensor) -> Tensor:
    """What each cell should be, as the cells away from it say; (N, 64, D) -> (N, 64, D)."""
    filled = torch.empty_like(tokens)
    for hidden, asked in _tiles():
        answer = network(tokens, hidden.to(tokens.device).expand(len(tokens), -1))
        filled[:, asked] = answer[:, asked]
    return filled


def _tiles() -> list[tuple[Tensor, Tensor]]:
    """For each tile: cells that are hidden (64,), bool, and the cells asked about, their numbers."""
    rows, columns = torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")
    tiles = []
    for top in range(0, GRID, _TILE):
        for left in range(0, GRID, _TILE):
            away_rows = torch.maximum(top - rows, rows - (top + _TILE - 1)).clamp(min=0)
            away_columns = torch.maximum(left - columns, columns - (left + _TILE - 1)).clamp(min=0)
            away = torch.maximum(away_rows, away_columns).flatten()
            tiles.append((away <= _AROUND, torch.nonzero(away == 0).flatten()))
    return tiles
