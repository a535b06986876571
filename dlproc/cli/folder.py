"""The images of a folder, for training and for looking back: layouts, splits, preprocessing in a temporary folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli.console import Console, counted
from dlproc.cli.model import own_preprocess_param
from dlproc.errors import DLDataError

if TYPE_CHECKING:
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import DLDataset, DLDatasetSample


def read_folder(folder: Path, console: Console, validation_percent: float = 20.0) -> DLDataset:
    """Describe the images of a folder, in any of three layouts, and say what was found.

    MVTec AD's layout (``train/good``, ``test/<type>``): with its split. A folder named ``good`` or ``ok`` beside
    others: not split. Images directly in the folder, and no folder so named: all count as good.

    Raises
    ------
    DLFileError
        No such folder.
    DLDataError
        No image; or folders, none of which is named good or ok.
    """
    if (folder / "train" / "good").is_dir():
        dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": validation_percent})
    elif folder.is_dir():
        dataset = dl.read_dl_dataset_anomaly(folder)
        _label_flat(folder, dataset, console)
    else:
        raise dl.DLFileError(str(folder), "a folder of images", "a file" if folder.exists() else "no such folder")
    console.remark(f"{folder}: {_composition(dataset['samples'])}")
    return dataset


def _label_flat(folder: Path, dataset: DLDataset, console: Console) -> None:
    samples = dataset["samples"]
    if any(sample["anomaly_label"] == "ok" for sample in samples):
        return
    folders = sorted({PurePosixPath(sample["image_file_name"]).parent.as_posix() for sample in samples})
    if folders != ["."]:
        shown = ", ".join(folders[:5]) + (", …" if len(folders) > 5 else "")
        expected = "good images, in a folder named 'good' or 'ok'"
        raise DLDataError(str(folder), expected, f"none among {counted(len(samples), 'image')}", f"folders: {shown}")
    for sample in samples:
        sample["anomaly_label"] = "ok"
    console.remark(f"no folder named good or ok: all {counted(len(samples), 'image')} count as good")


def _composition(samples: Sequence[DLDatasetSample]) -> str:
    """``'87 good images, 40 defective ones (crack 25, spot 15)'``."""
    types = Counter(
        PurePosixPath(sample["image_file_name"]).parent.name or "directly in the folder"
        for sample in samples
        if sample["anomaly_label"] == "nok"
    )
    listed = ", ".join(f"{name} {number}" for name, number in sorted(types.items()))
    n_ok = len(samples) - types.total()
    return f"{counted(n_ok, 'good image')}, {types.total()} defective" + (f" ({listed})" if types else "")


def share_held_out(samples: Sequence[DLDatasetSample]) -> None:
    """Share images that were not trained on between the two thresholds, as `compute_dl_anomaly_thresholds` wants them.

    Half of the good ones become 'validation', from which the threshold of the pixels is taken, the other half 'test';
    all defective ones become 'test'. Drawn with the seed of `set_system`. Written: ``'split'``.
    """
    dl.split_dl_dataset({"samples": list(samples)}, 0, 50, {"overwrite_split": True})


@contextmanager
def work_folder(chosen: Path | None = None, checkpoint: Path | None = None) -> Iterator[Path]:
    """A folder for preprocessed images: the chosen one, or a temporary one that is removed.

    No other process works in it while the block runs. Ctrl-C inside comes out with a sentence on what is kept, here and
    in the checkpoint of a training.
    """
    from dlproc.io.locks import locked, temporary_folder

    try:
        if chosen is not None:
            with locked(chosen):
                yield chosen
        else:
            with temporary_folder() as folder:
                yield folder / "preprocessed"
    except KeyboardInterrupt as stop:
        if stop.args:  # it was said what is kept
            raise
        kept = [f"what is preprocessed is kept in {chosen}"] if chosen is not None else []
        if checkpoint is not None and checkpoint.is_dir():
            kept.append(f"what is learnt is kept in {checkpoint}")
        sentence = f"{' and '.join(kept)}: the same command carries on from there" if kept else "nothing is kept"
        raise KeyboardInterrupt(sentence) from None


def preprocess(dataset: DLDataset, model: DLModel, folder: Path, console: Console) -> None:
    """Preprocess all images of the dataset as the model takes them, keeping what is there and still right."""
    console.step(f"Preprocessing {counted(len(dataset['samples']), 'image')}")
    options: dict[str, Any] = {"overwrite_files": "auto", "show_progress": console.shows_bars}
    dl.preprocess_dl_dataset(dataset, folder, own_preprocess_param(model), options)


def set_aside_trained(dataset: DLDataset, model: DLModel) -> list[int]:
    """Find the images of a preprocessed dataset that the model was not trained on.

    Images are recognised by their pixels, so it does not matter how they are called and where they lie.

    Parameters
    ----------
    dataset : DLDataset
        Written: ``'split'``, 'train' for those that the model was trained on, 'test' for those that have none.
    model : DLModel
        Trained.

    Returns
    -------
    list of int
        Positions of the others; at least one.

    Raises
    ------
    DLDataError
        There are none; or an image of the defective ones is one that was trained on as a good one.
    """
    from dlproc.models.held_out import was_trained_on

    new = []
    for index, sample in enumerate(dataset["samples"]):
        if not was_trained_on(model, dl.read_dl_samples(dataset, index)[0]):
            sample.setdefault("split", "test")
            new.append(index)
        elif sample["anomaly_label"] == "nok":
            where = str(Path(dataset["image_dir"]) / sample["image_file_name"])
            got = "an image that the model was trained on as a good one"
            raise DLDataError(where, "a defective image", got, "does a copy of it lie among the good ones?")
        else:
            sample["split"] = "train"
    if not new:
        got = f"{counted(len(dataset['samples']), 'image')}, all of them trained on"
        raise DLDataError(dataset["image_dir"], "images that the model was not trained on", got)
    return new
