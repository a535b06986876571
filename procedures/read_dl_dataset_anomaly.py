"""The procedure `read_dl_dataset_anomaly`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from dlproc.errors import DLDataError, DLFileError, DLParamError
from dlproc.io.image_folder import below_root, describe_images
from dlproc.io.layout import LabelledImage, arrange
from dlproc.io.listing import list_image_names
from dlproc.io.matching import label_from_folder, match_annotations
from dlproc.schema.check import check_options
from dlproc.schema.keys import DLDataset, ReadDatasetGenParam
from dlproc.schema.kinds import as_list, describe, is_given, scalar


def read_dl_dataset_anomaly(
    image_dir: str | Path,
    anomaly_dir: str | Path | None = None,
    image_list: Sequence[str | Path] | None = None,
    anomaly_list: Sequence[str | Path] | None = None,
    gen_param: Mapping[str, Any] | None = None,
) -> DLDataset:
    """Describe a folder of images: which are good, which are not, and where the defects are annotated.

    No image is opened. The nearest folder above an image whose name has a meaning says what the image is: ``good`` or
    ``ok`` (any case) make it 'ok'; without one, and below ``bad``, ``defect``, ``defective``, ``ng`` or ``nok``, it is
    'nok'. Training will use good images only.

    Parameters
    ----------
    image_dir : str or Path
        Folder of the images; they are searched in it and in all folders below. Masks are never images: files below
        folders that are called ``ground_truth`` or ``masks``, and ``x_mask.png`` beside ``x.png``.
    anomaly_dir : str or Path, optional
        Folder of the annotations: images of the same size, > 0 where anomalous. Not given: the masks that lie below
        `image_dir`. An image's annotation has the same base name, or it with ``_mask``, ``_gt`` or ``mask_``, in the
        same folders; `dlproc.io.layout` has the rule in full.
    image_list, anomaly_list : sequence of str or Path, optional
        File names relative to `image_dir` and `anomaly_dir`, pair by pair, instead of a search. ``''`` in
        `anomaly_list` means "no annotation".
    gen_param : mapping, optional
        ``'image_sub_dirs'``, ``'anomaly_sub_dirs'`` : list of folders to search, default all.
        ``'file_name_image_only'``, ``'file_name_anomaly_only'`` : str taken off base names before they are compared.
        ``'good'``, ``'defective'`` : list of folders, by name or by path below `image_dir`, that are good or defective,
        too; ``'.'`` is `image_dir` itself.
        ``'rules'`` : ``'halcon'`` reads names as HALCON does by itself: the name of the parent folder alone is the
        label (``good/day2/1.png`` is 'nok'), masks inside of `image_dir` count as images, and an annotation is any file
        whose base name contains that of the image. Default ``'dlproc'``.
        ``'ignore_unmatched_images'`` : accepted; an image may always lack an annotation.

    Returns
    -------
    DLDataset
        ``'image_dir'``, ``'anomaly_dir'`` (if given), ``'class_names'``, ``'class_ids'``, and ``'samples'``: a list of
        dictionaries with ``'image_id'`` (0, 1, 2, ...), ``'image_file_name'``, ``'anomaly_label'`` and, where there is
        one, ``'anomaly_file_name'`` (a list, where the annotation has several parts). File names are relative and
        sorted, so that the numbers do not depend on the machine.

    Raises
    ------
    DLParamError
        `image_dir` is not one path; an unknown key in `gen_param`; lists of different lengths.
    DLFileError
        A folder, or an image of the list, does not exist (halcon_code 5200).
    DLDataError
        No image; no annotation that matches; an annotation that fits two images, or two for one image.

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
        names = [_posix(name) for name in as_list(image_list)]
        _check_files_exist(image_root, names)
    else:
        names = _listed(image_root, options["image_sub_dirs"], "gen_param['image_sub_dirs']")
    if not names:
        raise DLDataError(str(image_root), "at least one image file", "none", "searched in all folders below")

    # 3. Find the annotations, or take those of the list, pair by pair.
    annotations: list[str] | None = None
    if anomaly_root is not None and is_given(anomaly_list):
        pairs = _pair(names, [_posix(name) for name in as_list(anomaly_list)])
        _check_files_exist(anomaly_root, list(pairs.values()))
    elif anomaly_root is not None:
        annotations = _listed(anomaly_root, options["anomaly_sub_dirs"], "gen_param['anomaly_sub_dirs']")

    # 4. Say by its name what each image is, and which annotation belongs to it.
    if options["rules"] == "halcon":
        images = _by_rules_of_halcon(image_root, names, annotations, options)
    else:
        images = _by_own_rules(image_root, names, annotations, anomaly_root, options, is_given(image_list))
    if anomaly_root is not None and is_given(anomaly_list):
        images = [replace(image, masks=(pairs[image.name],) if image.name in pairs else ()) for image in images]
    elif annotations is not None and not any(image.masks for image in images):
        got = f"none that matches among {len(annotations)} image files"
        raise DLDataError(str(anomaly_root), "annotations of the images", got)
    return describe_images(images, image_root, anomaly_root, has_splits=False)


def _by_own_rules(
    image_root: Path,
    names: list[str],
    annotations: list[str] | None,
    anomaly_root: Path | None,
    options: Mapping[str, Any],
    are_images: bool,
) -> list[LabelledImage]:
    """The nearest folder with a meaning, and annotations by the whole path."""
    if annotations is not None and anomaly_root is not None and not are_images:
        below = anomaly_root.resolve()
        is_mask = below != image_root.resolve() and below.is_relative_to(image_root.resolve())
        names = [name for name in names if not is_mask or not (image_root / name).resolve().is_relative_to(below)]
    layout = arrange(
        names,
        root_name=image_root.resolve().name,
        good=[below_root(image_root, name) for name in options["good"]],
        defective=[below_root(image_root, name) for name in options["defective"]],
        outside_masks=annotations,
        are_images=are_images,
        image_only=options["file_name_image_only"],
        mask_only=options["file_name_anomaly_only"],
    )
    if not layout.images:
        got = f"none: {len(layout.masks)} files have names of masks"
        raise DLDataError(str(image_root), "at least one image file", got)
    by_name = {image.name: replace(image, label=image.label or "nok") for image in layout.images}
    return [by_name[name] for name in names if name in by_name]


def _by_rules_of_halcon(
    image_root: Path, names: list[str], annotations: list[str] | None, options: Mapping[str, Any]
) -> list[LabelledImage]:
    """The parent folder alone, and annotations by their base names."""
    for option in ("good", "defective"):
        if options[option]:
            raise DLParamError(f"gen_param['{option}']", "nothing with 'rules': 'halcon'", describe(options[option]))
    only = options["file_name_image_only"], options["file_name_anomaly_only"]
    annotation_of = match_annotations(names, annotations or [], *only)
    return [
        LabelledImage(
            name,
            label_from_folder((image_root.resolve() / name).as_posix()),
            masks=(annotation_of[name],) if name in annotation_of else (),
        )
        for name in names
    ]


def _listed(root: Path, sub_dirs: Sequence[str], where: str) -> list[str]:
    for sub_dir in sub_dirs:
        _existing_folder(root / sub_dir, where)
    return list_image_names(root, sub_dirs)


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
