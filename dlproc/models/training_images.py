"""What a method is trained on, one image at a time, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from dlproc.models.checkpoint import Checkpoint


class Learnt(NamedTuple):
    """What training gives.

    Attributes
    ----------
    reference : Reference
        See `dlproc.models.registry`.
    final_error, final_epoch : float and int
        As in DLTrainResult.
    image_distances : array (n,), float32, or None
        How far each training image is, as a whole, from what the others show; in standard deviations.
    """

    reference: Any
    final_error: float
    final_epoch: int
    image_distances: NDArray[np.float32] | None = None


class TrainingImages:
    """A sequence of (Tensor (1, 3, H, W), cells that count (h, w)), read when asked for.

    Attributes
    ----------
    size : (int, int)
        Height and width in pixels.
    grid : (int, int)
        The same in cells; with tiles the last ones may stand over.
    tile : int
        Side of the tiles that the network sees, in pixels; 0: it sees whole images.
    standard_deviation_factor : float
        The model's, for scores of whole images.
    fingerprints : array (n,), uint64
        Of each image that was read; see `dlproc.models.held_out`.
    light : array (n, 2), float32
        Mean gray value and contrast of each image that was read; NaN where they are not known.
    checkpoint : Checkpoint or None
        Where to keep what is done.
    """

    def __init__(
        self,
        read: Callable[[int], tuple[Tensor, NDArray[np.bool_], int, tuple[float, float]]],
        n_images: int,
        size: tuple[int, int],
        grid: tuple[int, int],
        tile: int,
        standard_deviation_factor: float,
        checkpoint: Checkpoint | None,
        show_progress: bool,
    ) -> None:
        self._read = read
        self._n_images = n_images
        self.size = size
        self.grid = grid
        self.tile = tile
        self.standard_deviation_factor = standard_deviation_factor
        self.checkpoint = checkpoint
        self.show_progress = show_progress
        self.fingerprints = np.zeros(n_images, np.uint64)
        self.light = np.full((n_images, 2), np.nan, np.float32)

    def __len__(self) -> int:
        return self._n_images

    def __getitem__(self, number: int) -> tuple[Tensor, NDArray[np.bool_]]:
        image, inside, self.fingerprints[number], self.light[number] = self._read(number)
        return image, inside

    def __iter__(self) -> Iterator[tuple[Tensor, NDArray[np.bool_]]]:
        with self.progress(0, len(self)) as progress:
            for number in range(len(self)):
                yield self[number]
                progress.update()

    def progress(
        self, n_done: int, n_total: int, what: str = "Extracting features", unit: str = "image"
    ) -> tqdm[NoReturn]:
        """A progress bar that begins where the work does, and says how long it will take."""
        return tqdm(desc=what, total=n_total, initial=n_done, unit=unit, disable=not self.show_progress)

    def batch(self, numbers: Sequence[int]) -> tuple[Tensor, NDArray[np.bool_]]:
        """Some images together, (N, 3, H, W) and (N, h, w)."""
        images, inside = zip(*(self[number] for number in numbers), strict=True)
        batch = (images[0] if len(images) == 1 else torch.cat(images)).contiguous(memory_format=torch.channels_last)
        return batch, np.stack(inside)

    def notes(self, numbers: Sequence[int]) -> dict[str, Any]:
        """What was noted of some images, for a file."""
        rows = np.asarray(numbers, np.intp)
        return {"fingerprints": self.fingerprints[rows], "light": self.light[rows]}

    def restore(self, numbers: Sequence[int], notes: Mapping[str, Any]) -> None:
        """The inverse of `notes`."""
        rows = np.asarray(numbers, np.intp)
        self.fingerprints[rows], self.light[rows] = notes["fingerprints"], notes["light"]
