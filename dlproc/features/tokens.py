"""An image in a few numbers: tokens, which say what lies in each cell of a coarse grid, and its composition, which says
what lies in the image as a whole, wherever it is.

Tokens keep what differs most from image to image (principal components): few, so that a network which learns from a
hundred images has something to learn and not to remember. The composition is the mean of the features over the image,
in which one part more or less is a step of known size, and a Gaussian for it [1]_.

References
----------
.. [1] O. Ledoit, M. Wolf: A well-conditioned estimator for large-dimensional covariance matrices. J. Multivariate
   Analysis 88, 2004: why the covariance is drawn to the identity.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

_N_COMPONENTS = 16
_SHRINKAGE = 0.1  # of the covariance of standardised features, towards the identity


@dataclass(frozen=True)
class Tokens:
    """How features become tokens.

    Attributes
    ----------
    projection : Tensor (C, D)
        From standardised features to components, all together of unit variance.
    weight : Tensor (C,)
        One over the deviation of each channel.
    mean : Tensor (P, C)
        Mean of each cell.
    """

    projection: Tensor
    weight: Tensor
    mean: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """(N, P, C) -> (N, P, D)."""
        return ((features - self.mean) * self.weight) @ self.projection


def fit_tokens(features: Tensor, inside: Tensor) -> Tokens:
    """Find the components of good images.

    Parameters
    ----------
    features : Tensor (N, P, C)
    inside : Tensor (N, P), float
        1 for cells that count, 0 for others.
    """
    counts = inside.sum(dim=0)[:, None].clamp(min=1)
    mean = (features * inside[:, :, None]).sum(dim=0) / counts
    deviations = (features - mean) * inside[:, :, None]
    flat = deviations.flatten(0, 1)
    spread = flat.square().sum(dim=0).div(inside.sum()).sqrt()
    weight = 1 / (spread + 0.1 * spread.mean() + 1e-3)
    flat = flat * weight
    values, vectors = torch.linalg.eigh((flat.T @ flat).double() / float(inside.sum()))
    largest = values[-_N_COMPONENTS:].clamp(min=0)
    scale = largest.mean().clamp(min=1e-6).rsqrt()
    return Tokens((vectors[:, -_N_COMPONENTS:] * scale).float(), weight, mean)


@dataclass(frozen=True)
class Composition:
    """A Gaussian of the mean features of an image.

    Attributes
    ----------
    mean : Tensor (C,)
    whitening : Tensor (C, C)
        Of deviations from the mean.
    """

    mean: Tensor
    whitening: Tensor

    def distances(self, means: Tensor) -> Tensor:
        """Mahalanobis distance of each image's means (N, C): (N,)."""
        return torch.linalg.vector_norm((means - self.mean) @ self.whitening.T, dim=1)


def mean_features(features: Tensor, inside: Tensor) -> Tensor:
    """Mean over the cells that count: (N, P, C) and (N, P) -> (N, C)."""
    return (features * inside[:, :, None]).sum(dim=1) / inside.sum(dim=1, keepdim=True).clamp(min=1)


def fit_composition(means: Tensor) -> tuple[Composition, Tensor]:
    """Fit the Gaussian to the means (N, C) of good images, and tell how far each lies from one fitted without it, (N,).

    The image's share in the covariance is taken off by its leverage (Sherman and Morrison), as in
    `dlproc.features.gaussian`.
    """
    n_images, n_channels = means.shape
    mean = means.mean(dim=0)
    deviations = (means - mean).double()
    spread = deviations.square().mean(dim=0).sqrt()
    weight = 1 / (spread + 0.1 * spread.mean() + 1e-3)
    standardised = deviations * weight
    share = (1 - _SHRINKAGE) / n_images
    identity = torch.eye(n_channels, dtype=torch.float64, device=means.device)
    factor = torch.linalg.cholesky(share * standardised.T @ standardised + _SHRINKAGE * identity)
    whitening = torch.linalg.solve_triangular(factor, identity, upper=False)
    squares = (standardised @ whitening.T).square().sum(dim=1)
    left_out = (squares / (1 - (share * squares).clamp(max=0.98))).sqrt() * n_images / max(n_images - 1, 1)
    return Composition(mean, (whitening * weight).float()), left_out.float()


def tensors_of(part: Tokens | Composition) -> dict[str, Tensor]:
    """The tensors by name, for a file or another device."""
    return {field.name: getattr(part, field.name) for field in fields(part)}
