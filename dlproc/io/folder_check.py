"""Look at every image of a folder before anything is learnt from it: what is broken, double, contradictory or odd.

Each image is read once and forgotten; of each some numbers stay, so that memory does not grow with the pictures.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, pstdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlproc.errors import DLError
from dlproc.io.image_folder import ImageFolder
from dlproc.io.images import read_image_file
from dlproc.io.layout import LabelledImage
from dlproc.io.listing import MAY_HIDE_IMAGES
from dlproc.io.masks import read_mask_file, united
from dlproc.io.same_files import file_digest
from dlproc.measures.brightness import brightness, is_changed, shift
from dlproc.remarks import LOGGER

ERROR, REMARK = "error", "remark"
_USUAL_SHARE = 0.9  # of the images that must agree before the others are odd
_ODD_PROPORTIONS = 1.5  # times the usual ratio of width to height
_WHITE_SHARE = 0.95  # of a mask


@dataclass(frozen=True)
class ImageFacts:
    """What stays of an image that was read.

    Attributes
    ----------
    image : LabelledImage
        Which one.
    error : str
        Why it could not be read; the other attributes are empty then.
    width, height, n_channels : int
        Its size.
    dtype : str
        Type of its gray values.
    bytes_digest, pixels_digest : bytes
        The same for files, for pictures with the same content.
    mean, contrast : float
        Mean gray value and standard deviation, 0 to 255.
    is_uniform : bool
        Whether all pixels are the same.
    mask_error : str
        Why its mask cannot serve.
    mask_share : float or None
        Share of its pixels that are annotated as anomalous; None without mask.
    has_lossy_mask : bool
        Whether the compression of a mask changed its gray values.
    remarks : tuple of str
        What the reader remarked.
    """

    image: LabelledImage
    error: str = ""
    width: int = 0
    height: int = 0
    n_channels: int = 0
    dtype: str = ""
    bytes_digest: bytes = b""
    pixels_digest: bytes = b""
    mean: float = 0.0
    contrast: float = 0.0
    is_uniform: bool = False
    mask_error: str = ""
    mask_share: float | None = None
    has_lossy_mask: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something that a user should look at.

    Attributes
    ----------
    kind : str
        Its name, for programs.
    severity : str
        ``'error'``: training or evaluation would fail or be wrong; ``'remark'``: it may be right.
    text : str
        A sentence.
    files : list of str
        The files concerned, relative to the folder.
    """

    kind: str
    severity: str
    text: str
    files: list[str] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------------- reading


def read_facts(found: ImageFolder, image: LabelledImage) -> ImageFacts:
    """Read an image with its mask, and keep what `findings` needs."""
    path = found.root / image.name
    heard = _Heard()
    LOGGER.addHandler(heard)
    is_propagating, LOGGER.propagate = LOGGER.propagate, False
    try:
        pixels = read_image_file(path)
        digest = file_digest(path)
        facts: dict[str, Any] = _facts_of_mask(found, image, pixels.shape[:2])
    except (DLError, OSError) as error:
        return ImageFacts(image, error=_reason(error))
    finally:
        LOGGER.removeHandler(heard)
        LOGGER.propagate = is_propagating
    scale = 257 if pixels.dtype == np.uint16 else 1  # 65535 / 255
    mean, contrast = (value / scale for value in brightness(pixels))
    if not math.isfinite(mean):
        return ImageFacts(image, error="a pixel that is no number, NaN or infinite")
    return ImageFacts(
        image,
        width=pixels.shape[1],
        height=pixels.shape[0],
        n_channels=1 if pixels.ndim == 2 else pixels.shape[2],
        dtype=pixels.dtype.name,
        bytes_digest=digest,
        pixels_digest=_pixels_digest(pixels),
        mean=mean,
        contrast=contrast,
        is_uniform=bool((pixels == pixels[0, 0]).all()),
        remarks=tuple(heard.texts),
        **facts,
    )


class _Heard(logging.Handler):
    """What the reader remarks of one image."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text without the name of the file."""
        self.texts.append(str(record.args[1]) if isinstance(record.args, tuple) else record.getMessage())


def _facts_of_mask(found: ImageFolder, image: LabelledImage, size: tuple[int, ...]) -> dict[str, Any]:
    if not image.masks:
        return {}
    root = found.outside_masks or found.root
    masks, is_changed = [], False
    for name in image.masks:
        try:
            mask, has_changed = read_mask_file(root / name)
        except (DLError, OSError) as error:
            return {"mask_error": f"a mask cannot be read: {_reason(error)}"}
        if mask.shape != size:
            height, width = mask.shape
            return {"mask_error": f"a mask has {width} x {height} pixels, its image {size[1]} x {size[0]}"}
        masks.append(mask)
        is_changed |= has_changed
    return {"mask_share": float((united(masks) > 0).mean()), "has_lossy_mask": is_changed}


