"""The images of a folder, for training and for looking back: layouts, splits, preprocessing in a temporary folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import dlproc as dl
from dlproc.cli.console import Console, counted
from dlproc.cli.model import own_preprocess_param
from dlproc.errors import DLDataError, DLError, DLFileError

if TYPE_CHECKING:
    from dlproc.io.image_folder import ImageFolder
    from dlproc.models.handle import DLModel
    from dlproc.schema.keys import DLDataset, DLDatasetSample, DLSample


def read_folder(
    folder: Path,
    console: Console,
    *,
    labels: Mapping[str, Any] | None = None,
    validation_percent: float = 20.0,
    flat_is_good: bool = False,
) -> DLDataset:
    """Describe the images of a folder, and say in a table what each file counts as.

    `dlproc.io.layout` has the rules. With a folder ``train`` the dataset has its split, otherwise none.

    Parameters
    ----------
    labels : mapping
        ``'good'``, ``'defective'``, ``'masks'``, as of `options.labels`.
    validation_percent : float
        Of `read_dl_dataset_mvtec`.
    flat_is_good : bool
        Whether images directly in the folder, where nothing says what they are, count as good. Otherwise that is an
        error that asks.

    Raises
    ------
    DLFileError
        No such folder.
    DLDataError
        No image; an image of which nothing says whether it is good; a mask of two images; the same file among the good
        and among the defective images.
    """
    from dlproc.cli.folder_table import remarks, rows_of, table_lines  # they import NumPy

    given = dict(labels or {"good": [], "defective": [], "masks": ""})
    found, flat_label = find_folder(folder, given, flat_is_good)
    layout = found.layout
    for line in [*table_lines(rows_of(found, flat_label)), *remarks(found)] if layout.images or layout.masks else []:
        console.remark(line)
    check_labels(found, flat_label)
    if layout.has_splits:
        dataset = dl.read_dl_dataset_mvtec(folder, {"validation_percent": validation_percent, **given})
    else:
        masks = given.pop("masks") or None
        if masks is not None and found.outside_masks is None:
            masks = folder / masks if (folder / masks).is_dir() else masks
        dataset = dl.read_dl_dataset_anomaly(folder, masks if layout.masks else None, gen_param=given)
        for sample in dataset["samples"] if flat_label else []:
            sample["anomaly_label"] = flat_label
    if flat_label:
        console.remark(f"no folder named good or ok: all {counted(len(layout.images), 'image')} count as good")
    elif layout.label_from_root:
        meaning = "good" if layout.label_from_root == "ok" else "defective"
        what = counted(sum(image.label == layout.label_from_root for image in layout.images), "image")
        console.remark(
            f"{what} {meaning}, because {folder} itself is called so; --good . or --defective . says otherwise"
        )
    check_same_files(found)
    console.remark(f"{folder}: {_composition(dataset['samples'])}")
    return dataset


def find_folder(folder: Path, given: Mapping[str, Any], flat_is_good: bool) -> tuple[ImageFolder, str]:
    """The files of a folder and what each is; and ``'ok'`` where all lie directly in it and nothing says what they are.

    Raises
    ------
    DLFileError
        No such folder.
    """
    from dlproc.io.image_folder import read_image_folder

    if not folder.is_dir():
        raise DLFileError(str(folder), "a folder of images", "a file" if folder.exists() else "no such folder")
    found = read_image_folder(folder, **given)
    images = found.layout.images
    is_flat = bool(images) and all(image.folder == "." and not image.label for image in images)
    return found, "ok" if is_flat and flat_is_good else ""


def check_labels(found: ImageFolder, flat_label: str) -> None:
    """Raise `DLDataError` where there is no image, or where nothing says what some images are."""
    from dlproc.io.layout import label_hint
    from dlproc.io.relative_names import some

    layout, where = found.layout, str(found.root)
    if not layout.images:
        n_masks = len(layout.masks) + len(layout.other_masks)
        got = f"none: {counted(n_masks, 'file')} with names of masks" if n_masks else "none"
        raise DLDataError(where, "at least one image file", got, "searched in all folders below")
    if not layout.unlabelled or flat_label:
        return
    if layout.has_splits:
        first = layout.unlabelled[0]
        raise DLDataError((found.root / first.name).as_posix(), *label_hint(first))
    folders = sorted({image.folder for image in layout.unlabelled})
    if folders == ["."]:
        expected = "a folder that says whether its images are good, like good/1.png"
        hint = "--good . says that all of them are good, --defective . that all are defective"
    else:
        expected = "good images, in a folder named 'good' or 'ok'"
        hint = f"folders: {some(folders, 5)}; --good NAME says which are good"
    raise DLDataError(where, expected, f"none among {counted(len(layout.images), 'image')}", hint)


def check_same_files(found: ImageFolder) -> None:
    """Raise `DLDataError` where one and the same file lies among the good and among the defective images."""
    from dlproc.io.same_files import same_file

    names_of = {label: [i.name for i in found.layout.used if i.label == label] for label in ("ok", "nok")}
    pair = same_file(found.root, names_of["ok"], names_of["nok"])
    if pair:
        raise contradiction(found.root, *pair)


def contradiction(root: Path, good: str, defective: str) -> DLDataError:
    """The error for a picture that is among the good and among the defective images."""
    got = f"the same picture as {(root / defective).as_posix()}, which counts as defective"
    hint = "remove one of them"
    return DLDataError((root / good).as_posix(), "a picture that is good, or defective", got, hint)


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


def leave_out_broken(dataset: DLDataset, model: DLModel, console: Console) -> None:
    """Take the images out of a dataset that cannot be read or preprocessed, or whose mask cannot, and name each.

    Every image is read for that, once more than without.
    """
    from tqdm import tqdm

    from dlproc.remarks import from_file

    param = own_preprocess_param(model)
    console.step(f"Reading {counted(len(dataset['samples']), 'image')}")
    kept, errors = [], []
    for index in tqdm(range(len(dataset["samples"])), "Reading", unit="image", disable=not console.shows_bars):
        image = Path(dataset["image_dir"]) / dataset["samples"][index]["image_file_name"]
        try:
            samples = dl.gen_dl_samples(dataset, index, param["model_type"], {"ignore_missing_labels": True})
            with from_file(image):
                dl.preprocess_dl_samples(samples, param)
        except DLError as error:
            where = error.where if isinstance(error, DLFileError) else str(image)  # the file, which may be its mask
            errors.append(f"{where}: expected {error.expected}; got {error.got}")
        else:
            kept.append(dataset["samples"][index])
    dataset["samples"] = kept
    for words in errors:
        console.note(f"left out: {words}")
    if errors:
        console.remark(f"{counted(len(errors), 'image')} left out, {len(kept)} kept")


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

    new, contradicting = [], []
    pictures = Pictures(dataset)
    for index, sample in enumerate(dataset["samples"]):
        picture = dl.read_dl_samples(dataset, index)[0]
        pictures.add(sample, picture)
        if not was_trained_on(model, picture):
            sample.setdefault("split", "test")
            new.append(index)
        elif sample["anomaly_label"] == "nok":
            contradicting.append(sample["image_file_name"])
        else:
            sample["split"] = "train"
    for name in contradicting[:1]:
        where, got = (
            (Path(dataset["image_dir"]) / name).as_posix(),
            "an image that the model was trained on as a good one",
        )
        raise DLDataError(where, "a defective image", got, "does it count as good in the folder that was trained on?")
    if not new:
        n_images, n_distinct = len(dataset["samples"]), pictures.n_different
        got, hint = f"{counted(n_images, 'image')}, all of them trained on", ""
        if n_distinct < n_images:
            got = f"{n_images} images, only {n_distinct} of them different, all of them trained on"
            hint = "add images of other good parts: a copy cannot set a threshold"
        raise DLDataError(dataset["image_dir"], "images that the model was not trained on", got, hint)
    return new


class Pictures:
    """Preprocessed images by their pixels; an error names two that are the same and one of them good, one defective."""

    def __init__(self, dataset: DLDataset) -> None:
        self._root = Path(dataset["image_dir"])
        self._first: dict[int, DLDatasetSample] = {}

    @property
    def n_different(self) -> int:
        """How many of the images differ."""
        return len(self._first)

    def add(self, described: DLDatasetSample, sample: DLSample) -> None:
        """Take in one more image.

        Raises
        ------
        DLDataError
            An image with the same pixels has the other label.
        """
        import numpy as np

        from dlproc.models.held_out import image_fingerprint

        first = self._first.setdefault(image_fingerprint(np.asarray(sample["image"], np.float32)), described)
        if first["anomaly_label"] != described["anomaly_label"]:
            pair = sorted((first, described), key=lambda one: one["anomaly_label"], reverse=True)
            raise contradiction(self._root, *(one["image_file_name"] for one in pair))


def check_pictures(dataset: DLDataset) -> None:
    """Raise `DLDataError` where a preprocessed dataset has the same picture among good and defective images."""
    if len({sample["anomaly_label"] for sample in dataset["samples"]}) < 2:
        return
    pictures = Pictures(dataset)
    for index, sample in enumerate(dataset["samples"]):
        pictures.add(sample, dl.read_dl_samples(dataset, index)[0])
