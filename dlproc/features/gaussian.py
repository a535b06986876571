"""A Gaussian for each place of the image: which features are normal here, and how they vary together.

For each cell of the grid the good images give a mean and a covariance of the feature vector; how far a new vector lies
from that mean, counted in the deviations of its direction, is the Mahalanobis distance [1]_. Few images say little
about one place, so both are shrunk towards what all places together say:

- the mean, channel by channel, towards the mean of the whole image, by the share of the variance that lies between the
  places (empirical Bayes [2]_): with many images, or a part that never moves, hardly; with a single one, completely;
- the covariance towards the one pooled over all places, which counts as much as `PRIOR_IMAGES` images.

The pooled covariance also gives the directions worth keeping, and whitens them.

A covariance takes 64 KB. On a fine grid, of a large image, neighbours share one (`dlproc.features.blocks`); each place
keeps its own mean.

References
----------
.. [1] T. Defard et al.: PaDiM: a patch distribution modeling framework. ICPR 2020.
.. [2] B. Efron, C. Morris: Stein's estimation rule and its competitors. JASA 68, 1973.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from dlproc.features.blocks import Blocks

N_DIRECTIONS = 128
_PATCHES_PER_DIRECTION = 4.0  # fewer would make a direction fit the training images alone
PRIOR_IMAGES = 10.0
_RIDGE = 0.01  # of the mean variance, added to each direction
_LEAST_VARIANCE = 1e-4  # of standardised features: what identical images are taken to vary by
_MAX_LEVERAGE = 0.98
_BLOCKS_AT_ONCE = 32  # their scatter matrices are large
_IMAGES_AT_ONCE, _PLACES_AT_ONCE = 8, 1024  # to be told how far they are; on a fine grid one image at a time


@dataclass(frozen=True)
class PositionGaussians:
    """Means and covariances of all places, in the form in which distances are computed.

    Attributes
    ----------
    projection : Tensor (C, K)
        From features to the directions that are kept, whitened by the pooled covariance.
    mean : Tensor (P, K)
        Mean of each place in these directions.
    whitening : Tensor (B, K, K)
        For each place, or for each block of a fine grid, the inverse of the covariance's Cholesky factor.
    """

    projection: Tensor
    mean: Tensor
    whitening: Tensor

    @property
    def are_shared(self) -> bool:
        """Whether neighbours share covariances."""
        return len(self.whitening) < len(self.mean)

    def distances(self, features: Tensor, grid: tuple[int, int]) -> Tensor:
        """Mahalanobis distance of each patch, (N, P, C) -> (N, P); P = rows * columns of the grid."""
        deviations = features @ self.projection - self.mean  # (N, P, K)
        # A model may be older than the blocks, and hold one matrix for each place of a fine grid.
        return _norms(self.whitening, deviations, Blocks.of(grid) if self.are_shared else Blocks(grid, 1))


@dataclass(frozen=True)
class _Moments:
    """What the good images say, in standardised channels."""

    n_images: Tensor  # (P, 1): at how many the place counts
    mean: Tensor  # (P, C): plain mean of each place
    within: Tensor  # (C,): variance within a place
    between: Tensor  # (C,): variance of the places' true means

    def shrinkage(self, n_images: Tensor) -> Tensor:
        """The share of a place's own mean that is believed, when it comes from that many images; 0 to 1, (P, C)."""
        own = n_images * self.between
        return own.div_((own + self.within).add_(1e-6))  # in place: on a fine grid these are large


