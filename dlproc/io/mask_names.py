"""Which files are masks, and of which images, by their names alone. `dlproc.io.layout` has the rules in words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from dlproc.errors import DLDataError
from dlproc.io.relative_names import Folders, folders_of, is_below, some, stem_of

MASK_FOLDERS = ("ground_truth", "groundtruth", "masks", "mask", "gt")
SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
    "testing": "test",
    "test_public": "test",  # MVTec AD 2
}
_IMAGE_FOLDERS = ("image", "images")
_WORDS = "(?:masks?|gt|label)"
_AFFIX = re.compile(rf"{_WORDS}[-_. ](?P<after>.+)|(?P<before>.+)[-_. ]{_WORDS}(?P<part>[-_. ]?\d+)?", re.IGNORECASE)


def split_of(name: str) -> str:
    """The split that the folders of a file name: ``'train'``, ``'validation'``, ``'test'``, or ``''``."""
    return next((SPLIT_FOLDERS[f.casefold()] for f in folders_of(name) if f.casefold() in SPLIT_FOLDERS), "")


def masks_among(names: Sequence[str], inside: Folders | None) -> list[str]:
    """The files that are masks (rule 1). `inside`: the folder that the caller names."""
    stems = {(folders_of(name), stem_of(name).casefold()) for name in names}
    return [
        name
        for name in names
        if _mask_folder(folders_of(name)) is not None
        or (inside is not None and is_below(name, inside))
        or ((base := _base(stem_of(name))[0]) != stem_of(name) and (folders_of(name), base.casefold()) in stems)
    ]


def _mask_folder(folders: Folders) -> int | None:
    """Place of the first folder whose name says that masks are in it."""
    return next((place for place, folder in enumerate(folders) if folder.casefold() in MASK_FOLDERS), None)


def _base(stem: str, mask_only: str = "") -> tuple[str, bool]:
    """A mask's base name without what says that it is a mask, and whether it is a numbered part of a mask."""
    if mask_only:
        return stem.replace(mask_only, ""), False
    match = _AFFIX.fullmatch(stem)
    return (match["after"] or match["before"], match["part"] is not None) if match else (stem, False)


def match_masks(
    image_names: Sequence[str],
    mask_names: Sequence[str],
    mask_folder: Folders = (),
    image_only: str = "",
    mask_only: str = "",
    good_names: Collection[str] = (),
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Find the masks of each image (rule 5). `good_names`: the images that are good.

    Returns
    -------
    masks_of : dict
        Image name -> names of its masks, for the images that have one.
    unmatched : list of str
        Masks that belong to no image.

    Raises
    ------
    DLDataError
        A mask that fits two images, or two masks for one image.
    """
    index = _Index(image_names, mask_names, mask_folder, image_only, mask_only, good_names)
    claims: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    unmatched = []
    for mask in mask_names:
        fitting, is_part = index.images_of(mask)
        if len(fitting) > 1:
            hint = "name the folders of the masks as those of their images"
            raise DLDataError(mask, "a mask of one image", f"one that fits {len(fitting)}: {some(fitting)}", hint)
        if fitting:
            claims[fitting[0]].append((mask, is_part))
        else:
            unmatched.append(mask)
    for image, masks in claims.items():
        if sum(not is_part for _, is_part in masks) > 1:
            got = f"{len(masks)}: {some([mask for mask, _ in masks])}"
            hint = "parts of one mask are numbered: NAME/000.png, NAME/001.png or NAME_mask_0.png, NAME_mask_1.png"
            raise DLDataError(image, "one mask", got, hint)
    return {image: tuple(mask for mask, _ in masks) for image, masks in claims.items()}, unmatched


class _Index:
    """Images by the folders that they are in and by their base names."""

    def __init__(
        self,
        image_names: Sequence[str],
        mask_names: Sequence[str],
        mask_folder: Folders,
        image_only: str,
        mask_only: str,
        good_names: Collection[str],
    ) -> None:
        self.mask_folder, self.mask_only, self.good_names = mask_folder, mask_only, good_names
        self.by_place: dict[tuple[Folders, str], list[str]] = defaultdict(list)
        self.by_stem: dict[str, list[str]] = defaultdict(list)
        for name in image_names:
            stem = stem_of(name).replace(image_only, "") if image_only else stem_of(name)
            self.by_place[_place(folders_of(name)), stem.casefold()].append(name)
            self.by_stem[stem.casefold()].append(name)
        # Where one mask lies in a folder that is called as a folder of images, all masks are taken to.
        places = {place for place, _ in self.by_place} - {()}
        self.has_folders_of_images = any(where in places for name in mask_names for where, _, _ in self._readings(name))

    def images_of(self, mask: str) -> tuple[list[str], bool]:
        """The images that a mask fits, and whether it is one of several parts of their mask."""
        readings = self._readings(mask)
        for where, name, is_part in readings:
            fitting = _written_as(name, self.by_place.get((where, name.casefold()), []))
            if fitting := _of_split(fitting, mask, must_be=not where):
                return fitting, is_part
        for where, name, is_part in readings:
            fitting = [] if where and self.has_folders_of_images else self.by_stem.get(name.casefold(), [])
            fitting = _written_as(name, fitting)
            if where:  # a folder of another name: the masks of defects, not of good images
                fitting = [image for image in fitting if image not in self.good_names]
            below = [image for image in fitting if where and _place(folders_of(image))[-len(where) :] == where]
            if fitting:
                return _of_split(below or fitting, mask), is_part
        return [], False

    def _readings(self, mask: str) -> list[tuple[Folders, str, bool]]:
        """Folders and base name of the image, and whether the mask is a part, in each way to read the mask's name."""
        folders, stem = folders_of(mask), stem_of(mask)
        if is_below(mask, self.mask_folder):
            folders = folders[len(self.mask_folder) :]
        base, is_part = _base(stem, self.mask_only)
        readings = [(_place(folders), stem, False), (_place(folders), base, is_part)]
        if folders and _mask_folder(folders[-1:]) is None:
            readings.append((_place(folders[:-1]), folders[-1], True))
        return readings


def _written_as(stem: str, fitting: list[str]) -> list[str]:
    """Of images that differ in upper and lower case the one that is written as the mask."""
    return [image for image in fitting if stem_of(image) == stem] or fitting


def _of_split(fitting: list[str], mask: str, must_be: bool = False) -> list[str]:
    """Of images that differ in their split those of the mask's own; masks are of test images if they do not say."""
    same = [image for image in fitting if split_of(image) in ("", split_of(mask) or "test")]
    return same if same or must_be else fitting


def _place(folders: Folders) -> Folders:
    """The folders that an image and its mask have in common, in lower case."""
    left_out = (*MASK_FOLDERS, *SPLIT_FOLDERS, *_IMAGE_FOLDERS)
    return tuple(folder for folder in map(str.casefold, folders) if folder not in left_out)
