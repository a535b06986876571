"""The procedure `read_dl_dataset_anomaly`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from dlproc.errors import DLDataError, DLFileError, DLParamError
from dlproc.io.listing import list_image_names
from dlproc.io.matching import label_from_folder, match_annotations
from dlproc.schema.check import check_options
from dlproc.schema.keys import CLASS_IDS, CLASS_NAMES, DLDataset, DLDatasetSample, ReadDatasetGenParam
from dlproc.schema.kinds import as_list, describe, is_given, scalar


def read_dl_dataset_anomaly(
    image_dir: str | Path,
    anomaly_dir: str | Path | None = None,
    image_list: Sequence[str | Path] | None = None,
    anomaly_list: Sequence[str | Path] | None = None,
    gen_param: Mapping[str, Any] | None = None,
) -> DLDataset:
    """Describe a folder of images: which are good, which are not, and where the defects are annotated.

    No image is opened. An image is 'ok' when the folder it lies in is named ``ok`` or ``good`` (any case), and 'nok'
    otherwise; training will use good images only.

    Parameters
    ----------
    image_dir : str or Path
        Folder of the images; they are searched in it and in all folders below.
    anomaly_dir : str or Path, optional
        Folder of the annotations: images of the same size, > 0 where anomalous. An image's annotation has the same base
        name, or one that contains it; the folder below `anomaly_dir` decides between several.
    image_list, anomaly_list : sequence of str or Path, optional
        File names relative to `image_dir` and `anomaly_dir`, pair by pair, instead of a search. ``''`` in
        `anomaly_list` means "no annotation".
    gen_param : mapping, optional
        ``'image_sub_dirs'``, ``'anomaly_sub_dirs'`` : list of folders to search, default all.
        ``'file_name_image_only'``, ``'file_name_anomaly_only'`` : str taken off base names before they are compared.
        ``'ignore_unmatched_images'`` : accepted; an image may always lack an annotation.

    Returns
    -------
    DLDataset
        ``'image_dir'``, ``'anomaly_dir'`` (if given), ``'class_names'``, ``'class_ids'``, and ``'samples'``: a list of
        dictionaries with ``'image_id'`` (0, 1, 2, ...), ``'image_file_name'``, ``'anomaly_label'`` and, where there is
        one, ``'anomaly_file_name'``. File names are relative and sorted, so that the numbers do not depend on the
        machine.

    Raises
    ------
    DLParamError
        `image_dir` is not one path; an unknown key in `gen_param`; lists of different lengths.
    DLFileError
        A folder, or an image of the list, does not exist (halcon_code 5200).
    DLDataError
        No image, no annotation that matches, or more than one.

    References
    ----------
    .. [1] MVTec, HALCON reference, ``read_dl_dataset_anomaly``.

    Examples
    --------
    >>> import dlproc as dl, numpy as np, pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("good/1.png", "crack/2.png"):
    ...         file = pathlib.Path(folder) / name
    ...         file.parent.mkdir()
    ...         Image.fromarray(np.zeros((8, 8), np.uint8)).save(file)
    ...     dataset = dl.read_dl_dataset_anomaly(folder)
    >>> [(sample["image_file_name"], sample["anomaly_label"]) for sample in dataset["samples"]]
    [('crack/2.png', 'nok'), ('good/1.png', 'ok')]
    """
    # 1. Check the arguments and fill in the defaults.
    options = check_options(gen_param, ReadDatasetGenParam, "gen_param")
    image_root = _existing_folder(image_dir, "image_dir")
    anomaly_root = _existing_folder(anomaly_dir, "anomaly_dir") if is_given(anomaly_dir) and anomaly_dir != "" else None
    if anomaly_root is None and is_given(anomaly_list):
        raise DLParamError("anomaly_list", "nothing without anomaly_dir", describe(anomaly_list))

    # 2. Find the images, or take those of the list.
    if is_given(image_list):
        image_names = [_posix(name) for name in as_list(image_list)]
        _check_files_exist(image_root, image_names)
    else:
        for sub_dir in options["image_sub_dirs"]:
            _existing_folder(image_root / sub_dir, "gen_param['image_sub_dirs']")
        image_names = list_image_names(image_root, options["image_sub_dirs"])
    if not image_names:
        raise DLDataError(str(image_root), "at least one image file", "none", "searched in all folders below")

    # 3. Find the annotation of each image.
    annotation_of: dict[str, str] = {}
    if anomaly_root is not None and is_given(anomaly_list):
        annotation_of = _pair(image_names, [_posix(name) for name in as_list(anomaly_list)])
        _check_files_exist(anomaly_root, list(annotation_of.values()))
    elif anomaly_root is not None:
        for sub_dir in options["anomaly_sub_dirs"]:
            _existing_folder(anomaly_root / sub_dir, "gen_param['anomaly_sub_dirs']")
        annotation_names = list_image_names(anomaly_root, options["anomaly_sub_dirs"])
        only = options["file_name_image_only"], options["file_name_anomaly_only"]
        annotation_of = match_annotations(image_names, annotation_names, *only)
        if not annotation_of:
            got = f"none that matches among {len(annotation_names)} image files"
            raise DLDataError(str(anomaly_root), "annotations of the images", got)

    # 4. Describe each image; its label is the name of its folder.
    samples: list[DLDatasetSample] = []
    for image_id, name in enumerate(image_names):
        label = label_from_folder((image_root.resolve() / name).as_posix())
        sample: DLDatasetSample = {"image_id": image_id, "image_file_name": name, "anomaly_label": label}
        if name in annotation_of:
            sample["anomaly_file_name"] = annotation_of[name]
        samples.append(sample)

    dataset: DLDataset = {"image_dir": image_root.as_posix()}
    if anomaly_root is not None:
        dataset["anomaly_dir"] = anomaly_root.as_posix()
    dataset |= {"class_names": list(CLASS_NAMES), "class_ids": list(CLASS_IDS), "samples": samples}
    return dataset


def _existing_folder(path: object, where: str) -> Path:
    given = scalar(path)
    if not isinstance(given, str | Path) or str(given) == "":
        raise DLParamError(where, "one path to a folder", describe(path), halcon_code=1201)
    folder = Path(str(given).replace("\\", "/"))
    if not folder.is_dir():
        raise DLFileError(where, "an existing folder", f"'{folder.as_posix()}'", halcon_code=5200)
    return folder


def _posix(name: str | Path) -> str:
    return PurePosixPath(str(name).replace("\\", "/")).as_posix() if str(name) else ""


def _check_files_exist(root: Path, names: list[str]) -> None:
    for name in names:
        if not (root / name).is_file():
            raise DLFileError((root / name).as_posix(), "an existing file", "no such file", halcon_code=5200)


def _pair(image_names: list[str], annotation_names: list[str]) -> dict[str, str]:
    if len(annotation_names) != len(image_names):
        expected = f"{len(image_names)} names, one for each image ('' for none)"
        raise DLParamError("anomaly_list", expected, f"{len(annotation_names)}")
    return {image: name for image, name in zip(image_names, annotation_names, strict=True) if name}
