"""Find scratches of a few pixels on large pictures: tiles that keep the original pixels.

Run it with ``python examples/07_large_images.py``. It takes about a minute on two cores and needs no internet. The
picture that it draws is in ``output/07_large_images``. The page "Large images" of the documentation
(docs/large_images.md) says when to shrink pictures and when to use tiles.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from rolled_sheet import draw_sheet

import dlproc as dl

WIDTH, HEIGHT = 1600, 1150  # what the camera gives; tiles take any size
BOX = 12  # pixels by which a box is drawn larger than its region
CUT = 40  # pixels around a scratch that are shown enlarged


def write_sheets(folder: Path, n_good: int, n_scratched: int) -> Path:
    """Write pictures to `folder`/images/good and `folder`/images/scratched, with three scratches each, and where those
    are to `folder`/truth.
    """
    generator = np.random.Generator(np.random.PCG64(0))
    for kind, n, n_scratches in (("good", n_good, 0), ("scratched", n_scratched, 3)):
        for path in (folder / "images" / kind, folder / "truth" / kind):
            path.mkdir(parents=True, exist_ok=True)
        for number in range(n):
            image, scratched = draw_sheet(HEIGHT, WIDTH, generator, n_scratches)
            Image.fromarray(image).save(folder / "images" / kind / f"{number:02d}.png")
            if n_scratches:
                Image.fromarray(scratched).save(folder / "truth" / kind / f"{number:02d}.png")
    return folder


def train(dataset: Any, size: tuple[int, int], tile: int, folder: Path) -> tuple[Any, float]:
    """A trained model with thresholds, and its image AUROC on the test images."""
    model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
    dl.set_dl_model_param(model, "tile_size", tile)  # first: it decides which sizes are allowed
    dl.set_dl_model_param(model, "image_dimensions", [*size, 1])
    param = dl.create_dl_preprocess_param_from_model(model)
    dl.preprocess_dl_dataset(dataset, folder, param, {"overwrite_files": "auto"})
    dl.train_dl_model(dataset, model)
    dl.compute_dl_anomaly_thresholds(model, dataset)
    result, _ = dl.evaluate_dl_model(dataset, model, "split", "test", {"measures": "image_auroc"})
    return model, result["global_evaluation"]["image_auroc"]


def draw(image: Any, regions: list[Any], truth: list[Any], path: Path) -> None:
    """The picture with a box around each region, a dot at each true scratch, and beside it the strongest, enlarged."""
    figure = Figure(figsize=(11, 5.5))
    shown = sorted(regions, key=lambda region: -region["peak"])[:3]
    axes = figure.subplot_mosaic(
        [["all", number] for number in range(max(len(shown), 1))], width_ratios=[4, 1], gridspec_kw={"wspace": 0.05}
    )
    axes["all"].imshow(image, cmap="gray")
    axes["all"].set_title(f"{image.shape[1]} x {image.shape[0]} pixels: boxes are found, dots are true scratches")
    axes["all"].autoscale(False)
    for scratch in truth:
        axes["all"].plot(scratch["column"], scratch["row"], "o", color="#56b4e9", markersize=4)
    for region in regions:
        corner = region["column1"] - BOX, region["row1"] - BOX
        size = region["column2"] - region["column1"] + 2 * BOX, region["row2"] - region["row1"] + 2 * BOX
        axes["all"].add_patch(Rectangle(corner, *size, fill=False, edgecolor="#d55e00", linewidth=1.8))
    for number, region in enumerate(shown):
        row, column = region["peak_row"], region["peak_column"]
        top, left = max(row - CUT, 0), max(column - CUT, 0)
        axes[number].imshow(image[top : row + CUT, left : column + CUT], cmap="gray")
        axes[number].set_title(f"score {region['peak']:.2f}", fontsize=9)
    for ax in axes.values():
        ax.set(xticks=[], yticks=[])
    figure.savefig(path, dpi=110, bbox_inches="tight")


def main(output: Path, n_good: int, n_scratched: int) -> None:
    """Train with and without tiles, compare, and draw what is found."""
    # ---- 1. Pictures as a camera gives them, one split for both models.
    print(f"Drawing {n_good} good and {n_scratched} scratched sheets, {WIDTH} x {HEIGHT} pixels")
    sheets = write_sheets(output / "sheets", n_good, n_scratched)
    dataset = dl.read_dl_dataset_anomaly(sheets / "images", sheets / "truth")
    dl.set_system("seed_rand", 42)
    dl.split_dl_dataset(dataset, 50, 20)

    # ---- 2. Shrunk to 256 x 192, as one would without thinking: a scratch is half a pixel wide then, and gone.
    _, shrunk_auroc = train(dataset, (256, 192), 0, output / "shrunk")

    # ---- 3. In tiles of 512 x 512 original pixels. The size is the camera's, so nothing is resized.
    model, tiles_auroc = train(dataset, (WIDTH, HEIGHT), 512, output / "tiles")
    print(f"Image AUROC shrunk to 256 x 192: {shrunk_auroc:.3f}; in tiles: {tiles_auroc:.3f}")

    # ---- 4. Apply it as always. Regions are in pixels of the original picture.
    meta_data = dl.get_dl_model_param(model, "meta_data")
    thresholds = [float(meta_data[f"anomaly_{kind}_threshold"]) for kind in ("segmentation", "classification")]
    image, mask = dl.read_image([sheets / folder / "scratched" / "00.png" for folder in ("images", "truth")])
    samples = dl.gen_dl_samples_from_images([image])
    dl.preprocess_dl_samples(samples, dataset["preprocess_param"])
    results = dl.apply_dl_model(model, samples)
    dl.threshold_dl_anomaly_results(*thresholds, results)
    # Of two million good pixels some reach the threshold of the pixels. So a region must have one that would reject the
    # image, and grows from there.
    options = {"anomaly_segmentation_threshold": max(thresholds), "hysteresis_threshold": min(thresholds)}
    regions = dl.get_dl_anomaly_regions(results[0], options)
    print(f"A scratched sheet: {results[0]['anomaly_class']}, score {results[0]['anomaly_score']:.3f}")
    for region in regions:
        print(f"  row {region['row']:6.1f}, column {region['column']:6.1f}, score {region['peak']:.2f}")

    # ---- 5. Look.
    truth = dl.get_dl_anomaly_regions({"anomaly_image": np.float32(mask > 0)}, {"anomaly_segmentation_threshold": 0.5})
    draw(image, regions, truth, output / "scratches.png")
    print(f"Picture: {output / 'scratches.png'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("output/07_large_images"), help="folder for everything")
    parser.add_argument("--good", type=int, default=24, help="good sheets")
    parser.add_argument("--scratched", type=int, default=10, help="scratched sheets")
    arguments = parser.parse_args()
    main(arguments.output, arguments.good, arguments.scratched)