def _reason(error: Exception) -> str:
    return error.got if isinstance(error, DLError) else str(error)


def _pixels_digest(pixels: NDArray[Any]) -> bytes:
    """16 bytes that say which picture this is; a grey picture in three channels is the same."""
    if pixels.ndim == 3 and (pixels[..., :1] == pixels).all():
        pixels = pixels[..., 0]
    digest = hashlib.blake2b(repr((pixels.shape, pixels.dtype.name)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


# ------------------------------------------------------------------------------------------------------ judging


def findings(found: ImageFolder, facts: Sequence[ImageFacts]) -> list[Finding]:
    """What a user should look at, errors first.

    Parameters
    ----------
    found : ImageFolder
        The folder.
    facts : sequence of ImageFacts
        Of `read_facts`, for all images that are used.
    """
    read = [one for one in facts if not one.error]
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: _broken(facts),
        lambda: _same(read),
        lambda: _masks(read),
        lambda: _files_beside(found),
        lambda: _odd_images(read),
        lambda: _light(read),
    ]
    all_of_them = [finding for check in checks for finding in check()]
    return sorted(all_of_them, key=lambda finding: finding.severity != ERROR)


def _broken(facts: Sequence[ImageFacts]) -> Iterable[Finding]:
    for one in facts:
        if one.error:
            yield Finding("broken", ERROR, f"cannot be read: {one.error}", [one.image.name])
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for one in facts:
        for text in one.remarks:
            texts[text].append(one.image.name)
    for text, names in texts.items():
        yield Finding("remarked", REMARK, text, names)


def _same(facts: Sequence[ImageFacts]) -> Iterable[Finding]:
    """The same picture twice: an error if once good and once defective."""
    groups: defaultdict[bytes, list[ImageFacts]] = defaultdict(list)
    for one in facts:
        groups[one.pixels_digest].append(one)
    n_double, double = 0, []
    for group in groups.values():
        if len(group) < 2:
            continue
        names = [one.image.name for one in group]
        if {"ok", "nok"} <= {one.image.label for one in group}:
            yield Finding("contradictory", ERROR, "the same picture is among good and among defective images", names)
        elif group[0].is_uniform:
            continue  # reported as empty
        elif "train" in {one.image.split for one in group} != {"train"}:
            yield Finding("duplicate", REMARK, "the same picture is trained on and tested with", names)
        else:
            n_double += len(group) - 1
            double += names
    if n_double:
        text = f"{n_double} of {len(facts)} images {'is' if n_double == 1 else 'are'} there twice"
        yield Finding("duplicate", REMARK, text, double)


def _masks(facts: Sequence[ImageFacts]) -> Iterable[Finding]:
    bad = [one for one in facts if one.mask_error]
    for one in bad:
        yield Finding("mask_unusable", ERROR, one.mask_error, [*one.image.masks])
    defective = [one for one in facts if one.image.label == "nok"]
    with_mask = [one for one in facts if one.mask_share is not None]
    n_annotated = sum(bool(one.image.masks) for one in defective)
    if 0 < n_annotated < len(defective):
        text = (
            f"{n_annotated} of {len(defective)} defective images have a mask; measures of pixels leave out the others"
        )
        yield Finding("partly_annotated", REMARK, text, _names(one for one in defective if not one.image.masks))
    kinds: list[tuple[str, str, Callable[[ImageFacts, float], bool]]] = [
        (
            "empty_mask",
            "a defective image has an empty mask; measures of pixels take all of it for good",
            lambda one, share: one.image.label == "nok" and share == 0,
        ),
        (
            "mask_of_good_image",
            "a good image has a mask with anomalous pixels",
            lambda one, share: one.image.label == "ok" and share > 0,
        ),
        (
            "white_mask",
            "a mask marks nearly the whole image; are black and white swapped?",
            lambda one, share: one.image.label == "nok" and share >= _WHITE_SHARE,
        ),
        (
            "lossy_mask",
            "the compression of a mask changed its gray values; from 128 on they count as anomalous",
            lambda one, share: one.has_lossy_mask,
        ),
    ]
    for kind, text, holds in kinds:
        names = _names(one for one in with_mask if holds(one, one.mask_share or 0.0))
        if names:
            yield Finding(kind, REMARK, text, names)


def _files_beside(found: ImageFolder) -> Iterable[Finding]:
    if found.layout.unmatched:
        n = len(found.layout.unmatched)
        text = f"{n} {'mask belongs' if n == 1 else 'masks belong'} to no image"
        yield Finding("unmatched_mask", REMARK, text, found.layout.unmatched)
    not_used = [image.name for image in found.layout.images if found.layout.has_splits and not image.split]
    if not_used:
        yield Finding("not_used", REMARK, "images outside of train, validation and test are not used", not_used)
    hiding = [one.name for one in found.passed_over if one.reason in MAY_HIDE_IMAGES]
    if hiding:
        yield Finding("not_inspected", REMARK, "files that may be images cannot be read here", hiding)


def _odd_images(facts: Sequence[ImageFacts]) -> Iterable[Finding]:
    uniform = _names(one for one in facts if one.is_uniform)
    if uniform:
        yield Finding("empty", REMARK, "an image has one gray value all over", uniform)
    size = _odd([(one.image.name, (one.width, one.height)) for one in facts])
    if size:
        (width, height), others = size
        yield Finding("odd_size", REMARK, f"another size than the others, which have {width} x {height} pixels", others)
    ratios = {one.image.name: one.width / one.height for one in facts}
    usual = median(ratios.values()) if ratios else 1.0
    odd = [n for n, ratio in ratios.items() if not 1 / _ODD_PROPORTIONS < ratio / usual < _ODD_PROPORTIONS]
    if odd and not size and len(odd) <= (1 - _USUAL_SHARE) * len(facts):
        text = (
            f"other proportions than the others, {usual:.2f} : 1; the model brings all images to one size, and these "
        )
        yield Finding("odd_proportions", REMARK, text + "would look stretched", odd)
    kinds = [(one.image.name, (one.n_channels, one.dtype)) for one in facts]
    if len({kind for _, kind in kinds}) > 1:
        n_channels, dtype = Counter(kind for _, kind in kinds).most_common(1)[0][0]
        odd = [name for name, kind in kinds if kind != (n_channels, dtype)]
        yield Finding("odd_kind", REMARK, f"of another kind than most, which are {_kind(n_channels, dtype)}", odd)


def _odd(values: Sequence[tuple[str, Any]]) -> tuple[Any, list[str]] | None:
    """The usual value and the names of those that have another one, where nearly all agree and not all do."""
    if not values:
        return None
    (usual, n_usual), *others = Counter(value for _, value in values).most_common()
    if not others or n_usual < _USUAL_SHARE * len(values):
        return None
    return usual, [name for name, value in values if value != usual]


def _kind(n_channels: int, dtype: str) -> str:
    bits = {"uint8": "8 bit", "uint16": "16 bit"}.get(dtype, dtype)
    return f"{'grey' if n_channels == 1 else 'colour'}, {bits}"


# ------------------------------------------------------------------------------------------------------ light


def light_of_sets(facts: Sequence[ImageFacts]) -> dict[str, Mapping[str, Any]]:
    """Brightness and contrast of each set of images: means and standard deviations from image to image."""
    sets = {
        name: {
            "n_images": len(members),
            "mean": fmean(one.mean for one in members),
            "mean_spread": pstdev(one.mean for one in members),
            "contrast": fmean(one.contrast for one in members),
            "contrast_spread": pstdev(one.contrast for one in members),
        }
        for name, members in _sets(facts).items()
    }
    return dict(sorted(sets.items(), key=lambda item: ("defective" in item[0], item[0])))


def _sets(facts: Sequence[ImageFacts]) -> dict[str, list[ImageFacts]]:
    sets: defaultdict[str, list[ImageFacts]] = defaultdict(list)
    for one in facts:
        if not one.error:
            name = {"ok": "good", "nok": "defective"}.get(one.image.label, "label not known")
            sets[f"{name}, {one.image.split}" if one.image.split else name].append(one)
    return sets


def _light(facts: Sequence[ImageFacts]) -> Iterable[Finding]:
    """Sets whose light differs from that of the good images that will be trained on."""
    sets = _sets(facts)
    learnt_name = "good, train" if "good, train" in sets else "good"
    learnt = sets.pop(learnt_name, [])
    for name, members in sorted(sets.items()):
        for attribute, word in (("mean", "brightness"), ("contrast", "contrast")):
            sides = [[getattr(one, attribute) for one in side] for side in (learnt, members)]
            if is_changed(*sides):
                by = abs(shift(*sides) or 0.0)
                learnt_mean, mean = (f"{fmean(side):.0f}" for side in sides)
                may = "see the light instead of the defects" if "defective" in name else "take the light for a defect"
                text = f"the {word} of '{name}', {mean} gray values on average, is not that of '{learnt_name}', "
                text += f"{learnt_mean}: {by:.1f} standard deviations; a model may {may}"
                yield Finding("light", REMARK, text, [])


def _names(facts: Iterable[ImageFacts]) -> list[str]:
    return [one.image.name for one in facts]
