"""Blocks of neighbouring places: what a fine grid shares, because one of each place would not fit into memory."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

_MAX_BLOCKS = 1024


@dataclass(frozen=True)
class Blocks:
    """Square blocks of a grid; those at its right and lower end may stand over, and hold fewer places.

    Attributes
    ----------
    grid : (int, int)
        Rows and columns of places.
    edge : int
        Places along the side of a block; 1: each place is a block of its own.
    """

    grid: tuple[int, int]
    edge: int

    @staticmethod
    def of(grid: tuple[int, int]) -> Blocks:
        """The smallest blocks of which there are at most 1,024.

        Examples
        --------
        >>> Blocks.of((32, 32)).edge, Blocks.of((188, 250)).edge
        (1, 7)
        """
        edge = 1
        while -(-grid[0] // edge) * -(-grid[1] // edge) > _MAX_BLOCKS:
            edge += 1
        return Blocks(grid, edge)

    @property
    def n_blocks(self) -> int:
        """How many there are."""
        rows, columns = self._counts()
        return rows * columns

    def gather(self, values: Tensor) -> Tensor:
        """Values of places (N, P, K) by block, (B, N * edge * edge, K); 0 where a block stands over."""
        if self.edge == 1:
            return values.transpose(0, 1)
        (n_images, _, n_values), (rows, columns) = values.shape, self._counts()
        right, below = columns * self.edge - self.grid[1], rows * self.edge - self.grid[0]
        on_grid = functional.pad(values.reshape(n_images, *self.grid, n_values), (0, 0, 0, right, 0, below))
        by_block = on_grid.view(n_images, rows, self.edge, columns, self.edge, n_values).permute(1, 3, 0, 2, 4, 5)
        return by_block.reshape(rows * columns, -1, n_values)

    def scatter(self, values: Tensor) -> Tensor:
        """The inverse for one number of each place: (B, N * edge * edge) to (N, P)."""
        if self.edge == 1:
            return values.T
        rows, columns = self._counts()
        by_block = values.view(rows, columns, -1, self.edge, self.edge).permute(2, 0, 3, 1, 4)
        on_grid = by_block.reshape(-1, rows * self.edge, columns * self.edge)
        return on_grid[:, : self.grid[0], : self.grid[1]].flatten(1)

    def _counts(self) -> tuple[int, int]:
        """Rows and columns of blocks."""
        return -(-self.grid[0] // self.edge), -(-self.grid[1] // self.edge)
