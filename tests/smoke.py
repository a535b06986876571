"""The installed wheel, without any extra, from an empty folder: train, write, read and score in one minute."""

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import dlproc as dl


def main() -> None:
    """Run the workflow on painted images."""
    generator = np.random.Generator(np.random.PCG64(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for index in range(12):
            kind = "good" if index < 10 else "spot"
            image = generator.integers(100, 130, (90, 110), np.uint8)
            if kind == "spot":
                image[30:60, 40:80] = 0
            (folder / "images" / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / "images" / kind / f"{index}.png")
        dataset = dl.read_dl_dataset_anomaly(folder / "images")
        dl.split_dl_dataset(dataset, 50, 20)
        model = dl.read_dl_model("initial_dl_anomaly_medium.hdl")
        dl.set_dl_model_param(model, "image_size", [64, 64])
        param = dl.create_dl_preprocess_param_from_model(model)
        dl.preprocess_dl_dataset(dataset, folder / "data", param)
        dl.train_dl_model(dataset, model)
        segmentation, classification = dl.compute_dl_anomaly_thresholds(model, dataset)
        dl.write_dl_model(model, folder / "model.hdl")
        model = dl.read_dl_model(folder / "model.hdl")
        samples = dl.gen_dl_samples_from_images([dl.read_image(folder / "images" / "spot" / "11.png")])
        dl.preprocess_dl_samples(samples, param)
        results = dl.apply_dl_model(model, samples)
        dl.threshold_dl_anomaly_results(segmentation, classification[-1], results)
        assert results[0]["anomaly_class"] == "nok", results[0]["anomaly_score"]
        assert results[0]["anomaly_region"].any()
    print(f"dlproc {dl.__version__} from {Path(dl.__file__).parent}: works")


if __name__ == "__main__":
    main()
