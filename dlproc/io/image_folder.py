"""A folder of images on disk: its files, what each of them is (`dlproc.io.layout`), and the dataset that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlproc.errors import DLFileError
from dlproc.io.layout import LabelledImage, Layout, arrange
from dlproc.io.listing import PassedOver, list_image_names, list_images
from dlproc.schema.keys import CLASS_IDS, CLASS_NAMES, DLDataset, DLDatasetSample


@dataclass(frozen=True)
class ImageFolder:
    """The image files below a folder and what they are.

    Attributes
    ----------
    root : Path
        The folder that names are relative to.
    outside_masks : Path or None
        The folder that the names of masks are relative to, where it lies outside.
    layout : Layout
        What each file is.
    passed_over : list of PassedOver
        Other files and folders below `root`, with the reason.
    """

    root: Path
    outside_masks: Path | None
    layout: Layout
    passed_over: list[PassedOver] = field(default_factory=list)


def read_image_folder(
    root: Path, good: Sequence[str] = (), defective: Sequence[str] = (), masks: str = ""
) -> ImageFolder:
    """List the image files below a folder and say what each is.

    Parameters
    ----------
    root : Path
        An existing folder.
    good, defective : sequences of str
        As in `arrange`; paths from the current folder are also understood.
    masks : str
        The folder of the masks: below the root, or anywhere; ``''``: the folders that are called so.

    Raises
    ------
    DLFileError
        No folder `masks` (halcon_code 5200).
    DLParamError, DLDataError
        As in `arrange`.
    """
    listing = list_images(root)
    good, defective = ([below_root(root, name) for name in given] for given in (good, defective))
    outside_root, inside, outside = None, None, None
    if masks:
        place = root / masks if (root / masks).is_dir() else Path(masks)
        if not place.is_dir():
            raise DLFileError("gen_param['masks']", "an existing folder", f"'{masks}'", halcon_code=5200)
        if place.resolve() != root.resolve() and place.resolve().is_relative_to(root.resolve()):
            inside = place.resolve().relative_to(root.resolve()).as_posix()
        elif place.resolve() != root.resolve():
            outside_root, outside = place, list_image_names(place)
    layout = arrange(
        listing.names,
        root_name=root.resolve().name,
        good=good,
        defective=defective,
        masks=inside,
        outside_masks=outside,
    )
    return ImageFolder(root, outside_root, layout, listing.passed_over)


def below_root(root: Path, name: str) -> str:
    """A folder as a path below the root, where it was given as a path from the current folder."""
    path = Path(name)
    is_from_here = path.is_absolute() or (len(path.parts) > 1 and not (root / name).is_dir() and path.is_dir())
    if is_from_here and path.resolve().is_relative_to(root.resolve()):
        return path.resolve().relative_to(root.resolve()).as_posix()
    return name


def describe_images(
    images: Iterable[LabelledImage], image_dir: Path, anomaly_dir: Path | None, has_splits: bool
) -> DLDataset:
    """The dataset of images whose labels are known. Without `anomaly_dir` the masks lie below `image_dir`, too."""
    described = list(images)
    if anomaly_dir is None and any(image.masks for image in described):
        anomaly_dir = image_dir
    samples: list[DLDatasetSample] = []
    for image in described:
        sample: DLDatasetSample = {
            "image_id": len(samples),
            "image_file_name": image.name,
            "anomaly_label": image.label,
        }
        if image.masks:
            sample["anomaly_file_name"] = image.masks[0] if len(image.masks) == 1 else list(image.masks)
        if has_splits:
            sample["split"] = image.split
        samples.append(sample)
    dataset: DLDataset = {"image_dir": image_dir.as_posix()}
    if anomaly_dir is not None:
        dataset["anomaly_dir"] = anomaly_dir.as_posix()
    dataset |= {"class_names": list(CLASS_NAMES), "class_ids": list(CLASS_IDS), "samples": samples}
    return dataset