def fit_position_gaussians(
    features: Tensor, inside: Tensor, noise: float, n_left_out: int, grid: tuple[int, int]
) -> tuple[PositionGaussians, Tensor]:
    """Fit the Gaussians, and tell how far each of the first images lies from Gaussians fitted without it.

    Parameters
    ----------
    features : Tensor (N, P, C)
        Features of good images. Overwritten: memory is short here.
    inside : Tensor (N, P), bool
        Which patches count.
    noise : float
        Deviation of additional noise on standardised features; its square is added to each variance.
    n_left_out : int
        For how many images, from the first on, the distances without them are wanted.
    grid : (int, int)
        Rows and columns of places, P in all.

    Returns
    -------
    gaussians : PositionGaussians
    left_out : Tensor (n_left_out, P)
        Distances of good images as if they were new; meaningful where `inside`.
    """
    counts = inside.sum(dim=0, dtype=features.dtype)[:, None]  # (P, 1)
    # 1. Standardise each channel; from here on 0 is the mean of the whole image, and what is outside counts nothing.
    n_patches = counts.sum()
    center = (inside.flatten().to(features.dtype) @ features.flatten(0, 1)) / n_patches
    features -= center
    features *= inside[:, :, None]
    deviation = torch.linalg.vector_norm(features, dim=(0, 1)) / n_patches.sqrt()
    weight = 1 / (deviation + 0.1 * deviation.mean() + 1e-3)
    features *= weight

    # 2. The mean of each place, shrunk; `features` become the deviations from it.
    moments = _moments(features, counts)
    mean = moments.mean * moments.shrinkage(counts)
    features -= mean
    features *= inside[:, :, None]

    # 3. Directions that are worth keeping, whitened by the pooled covariance.
    flat = features.flatten(0, 1)
    degrees_of_freedom = (counts - 1).clamp(min=0).sum()
    n_independent = float(degrees_of_freedom if degrees_of_freedom > 0 else n_patches)
    pooled = (flat.T @ flat) / n_independent
    values, vectors = torch.linalg.eigh(pooled.double())
    values = values.clamp(min=0)
    scale = (values + _RIDGE * values.mean() + noise**2 + _LEAST_VARIANCE).rsqrt()
    n_directions = min(N_DIRECTIONS, max(1, int(n_independent / _PATCHES_PER_DIRECTION)))
    directions = (vectors * scale)[:, -n_directions:].to(features.dtype)

    # 4. The covariance of each place in these directions, shrunk to the pooled one, which is the identity there.
    shared = _Shared.of(features, directions, counts, Blocks.of(grid))
    identity = torch.eye(directions.shape[1], dtype=features.dtype, device=features.device)
    whitening = identity.repeat(len(shared.patches), 1, 1)
    scatters = whitening.clone() if shared.blocks.edge > 1 else None
    for some in _in_turn(len(whitening), _BLOCKS_AT_ONCE):
        scatter = _scatter(shared.patches[some])
        if scatters is not None:
            scatters[some] = scatter
        factor = torch.linalg.cholesky(shared.covariances(some, scatter))
        whitening[some] = torch.linalg.solve_triangular(factor, identity.expand_as(factor), upper=False)

    # 5. In the form that takes features as they are.
    projection = weight[:, None] * directions
    gaussians = PositionGaussians(projection, mean @ directions + center @ projection, whitening)
    left_out = []
    for some in _in_turn(n_left_out, _IMAGES_AT_ONCE if shared.blocks.edge == 1 else 1):
        without = _without_themselves(features[some], mean, moments, counts, directions)
        if scatters is None:
            left_out.append(
                _left_out(without, shared.patches[:, some].transpose(0, 1), counts, whitening, shared.blocks)
            )
        else:
            left_out.append(_left_out_of_blocks(without, shared, scatters, some.start))
    return gaussians, torch.cat(left_out)


@dataclass(frozen=True)
class _Shared:
    """What the places of each block say together. They count as one place, with the mean of their scatter matrices."""

    blocks: Blocks
    patches: Tensor  # (B, N * patches of an image, K): deviations of all images in the kept directions
    n_places: Tensor  # (B, 1)
    n_images: Tensor  # (B, 1): at how many a place of the block counts, on average

    @staticmethod
    def of(deviations: Tensor, directions: Tensor, counts: Tensor, blocks: Blocks) -> _Shared:
        n_places = blocks.gather(torch.ones_like(counts)[None]).sum(dim=1)
        n_images = blocks.gather(counts[None]).sum(dim=1) / n_places
        if blocks.edge == 1:
            return _Shared(blocks, blocks.gather(deviations @ directions), n_places, n_images)
        patches = deviations.new_empty((blocks.n_blocks, len(deviations), blocks.edge**2, directions.shape[1]))
        for number in range(len(deviations)):  # one at a time: here gathering makes a copy
            patches[:, number] = blocks.gather(deviations[number : number + 1] @ directions)
        return _Shared(blocks, patches.flatten(1, 2), n_places, n_images)

    def covariances(self, some: slice, scatter: Tensor, n_without: int = 0) -> Tensor:
        """Covariances of some blocks from their scatter matrices (B, K, K), shrunk to the identity."""
        identity = torch.eye(scatter.shape[2], dtype=scatter.dtype, device=scatter.device)
        n_images = (self.n_images[some] - n_without).clamp(min=0)[:, :, None]
        return (scatter / self.n_places[some, :, None] + PRIOR_IMAGES * identity) / (n_images + PRIOR_IMAGES)


