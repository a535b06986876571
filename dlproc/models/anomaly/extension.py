"""Good images that join a trained reference, without those that it was trained on.

What is in the reference is enough to go on, because each part is a mean with a known number of images behind it:

- a Gaussian of `n` images and one of the new images become one of both, by the formulas for merging means and scatter
  matrices [1]_ (the prior of the covariance counts as images whose deviation is its own);
- patches of the new images that the bank does not cover join it, the farthest first. When it would hold more than
  twice its capacity, patches that have a near neighbour in it leave;
- level and spread are those of the old calibration images and of the new images together. For that each new image is
  compared with the reference as extended by the other new ones.

The directions, and how their features are standardised, stay those of the training.

For places that have a Gaussian each: where the neighbours of a fine grid share covariances a model is trained anew.

References
----------
.. [1] T. F. Chan, G. H. Golub, R. J. LeVeque: Updating formulae and a pairwise algorithm for computing sample
   variances. COMPSTAT 1982.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlproc.features.backbone import Backbone
from dlproc.features.coreset import KCentre
from dlproc.features.gaussian import PRIOR_IMAGES, PositionGaussians
from dlproc.features.neighbours import nearest_distance
from dlproc.models.anomaly.patch_statistics import (
    Reference,
    deviation_of,
    extract,
    level_and_spread,
    read_reference,
    representable,
)

_COVERED = 1.0  # a patch is covered up to this many spreads above the level of good images
_BLOCK = 32  # places at once
_MAX_LEVERAGE = 0.98


@dataclass(frozen=True)
class Extended:
    """A reference with more images behind it.

    Attributes
    ----------
    reference : Reference
    n_patches_added, n_patches_removed, n_patches : int
        Of the bank, and how many it has now.
    """

    reference: Reference
    n_patches_added: int
    n_patches_removed: int
    n_patches: int


def extend_reference(
    reference: Reference,
    backbone: Backbone,
    images: Sequence[Tensor],
    inside: NDArray[np.bool_],
    capacity: int,
) -> Extended:
    """Let good images join; see `extend`. `images` are the network's input, (1, 3, H, W) each."""
    pairs = [extract(backbone, image, reference.grid) for image in images]
    features, bank_features = (torch.cat(part) for part in zip(*pairs, strict=True))
    flat = torch.from_numpy(inside).flatten(1).to(features.device)
    extended = extend(reference, features, bank_features, flat, capacity)
    # Through the form of a file and back, as after training.
    restored = read_reference(extended.reference.to_tree()).to(features.device)
    return replace(extended, reference=restored)


def extend(reference: Reference, features: Tensor, bank_features: Tensor, inside: Tensor, capacity: int) -> Extended:
    """Let good images join.

    Parameters
    ----------
    features, bank_features : Tensor (N, P, C), (N, P, D)
        Of the new images, in an order that does not depend on the user.
    inside : Tensor (N, P), bool
        Patches that count.
    capacity : int
        Patches that training put into the bank at most.
    """
    counts = reference.counts
    projected = features @ reference.gaussians.projection  # (N, P, K)
    gaussians = _merge(reference.gaussians, counts[0], projected, inside)
    bank, image_of_patch, n_added, n_removed = _grow(reference, bank_features, inside, 2 * capacity)

    # Each new image as if it were not among them.
    here = _left_out(gaussians, counts[0] + inside.sum(dim=0), projected)
    anywhere = torch.stack([_nearest(bank_features[n], bank[image_of_patch != n]) for n in range(len(features))])
    level, spread = reference.level.clone(), reference.spread.clone()
    units = gaussians.mean.shape[1] ** 0.5, deviation_of(bank)
    for question, distances in enumerate((here, anywhere)):
        new = level_and_spread(distances, inside, reference.grid, units[question])
        old = level[question], torch.nan_to_num(spread[question], posinf=0.0)
        level[question], merged = _merge_spread(old, new, counts[1], inside.sum(dim=0))
        is_known = torch.isfinite(spread[question]) | inside.any(dim=0)
        spread[question] = torch.where(is_known, merged, spread[question])
    extended = replace(
        reference,
        gaussians=gaussians,
        bank=bank,
        bank_squares=bank.square().sum(dim=1),
        level=level,
        spread=spread,
        counts=counts + inside.sum(dim=0),
    )
    return Extended(extended, n_added, n_removed, len(bank))


