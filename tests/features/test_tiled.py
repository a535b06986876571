"""Tiles around a network, and covariances that neighbours share, against doing without either."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from dlproc.features.backbone import STRIDES, read_backbone
from dlproc.features.blocks import Blocks
from dlproc.features.gaussian import fit_position_gaussians
from dlproc.features.tiled import TiledBackbone
from dlproc.images.tiles import padded_length


def draw(*shape, seed=0):
    return torch.from_numpy(np.random.Generator(np.random.PCG64(seed)).normal(size=shape).astype(np.float32))


class Means:
    """A network that sees nothing but its cell: of it tiles can change nothing at all."""

    variant = "means"

    def __init__(self):
        self.seen = []

    def __call__(self, images, stages):
        self.seen.append(tuple(images.shape))
        return [functional.avg_pool2d(images, STRIDES[stage - 1]) for stage in stages]


@pytest.mark.parametrize("size", [(512, 512), (700, 400), (200, 900), (40, 32)])
def test_maps_of_tiles_are_the_maps_of_the_whole(size):
    images, stages = draw(2, 3, *size), (3, 4, 6)
    below, right = (padded_length(length) - length for length in size)
    padded = torch.from_numpy(np.pad(images.numpy(), ((0, 0), (0, 0), (0, below), (0, right)), mode="reflect"))
    for ours, expected in zip(TiledBackbone(Means(), 256, 64)(images, stages), Means()(padded, stages), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-5)


def test_an_image_in_one_tile_is_the_image():
    network, images = read_backbone("lite0", 6), draw(1, 3, 96, 160).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for ours, expected in zip(
            TiledBackbone(network, 256, 128)(images, (3, 6)), network(images, (3, 6)), strict=True
        ):
            assert torch.equal(ours, expected)


def test_the_networks_maps_hardly_change():
    """What a stage sees through a tile's border is missing; blending leaves little of that in the stages of detail."""
    network, images = read_backbone("lite0", 5), draw(1, 3, 512, 640).clamp(-1, 1)
    with torch.inference_mode():
        whole, tiled = network(images, (3, 4, 5)), TiledBackbone(network, 384, 128)(images, (3, 4, 5))
        cut = TiledBackbone(network, 384, 0)(images, (3, 4, 5))
    for ours, hard, expected, most in zip(tiled, cut, whole, (0.01, 0.05, 0.25), strict=True):
        deviation = expected.std(dim=(0, 2, 3), keepdim=True)
        error, hard_error = (((m - expected) / deviation).square().mean(dim=1).sqrt().max() for m in (ours, hard))
        assert error < most
        assert hard_error > 2 * error  # without overlap there is a seam


def test_the_network_never_sees_more_than_some_tiles():
    network = Means()
    TiledBackbone(network, 256, 64)(draw(1, 3, 1000, 200), (3,))
    assert {shape[1:] for shape in network.seen} == {(3, 256, 224)}
    assert max(shape[0] for shape in network.seen) * 256 * 224 <= 1 << 18


# ---------------------------------------------------------------------------------------------------------------- blocks


@pytest.mark.parametrize(("grid", "edge"), [((1, 1), 1), ((32, 32), 1), ((33, 32), 2), ((188, 250), 7), ((14, 313), 3)])
def test_there_are_at_most_1024_blocks(grid, edge):
    blocks = Blocks.of(grid)
    assert blocks.edge == edge
    assert len(blocks.gather(torch.zeros(1, grid[0] * grid[1], 1))) <= 1024


def test_blocks_hold_the_places_of_a_square():
    rows, columns = torch.meshgrid(torch.arange(5.0), torch.arange(7.0), indexing="ij")
    values = torch.stack([rows.flatten() + 1, columns.flatten() + 1], dim=1)[None]  # 0 is what stands over
    blocks = Blocks((5, 7), 3)
    gathered = blocks.gather(torch.cat([values, -values]))
    assert gathered.shape == (2 * 3, 2 * 9, 2)
    assert gathered[4, :9].tolist() == [[r, c] if r <= 5 else [0, 0] for r in (4, 5, 6) for c in (4, 5, 6)]
    assert torch.equal(gathered[:, 9:], -gathered[:, :9])
    assert torch.equal(blocks.scatter(gathered[:, :, 1].contiguous()), torch.cat([values, -values])[:, :, 1])


def test_neighbours_share_a_covariance_and_keep_their_means():
    """Against NumPy: the deviations of the four places of a block, each from its own mean, give its covariance."""
    grid, n_images = (34, 36), 400  # edge 2
    places = draw(grid[0] * grid[1], 3, seed=1) * 5
    features = draw(n_images, grid[0] * grid[1], 3) + places
    inside = torch.ones(features.shape[:2], dtype=torch.bool)
    gaussians, _ = fit_position_gaussians(features.clone(), inside, 0.0, 1, grid)
    assert gaussians.whitening.shape[0] == 17 * 18
    new = draw(2, len(places), 3, seed=2) + places
    distances = gaussians.distances(new, grid).numpy()
    block = [0, 1, 36, 37]  # rows 0 and 1, columns 0 and 1
    training = features[:, block].double().numpy()
    deviations = (training - training.mean(axis=0)).reshape(-1, 3)
    precision = np.linalg.inv(deviations.T @ deviations / len(deviations))
    from_mean = new[:, block].double().numpy() - training.mean(axis=0)
    expected = np.sqrt(np.einsum("npi,ij,npj->np", from_mean, precision, from_mean))
    np.testing.assert_allclose(distances[:, block], expected, rtol=0.06)


def test_images_that_are_left_out_of_blocks_are_as_far_as_new_ones():
    grid, n_images = (40, 30), 6
    # Neighbours that vary together, as they do in images: an image is no stranger to a block that holds its neighbours.
    features = draw(n_images, 20, 15, 8).repeat_interleave(2, 1).repeat_interleave(2, 2).flatten(1, 2)
    features = features + 0.1 * draw(*features.shape, seed=1)
    inside = torch.ones(features.shape[:2], dtype=torch.bool)
    _, left_out = fit_position_gaussians(features.clone(), inside, 0.0, n_images, grid)
    for image in (0, 5):
        others = [i for i in range(n_images) if i != image]
        refitted, _ = fit_position_gaussians(features[others], inside[others], 0.0, 1, grid)
        expected = refitted.distances(features[image : image + 1], grid)[0]
        assert float(left_out[image].mean()) == pytest.approx(float(expected.mean()), rel=0.05)