def _in_turn(n: int, n_at_once: int) -> Iterator[slice]:
    """All of n, some at a time: all at once would not fit into memory."""
    return (slice(first, min(first + n_at_once, n)) for first in range(0, n, n_at_once))


def _scatter(patches: Tensor) -> Tensor:
    """Scatter matrices (B, K, K) of deviations (B, patches, K)."""
    return torch.bmm(patches.mT, patches)


def _moments(features: Tensor, counts: Tensor) -> _Moments:
    """Means of the places, and how the variance is shared out within and between them."""
    mean = features.sum(dim=0) / counts.clamp(min=1)
    is_seen = counts[:, 0] > 0
    degrees_of_freedom = (counts - 1).clamp(min=0).sum()
    if degrees_of_freedom == 0:  # nowhere more than one image: nothing tells a place from the others
        ones = torch.ones_like(mean[0])
        return _Moments(counts, mean, within=ones, between=torch.zeros_like(ones))
    sum_of_squares = torch.linalg.vector_norm(features, dim=(0, 1)).square() - (counts * mean.square()).sum(dim=0)
    within = sum_of_squares.clamp(min=0) / degrees_of_freedom
    spread = mean[is_seen].var(dim=0, correction=0)
    between = (spread - within * (1 / counts[is_seen]).mean()).clamp(min=0)
    return _Moments(counts, mean, within, between)


def _without_themselves(
    features: Tensor, mean: Tensor, moments: _Moments, counts: Tensor, directions: Tensor
) -> Tensor:
    """Deviations (n, P, K) of training images from the mean of the others; `features` are those from `mean`, (P, C)."""
    without = features.new_empty((*features.shape[:2], directions.shape[1]))
    for places in _in_turn(len(counts), _PLACES_AT_ONCE):
        own, n_all = features[:, places] + mean[places], counts[places]
        others = (n_all - 1).clamp(min=0)
        mean_of_others = (n_all * moments.mean[places] - own) / others.clamp(min=1) * moments.shrinkage(others)
        without[:, places] = (own - mean_of_others) @ directions
    return without


def _left_out(without: Tensor, deviations: Tensor, counts: Tensor, whitening: Tensor, blocks: Blocks) -> Tensor:
    """Distances of training images as if they had not been trained on.

    The mean is computed without the image. Its share in the covariance is taken off by the leverage h: for a scatter
    matrix A and a member z of it, z'(A - zz')^-1 z = z'A^-1 z / (1 - h) with h = z'A^-1 z (Sherman and Morrison).
    """
    leverage = _norms(whitening, deviations, blocks).square() / (counts[:, 0] + PRIOR_IMAGES)
    return _norms(whitening, without, blocks) / (1 - leverage.clamp(max=_MAX_LEVERAGE)).sqrt()


def _left_out_of_blocks(without: Tensor, shared: _Shared, scatters: Tensor, image: int) -> Tensor:
    """The same where places share covariances, for one image: it has many patches in each, so the covariance is
    computed without them.
    """
    n_patches = shared.blocks.edge**2
    own, new = slice(image * n_patches, (image + 1) * n_patches), shared.blocks.gather(without)
    distances = new.new_empty(new.shape[:2])  # (B, patches)
    for some in _in_turn(len(new), _BLOCKS_AT_ONCE):
        others = shared.covariances(some, scatters[some] - _scatter(shared.patches[some, own]), n_without=1)
        whitened = torch.linalg.solve_triangular(torch.linalg.cholesky(others), new[some].mT, upper=False)
        distances[some] = torch.linalg.vector_norm(whitened, dim=1)
    return shared.blocks.scatter(distances)


def _norms(whitening: Tensor, deviations: Tensor, blocks: Blocks) -> Tensor:
    """|W_p z_np| for whitening matrices (B, K, K) and deviations (N, P, K): (N, P)."""
    # The matrices on the left: of a single image each is then read once, in the order in which it lies in memory.
    whitened = torch.bmm(whitening, blocks.gather(deviations).mT)
    return blocks.scatter(torch.linalg.vector_norm(whitened, dim=1))
