"""What each file of a folder of images is: good, defective or a mask, and of which split. Names decide, not pixels.

The rules, for plain folders and for the layout of MVTec AD alike; upper and lower case do not matter:

1. A file below a folder named ``ground_truth``, ``groundtruth``, ``masks``, ``mask`` or ``gt``, or below the folder
   that the caller names, is a mask. So is ``x_mask.png``, ``x_gt.png``, ``x_label.png`` or ``mask_x.png`` beside an
   image ``x``. A mask is never an image.
2. If an image lies below a folder ``train``, the folders ``train``, ``validation`` and ``test`` are the splits, and
   images outside of them are not used.
3. The nearest folder above an image, below the root, whose name has a meaning says what the image is: ``good`` and
   ``ok`` mean good; ``bad``, ``defect``, ``defective``, ``ng`` and ``nok`` mean defective; the caller may add names.
4. An image without such a folder is good directly in ``train`` or ``validation``, unless good images lie outside of the
   splits: then ``train`` may hold anything. Elsewhere it is defective if rule 3
   finds a good image (in ``train``: a good image of ``train``); in ``test`` it is defective if it lies in a folder.
   Otherwise the name of the root itself may say what all of them are, or their label is not known.
5. A mask belongs to the image of the same name (less ``_mask``, ``mask_``, …) in the same folders, where folders of
   splits and masks do not count: ``test/crack/1.png`` and ``ground_truth/crack/1_mask.png``. Numbered files,
   ``<name>/000.png`` or ``<name>_mask_1.png``, are parts of one mask. Where masks do not lie in folders as their images
   do, an image of the name in any folder will do (below
   a folder of another name, a defective one). Two images for one mask, or two masks for one image, are an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dlproc.errors import DLParamError
from dlproc.io.mask_names import SPLIT_FOLDERS, masks_among, match_masks, split_of
from dlproc.io.relative_names import Folders, folder_of, folders_of, is_below, parts_of, some
from dlproc.schema.kinds import did_you_mean

GOOD_NAMES = ("good", "ok")
DEFECTIVE_NAMES = ("bad", "defect", "defective", "ng", "nok")


@dataclass(frozen=True)
class LabelledImage:
    """One image of a folder.

    Attributes
    ----------
    name : str
        Relative to the root, with forward slashes.
    label : str
        ``'ok'``, ``'nok'``, or ``''``: nothing says it.
    split : str
        ``'train'``, ``'validation'`` or ``'test'``, the last one for all defective images; or ``''``: the folders have
        no splits, or the image is outside of them.
    masks : tuple of str
        Files of its annotation, relative to the root of the masks.
    """

    name: str
    label: str
    split: str = ""
    masks: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Its folder, ``'.'`` for the root."""
        return folder_of(self.name)


@dataclass(frozen=True)
class Layout:
    """What all files of a folder are. Each file is in one of the three lists.

    Attributes
    ----------
    images : list of LabelledImage
        Sorted by name.
    masks, other_masks : list of str
        Masks; those of them that are not used because the caller names another folder.
    unmatched : list of str
        Those of `masks` that belong to no image.
    has_splits : bool
        Whether there are train, validation and test (rule 2).
    label_from_root : str
        ``'ok'`` or ``'nok'`` where the name of the root itself decided (rule 4).
    """

    images: list[LabelledImage]
    masks: list[str] = field(default_factory=list)
    other_masks: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    has_splits: bool = False
    label_from_root: str = ""

    @cached_property
    def used(self) -> list[LabelledImage]:
        """Images without those that lie outside of the splits."""
        return [image for image in self.images if image.split or not self.has_splits]

    @cached_property
    def unlabelled(self) -> list[LabelledImage]:
        """Used images of which nothing says whether they are good."""
        return [image for image in self.used if not image.label]


