"""Which annotation file belongs to which image file, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from dlproc.errors import DLDataError

_HINT = "set gen_param['file_name_anomaly_only'] to what annotation names have more, for example '_mask'"


def match_annotations(
    image_names: Sequence[str], annotation_names: Sequence[str], image_only: str = "", annotation_only: str = ""
) -> dict[str, str]:
    """Find the annotation of each image.

    Parameters
    ----------
    image_names, annotation_names : sequences of str
        Relative file names with forward slashes.
    image_only, annotation_only : str
        Taken off the base names of images and annotations before they are compared.

    Returns
    -------
    dict
        Image name -> annotation name, for the images that have one.

    Raises
    ------
    DLDataError
        An image fits several annotations, or an annotation several images, and no folder name decides.

    Notes
    -----
    HALCON's rules, first to last: the same base name; the image's base name contained in the annotation's; and where
    several remain, the same sub-folder. dlproc also asks the sub-folder when two images claim one annotation
    (``good/000.png`` and ``crack/000.png`` for ``crack/000_mask.png``), where HALCON gives up.
    """
    bases = {name: _base(name, annotation_only) for name in annotation_names}
    by_base = defaultdict(list)
    for name, base in bases.items():
        by_base[base].append(name)
    claims: dict[str, list[str]] = defaultdict(list)
    for image in image_names:
        base = _base(image, image_only)
        fitting = by_base.get(base) or [name for name, other in bases.items() if base in other]
        annotation = _only(image, fitting, "annotation")
        if annotation is not None:
            claims[annotation].append(image)
    matches = {}
    for annotation, images in claims.items():
        image_of_annotation = _only(annotation, images, "image")
        if image_of_annotation is not None:
            matches[image_of_annotation] = annotation
    return matches


def _only(name: str, fitting: list[str], what: str) -> str | None:
    """The one file that fits, the one in the same sub-folder if several do, None if there is none."""
    if len(fitting) <= 1:
        return fitting[0] if fitting else None
    same_folder = [other for other in fitting if PurePosixPath(other).parent == PurePosixPath(name).parent]
    if len(same_folder) == 1:
        return same_folder[0]
    # Several, and none of them in its folder: for an image without annotation among defects of other folders that is
    # no contradiction, if it is a good one.
    if not same_folder and what == "annotation" and _is_good(name):
        return None
    shown = ", ".join(sorted(fitting)[:3]) + (", …" if len(fitting) > 3 else "")
    raise DLDataError(name, f"one matching {what}", f"{len(fitting)}: {shown}", _HINT)


def _is_good(image_name: str) -> bool:
    return label_from_folder(image_name) == "ok"


def label_from_folder(image_name: str) -> str:
    """'ok' where the image's own folder is named 'ok' or 'good' (any case), 'nok' otherwise."""
    return "ok" if PurePosixPath(image_name).parent.name.lower() in ("ok", "good") else "nok"


def _base(name: str, only: str) -> str:
    base = PurePosixPath(name).stem
    return base.replace(only, "") if only else base
