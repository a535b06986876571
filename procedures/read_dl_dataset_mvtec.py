"""The procedure `read_dl_dataset_mvtec`, which HALCON does not have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlproc.errors import DLDataError, DLFileError
from dlproc.io.listing import list_image_names
from dlproc.procedures.read_dl_dataset_anomaly import read_dl_dataset_anomaly
from dlproc.rng import numpy_generator
from dlproc.schema.check import check_options
from dlproc.schema.keys import DLDataset, ReadMvtecGenParam


def read_dl_dataset_mvtec(root: str | Path, gen_param: Mapping[str, Any] | None = None) -> DLDataset:
    """Describe a folder in the layout of the MVTec AD datasets, with its official split.

    The layout is ``train/good/*``, ``test/<type>/*`` with ``test/good`` among the types, and
    ``ground_truth/<type>/<name>_mask.png``. Everything below ``train/good`` is for training, everything below ``test``
    for the test; a part of the training images is set aside for validation.

    Parameters
    ----------
    root : str or Path
        The folder that holds ``train`` and ``test``; ``ground_truth`` may be missing.
    gen_param : mapping, optional
        ``'validation_percent'`` : number from 0 to 100, default 20. This share of ``train/good``, rounded to the
        nearest image, drawn with the seed of `set_system`, becomes 'validation'; with two images or more and a share
        above 0 at least one, and at least one stays for training.

    Returns
    -------
    DLDataset
        As of `read_dl_dataset_anomaly`, with ``'split'`` in each sample. File names are relative to `root`.

    Raises
    ------
    DLFileError
        `root` is not an existing folder (halcon_code 5200).
    DLDataError
        No image in ``train/good``.

    References
    ----------
    .. [1] P. Bergmann et al.: The MVTec Anomaly Detection Dataset. IJCV 129, 2021.
    """
    options = check_options(gen_param, ReadMvtecGenParam, "gen_param")
    folder = Path(root)
    if not folder.is_dir():
        raise DLFileError("root", "an existing folder", f"'{folder.as_posix()}'", halcon_code=5200)

    # 1. List the images of both halves, relative to the root.
    train_names = list_image_names(folder, ["train/good"])
    test_names = list_image_names(folder, ["test"])
    if not train_names:
        raise DLDataError((folder / "train/good").as_posix(), "at least one image file", "none")

    # 2. An annotation is named after its image: test/crack/1.jpg -> ground_truth/crack/1_mask.png.
    annotations = {}
    for mask_name in list_image_names(folder, ["ground_truth"]):
        defect, mask = Path(mask_name).parent.name, Path(mask_name).stem
        annotations[defect, mask.removesuffix("_mask")] = mask_name
    keys = [(Path(name).parent.name, Path(name).stem) for name in test_names]
    anomaly_names = [""] * len(train_names) + [annotations.get(key, "") for key in keys]
    has_annotations = any(anomaly_names)
    dataset = read_dl_dataset_anomaly(
        folder,
        folder if has_annotations else None,
        train_names + test_names,
        anomaly_names if has_annotations else None,
    )

    # 3. Set aside some of the training images, drawn among the sorted names.
    n_train = len(train_names)
    n_validation = round(n_train * options["validation_percent"] / 100)
    if options["validation_percent"] > 0:
        n_validation = min(max(n_validation, 1), n_train - 1)
    is_validation = set(numpy_generator("read_dl_dataset_mvtec").permutation(n_train)[:n_validation].tolist())
    for index, sample in enumerate(dataset["samples"]):
        sample["split"] = "test" if index >= n_train else "validation" if index in is_validation else "train"
    return dataset
