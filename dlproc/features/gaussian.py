"""A Gaussian for each place of the image: which features are normal here, and how they vary together.

For each cell of the grid the good images give a mean and a covariance of the feature vector; how far a new vector lies
from that mean, counted in the deviations of its direction, is the Mahalanobis distance [1]_. Few images say little
about one place, so both are shrunk towards what all places together say:

- the mean, channel by channel, towards the mean of the whole image, by the share of the variance that lies between the
  places (empirical Bayes [2]_): with many images, or a part that never moves, hardly; with a single one, completely;
- the covariance towards the one pooled over all places, which counts as much as `PRIOR_IMAGES` images.

The pooled covariance also gives the directions worth keeping, and whitens them.

References
----------
.. [1] T. Defard et al.: PaDiM: a patch distribution modeling framework. ICPR 2020.
.. [2] B. Efron, C. Morris: Stein's estimation rule and its competitors. JASA 68, 1973.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

N_DIRECTIONS = 128
_PATCHES_PER_DIRECTION = 4.0  # fewer would make a direction fit the training images alone
PRIOR_IMAGES = 10.0
_RIDGE = 0.01  # of the mean variance, added to each direction
_LEAST_VARIANCE = 1e-4  # of standardised features: what identical images are taken to vary by
_MAX_LEVERAGE = 0.98
_BLOCK = 32  # places at once: their scatter matrices are large
_IMAGES_AT_ONCE = 8


@dataclass(frozen=True)
class PositionGaussians:
    """Means and covariances of all places, in the form in which distances are computed.

    Attributes
    ----------
    projection : Tensor (C, K)
        From features to the directions that are kept, whitened by the pooled covariance.
    mean : Tensor (P, K)
        Mean of each place in these directions.
    whitening : Tensor (P, K, K)
        For each place the inverse of the covariance's Cholesky factor.
    """

    projection: Tensor
    mean: Tensor
    whitening: Tensor

    def distances(self, features: Tensor) -> Tensor:
        """Mahalanobis distance of each patch, (N, P, C) -> (N, P)."""
        deviations = features @ self.projection - self.mean  # (N, P, K)
        return _norms(self.whitening, deviations)


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
        return own / (own + self.within + 1e-6)


def fit_position_gaussians(
    features: Tensor, inside: Tensor, noise: float, n_left_out: int
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
    deviations = features @ directions  # (N, P, K)
    identity = torch.eye(deviations.shape[2], dtype=deviations.dtype, device=deviations.device)
    whitening = identity.repeat(len(counts), 1, 1)
    for block in torch.arange(len(counts)).split(_BLOCK):
        places = slice(int(block[0]), int(block[-1]) + 1)
        of_block = deviations[:, places].transpose(0, 1)  # (places, N, K)
        scatter = torch.bmm(of_block.mT, of_block)
        covariance = (scatter + PRIOR_IMAGES * identity) / (counts[places, :, None] + PRIOR_IMAGES)
        factor = torch.linalg.cholesky(covariance)
        whitening[places] = torch.linalg.solve_triangular(factor, identity.expand_as(factor), upper=False)

    # 5. In the form that takes features as they are.
    projection = weight[:, None] * directions
    gaussians = PositionGaussians(projection, mean @ directions + center @ projection, whitening)
    blocks = zip(features[:n_left_out].split(_IMAGES_AT_ONCE), deviations.split(_IMAGES_AT_ONCE), strict=False)
    left_out = [_left_out(f + mean, d[: len(f)], moments, counts, directions, whitening) for f, d in blocks]
    return gaussians, torch.cat(left_out)


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


def _left_out(
    own: Tensor, deviations: Tensor, moments: _Moments, counts: Tensor, directions: Tensor, whitening: Tensor
) -> Tensor:
    """Distances of training images, standardised features (n, P, C), as if they had not been trained on.

    The mean is computed without the image. Its share in the covariance is taken off by the leverage h: for a scatter
    matrix A and a member z of it, z'(A - zz')^-1 z = z'A^-1 z / (1 - h) with h = z'A^-1 z (Sherman and Morrison).
    """
    others = (counts - 1).clamp(min=0)
    mean = (counts * moments.mean - own) / others.clamp(min=1) * moments.shrinkage(others)
    leverage = _norms(whitening, deviations).square() / (counts[:, 0] + PRIOR_IMAGES)
    return _norms(whitening, (own - mean) @ directions) / (1 - leverage.clamp(max=_MAX_LEVERAGE)).sqrt()


def _norms(whitening: Tensor, deviations: Tensor) -> Tensor:
    """|W_p z_np| for whitening matrices (P, K, K) and deviations (N, P, K): (N, P)."""
    return torch.linalg.vector_norm(torch.bmm(deviations.transpose(0, 1), whitening.mT), dim=2).T