def arrange(
    names: Iterable[str],
    *,
    root_name: str = "",
    good: Sequence[str] = (),
    defective: Sequence[str] = (),
    masks: str | None = None,
    outside_masks: Sequence[str] | None = None,
    are_images: bool = False,
    image_only: str = "",
    mask_only: str = "",
) -> Layout:
    """Say what each file is, by the rules of this module.

    Parameters
    ----------
    names : iterable of str
        Files relative to the root, with forward slashes: images, with masks among them.
    root_name : str
        Name of the root itself.
    good, defective : sequences of str
        More folders whose images are good or defective: names, or paths below the root; ``'.'`` is the root.
    masks : str, optional
        The folder of the masks, relative to the root; masks elsewhere are not used then.
    outside_masks : sequence of str, optional
        The masks, relative to a folder of their own outside of the root; masks in `names` are not used then.
    are_images : bool
        Whether all of `names` are images, whatever they are called.
    image_only, mask_only : str
        Taken off the base names of images and masks before they are compared.

    Raises
    ------
    DLParamError
        A name in `good` or `defective` that no folder has, or that is in both.
    DLDataError
        A mask that fits two images, or two masks for one image.

    Examples
    --------
    >>> layout = arrange(["good/1.png", "good/day2/2.png", "dent/3.png", "ground_truth/dent/3_mask.png"])
    >>> [(image.name, image.label, image.masks) for image in layout.images]  # doctest: +NORMALIZE_WHITESPACE
    [('dent/3.png', 'nok', ('ground_truth/dent/3_mask.png',)), ('good/1.png', 'ok', ()), ('good/day2/2.png', 'ok', ())]
    """
    names = sorted(set(names))
    inside = None if masks is None else parts_of(masks)
    found = [] if are_images else masks_among(names, inside)
    image_names = sorted(set(names).difference(found))
    meanings = _meanings(good, defective, image_names)

    used_masks = found
    if outside_masks is not None:
        used_masks = sorted(set(outside_masks))
    elif inside is not None:
        used_masks = [name for name in found if is_below(name, inside)]
    other_masks = sorted(set(found).difference(used_masks)) if outside_masks is None else found

    has_splits = any(split_of(name) == "train" for name in image_names)
    splits = {name: split_of(name) if has_splits else "" for name in image_names}
    labels, label_from_root = _labels(splits, meanings, root_name)
    splits |= {name: "test" for name, label in labels.items() if label == "nok" and splits[name]}
    good_names = {name for name, label in labels.items() if label == "ok"}
    masks_of, unmatched = match_masks(image_names, used_masks, inside or (), image_only, mask_only, good_names)
    images = [LabelledImage(name, labels[name], splits[name], masks_of.get(name, ())) for name in image_names]
    return Layout(images, used_masks, other_masks, unmatched, has_splits, label_from_root)


def _meanings(good: Sequence[str], defective: Sequence[str], image_names: Sequence[str]) -> dict[str, str]:
    """What names of folders mean, in lower case; names that the caller adds are checked."""
    folders = {parts[:n] for parts in map(folders_of, image_names) for n in range(1, len(parts) + 1)}
    known = {"/".join(parts) for parts in folders} | {parts[-1] for parts in folders} | {"."}
    meanings = dict.fromkeys(GOOD_NAMES, "ok") | dict.fromkeys(DEFECTIVE_NAMES, "nok")
    given: dict[str, str] = {}
    for option, names, label in (("good", good, "ok"), ("defective", defective, "nok")):
        for name in names:
            key = "/".join(parts_of(name)).casefold() or "."
            if key not in {other.casefold() for other in known}:
                hint = did_you_mean(name, sorted(known)) or f"there are: {some(sorted(known - {'.'}), 6) or 'none'}"
                raise DLParamError(f"gen_param['{option}']", "the name of a folder with images", f"'{name}'", hint)
            if given.setdefault(key, label) != label:
                raise DLParamError(f"gen_param['{option}']", "a folder that is not named as good, too", f"'{name}'")
    return meanings | given


def _labels(splits: Mapping[str, str], meanings: Mapping[str, str], root_name: str) -> tuple[dict[str, str], str]:
    """The label of each image (rules 3 and 4), and the label that the name of the root gave."""
    labels = {name: _meaning(folders_of(name), meanings) for name in splits}
    has_splits = any(splits.values())
    good_in = {splits[name] for name, label in labels.items() if label == "ok"}
    for name, label in labels.items():
        split = splits[name]
        if label:
            continue
        if split in ("train", "validation") and _is_directly_in_split(name):
            labels[name] = "" if "" in good_in else "ok"
        elif split == "test":
            labels[name] = "" if _is_directly_in_split(name) else "nok"
        elif split in good_in:
            labels[name] = "nok"
    unknown = [name for name, label in labels.items() if not label]
    label = "" if has_splits else meanings.get(root_name.casefold(), "")
    if unknown and label:
        return {**labels, **dict.fromkeys(unknown, label)}, label
    return labels, ""


def _meaning(folders: Folders, meanings: Mapping[str, str]) -> str:
    """What the nearest folder says that has a meaning (rule 3)."""
    for n in range(len(folders), 0, -1):
        for key in ("/".join(folders[:n]).casefold(), folders[n - 1].casefold()):
            if key in meanings:
                return meanings[key]
    return meanings.get(".", "")


def _is_directly_in_split(name: str) -> bool:
    return [folder.casefold() in SPLIT_FOLDERS for folder in folders_of(name)].index(True) == len(folders_of(name)) - 1


def label_hint(image: LabelledImage) -> tuple[str, str, str]:
    """What to say of an image without a label: what was expected, what came, and the way out."""
    options = f"--good {image.folder} or --defective {image.folder}"
    keys = f"in a script gen_param {{'good': ['{image.folder}']}}"
    return "a folder that says whether it is good, like 'good' or 'bad'", "none", f"{options}; {keys}"