def _merge(gaussians: PositionGaussians, counts: Tensor, projected: Tensor, inside: Tensor) -> PositionGaussians:
    """Gaussians of `counts` images (P,) and of new ones, given in the kept directions (N, P, K)."""
    weights = inside.to(projected.dtype)[:, :, None]
    n_new, n_old = weights.sum(dim=0), counts[:, None]  # (P, 1)
    new_mean = (projected * weights).sum(dim=0) / n_new.clamp(min=1)
    difference = (new_mean - gaussians.mean) * (n_new > 0)
    n_all = n_old + n_new
    mean = gaussians.mean + difference * n_new / n_all.clamp(min=1)
    whitening = gaussians.whitening.clone()
    identity = torch.eye(mean.shape[1], dtype=mean.dtype, device=mean.device)
    for block in torch.nonzero(n_new[:, 0])[:, 0].split(_BLOCK):
        deviations = ((projected[:, block] - new_mean[block]) * weights[:, block]).transpose(0, 1)  # (p, N, K)
        old = torch.linalg.solve_triangular(whitening[block], identity.expand(len(block), -1, -1), upper=False)
        between = difference[block, :, None] @ difference[block, None, :]
        n_prior_and_old = (n_old[block] + PRIOR_IMAGES)[:, :, None]
        scatter = old @ old.mT * n_prior_and_old + deviations.mT @ deviations
        scatter += between * (n_old * n_new / n_all.clamp(min=1))[block][:, :, None]
        covariance = scatter / (n_all[block] + PRIOR_IMAGES)[:, :, None]
        factor = torch.linalg.cholesky(covariance)
        whitening[block] = torch.linalg.solve_triangular(factor, identity.expand_as(factor), upper=False)
    return PositionGaussians(gaussians.projection, mean, representable(whitening))


def _left_out(gaussians: PositionGaussians, counts: Tensor, projected: Tensor) -> Tensor:
    """Distances of members (N, P, K) of Gaussians of `counts` images (P,) from the same Gaussians without them.

    Without a member z, at d = z - m from the mean of n, the mean lies d / (n - 1) farther from it, and the scatter
    matrix S loses dd' n / (n - 1). With h = d'S^-1 d that gives d'(S - dd' n / (n - 1))^-1 d = h / (1 - h n / (n - 1)).
    """
    deviations = projected - gaussians.mean
    squares = torch.bmm(deviations.transpose(0, 1), gaussians.whitening.mT).square().sum(dim=2).T  # (N, P)
    ratio = counts / (counts - 1).clamp(min=1)
    leverage = squares / (counts + PRIOR_IMAGES)
    rest = (1 - ratio * leverage).clamp(min=1 - _MAX_LEVERAGE)
    return (ratio.square() * (counts - 1 + PRIOR_IMAGES) * leverage / rest).sqrt()


def _grow(reference: Reference, patches: Tensor, inside: Tensor, n_most: int) -> tuple[Tensor, Tensor, int, int]:
    """The bank with what it did not cover; the new image that each patch is from, -1: none; how many came and left."""
    bank = reference.bank
    image_of_patch = torch.full((len(bank),), -1, device=bank.device)
    covered = reference.level[1] + _COVERED * torch.nan_to_num(reference.spread[1], posinf=0.0)
    n_added = 0
    for number, of_image in enumerate(patches):
        distances = _nearest(of_image, bank)
        while (is_open := (distances > covered) & inside[number]).any():
            farthest = int(torch.where(is_open, distances / covered, -torch.inf).argmax())
            chosen = representable(of_image[farthest : farthest + 1])
            bank = torch.cat([bank, chosen])
            distances = torch.minimum(distances, torch.linalg.vector_norm(of_image - chosen, dim=1))
            distances[farthest] = 0.0
            image_of_patch = torch.cat([image_of_patch, image_of_patch.new_tensor([number])])
            n_added += 1
    if len(bank) <= n_most:
        return bank, image_of_patch, n_added, 0
    centres = KCentre(bank, first=0)
    centres.grow(n_most)
    stay = torch.tensor(sorted(centres.chosen), device=bank.device)
    return bank[stay], image_of_patch[stay], n_added, len(bank) - len(stay)


def _nearest(patches: Tensor, bank: Tensor) -> Tensor:
    return nearest_distance(patches, bank, bank.square().sum(dim=1))


def _merge_spread(
    old: tuple[Tensor, Tensor], new: tuple[Tensor, Tensor], n_old: Tensor, n_new: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of two groups of images as those of one."""
    share = n_new / (n_old + n_new).clamp(min=1)
    level = old[0] + share * (new[0] - old[0])
    variance = (1 - share) * old[1].square() + share * new[1].square()
    return level, (variance + share * (1 - share) * (new[0] - old[0]).square()).sqrt()
