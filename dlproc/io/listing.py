"""Which files of a folder are images: the one listing that all readers and commands use.

A file is an image if `read_image` can read it. The ending of its name says so where Pillow knows it; where it does not,
or there is none, the first bytes say so. Whatever is passed over is reported with the reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image

from dlproc.io import pillow
from dlproc.io.tree import walk

# Reasons why a file or folder is passed over.
HIDDEN = "hidden"
SYSTEM = "of the system"
OVERLAY = "overlays of dlproc"
OTHER = "other files"
LOOP = "links to a folder above"
UNREADABLE = "cannot be opened"
BROKEN_LINK = "broken link"
NOT_READ = "image of a kind that is not read here, or damaged"

REASONS = (HIDDEN, SYSTEM, OVERLAY, OTHER, LOOP, UNREADABLE, BROKEN_LINK, NOT_READ)
MAY_HIDE_IMAGES = (UNREADABLE, BROKEN_LINK, NOT_READ)  # there may be an image that nobody looked at

OVERLAY_MARK = ("Software", "dlproc overlay")  # keyword and text that write_overlay puts in front of the pixels
_MARK_BYTES = b"tEXt" + b"\0".join(part.encode() for part in OVERLAY_MARK)

# Left behind by file managers, archives, network storage and Windows; lower case.
_SYSTEM_NAMES = {
    "@eadir", "#recycle", "#snapshot", "__macosx", "lost+found",
    "recycler", "$recycle.bin", "system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini",
}  # fmt: skip

# Images that nothing here reads: phones, raw files of cameras, drawings, film, medicine, HALCON's own.
_UNREAD_ENDINGS = {
    ".heic", ".heif", ".hif", ".jxl", ".jxr", ".wdp", ".hdp", ".exr", ".svg", ".svgz", ".eps", ".ps", ".wmf", ".emf",
    ".xcf", ".psb", ".dcm", ".dicom", ".ima", ".xwd", ".raw", ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng",
    ".erf", ".fff", ".iiq", ".kdc", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2",
    ".srf", ".srw", ".x3f",
}  # fmt: skip
_UNREAD_BEGINNINGS = (
    b"\xff\x0a",  # JPEG XL
    b"\x00\x00\x00\x0cJXL ",
    b"II\xbc\x01",  # JPEG XR
    b"v/1\x01",  # OpenEXR
    b"#?RADIANCE",
    b"#?RGBE",
    b"%!PS-Adobe",
    b"gimp xcf",
    b"<svg",
    b"FUJIFILMCCD-RAW",
    b"FOVb",  # Sigma
    b"IIRO",  # Olympus
    b"IIRS",
    b"MMOR",
    b"IIU\x00",  # Panasonic
)
_UNREAD_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"crx ")  # after 'ftyp'
_TARGA_END = b"TRUEVISION-XFILE.\0"
_N_FIRST_BYTES = 512


@dataclass(frozen=True)
class PassedOver:
    """A file or folder that is not among the images of a listing.

    Attributes
    ----------
    name : str
        Relative to the folder of the listing, with forward slashes; a folder ends with a slash.
    reason : str
        One of `REASONS`.
    """

    name: str
    reason: str


@dataclass
class Listing:
    """The images below a folder, and what lies beside them.

    Attributes
    ----------
    folder : Path
        Where was looked.
    names : list of str
        The images, relative to `folder`, with forward slashes, each once, sorted: the order does not depend on the
        machine.
    passed_over : list of PassedOver
        Everything else, sorted by name. A folder that is passed over stands for all that is in it.
    """

    folder: Path
    names: list[str] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)

    def passed_over_as(self, *reasons: str) -> list[str]:
        """Names of what was passed over for one of these reasons."""
        return [one.name for one in self.passed_over if one.reason in reasons]


def list_images(folder: str | Path, sub_dirs: Iterable[str] = ()) -> Listing:
    """List the images below a folder, recursively, links followed.

    Hidden files and folders (a name that begins with a dot; the attribute of Windows), those of the system
    (``Thumbs.db``, ``@eaDir``, ``__MACOSX``, …) and dlproc's own overlays are no images of the folder. The folder
    itself may have any name.

    Parameters
    ----------
    folder : str or Path
        Where to look.
    sub_dirs : iterable of str
        Only below these folders of it; empty: everywhere. Those that do not exist are left out.
    """
    root = Path(folder)
    names: set[str] = set()
    passed: dict[str, str] = {}
    for start in [root / sub_dir for sub_dir in sub_dirs] or [root]:
        _collect(root, start, names, passed)
    return Listing(root, sorted(names), [PassedOver(name, passed[name]) for name in sorted(passed)])


def list_image_names(folder: str | Path, sub_dirs: Iterable[str] = ()) -> list[str]:
    """Names of `list_images`."""
    return list_images(folder, sub_dirs).names


def why_passed_over(path: Path) -> str | None:
    """Why a file, or a folder with all that is in it, is no part of a set of images; None: it is one."""
    reason = _why_not_of_the_user(path)
    return reason if reason or path.is_dir() else why_no_image(path)


def why_no_image(path: Path) -> str | None:
    """Why a file is no image to look at, one of `REASONS`; None: it is one.

    An image whose ending says that it is one may still be damaged; `read_image` finds out.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return BROKEN_LINK if path.is_symlink() else UNREADABLE
    if not stat.S_ISREG(mode):
        return OTHER if stat.S_ISDIR(mode) else UNREADABLE  # a pipe or a device: opening it could wait for ever
    ending = path.suffix.lower()
    if ending in image_endings() and ending not in (".png", ".apng"):
        return None
    try:
        with path.open("rb") as stream:
            first = stream.read(_N_FIRST_BYTES)
    except OSError:
        return UNREADABLE
    if ending in image_endings():
        return OVERLAY if _MARK_BYTES in first else None
    return _judge_content(path, first)


@cache
def image_endings() -> frozenset[str]:
    """Endings of the images that are read, in lower case with their dot: Pillow's, less those it cannot decode."""
    known = Image.registered_extensions()  # loads all of Pillow's formats
    return frozenset(ending for ending, name in known.items() if name not in pillow.NOT_DECODED)


def _collect(root: Path, start: Path, names: set[str], passed: dict[str, str]) -> None:
    def relative(path: Path) -> str:
        return path.relative_to(root).as_posix()

    def pass_over(folder: Path, reason: str) -> None:
        passed[f"{relative(folder)}/"] = reason

    if not start.is_dir():
        return
    for folder, sub_dirs, file_names in walk(
        start,
        on_error=lambda one: pass_over(one, UNREADABLE),
        on_loop=lambda one: pass_over(one, LOOP),
    ):
        for name in sub_dirs.copy():
            reason = _why_not_of_the_user(folder / name)
            if reason:
                pass_over(folder / name, reason)
                sub_dirs.remove(name)
        for name in file_names:
            path = folder / name
            reason = why_passed_over(path)
            if reason:
                passed[relative(path)] = reason
            else:
                names.add(relative(path))


def _why_not_of_the_user(path: Path) -> str | None:
    if path.name.lower() in _SYSTEM_NAMES:
        return SYSTEM
    if path.name.startswith("."):
        return HIDDEN
    if os.name == "nt":  # there a name does not say it
        try:
            attributes = getattr(path.lstat(), "st_file_attributes", 0)
        except OSError:
            return None
        return HIDDEN if attributes & stat.FILE_ATTRIBUTE_HIDDEN else None
    return None


def _judge_content(path: Path, first: bytes) -> str | None:
    """What the first bytes say of a file whose ending says nothing, or names a kind that is not read."""
    is_unread_kind = path.suffix.lower() in _UNREAD_ENDINGS
    begins_like = _formats_that_begin_so(first)
    if _ends_as_targa(path):  # this format has no mark at its beginning
        begins_like = {"TGA"}
    if is_unread_kind:
        begins_like.discard("TIFF")  # raw files of cameras are made like TIFF, and hold a small preview there
    if begins_like and _opens_as(begins_like, path):
        return OVERLAY if _MARK_BYTES in first else None
    begins_unread = first.startswith(_UNREAD_BEGINNINGS) or (first[4:8] == b"ftyp" and first[8:12] in _UNREAD_BRANDS)
    begins_unread = begins_unread or first[128:132] == b"DICM" or (first.startswith(b"<?xml") and b"<svg" in first)
    is_damaged_image = bool(begins_like) and b"\0" in first  # a text may begin with 'P5' or '#define', too
    return NOT_READ if is_unread_kind or begins_unread or is_damaged_image else OTHER


def _formats_that_begin_so(first: bytes) -> set[str]:
    """Those of Pillow's formats that recognise the first bytes of a file."""
    image_endings()  # loads the formats
    fitting = set()
    for name, (_, accepts) in Image.OPEN.items():
        if name in pillow.NOT_DECODED or accepts is None:
            continue
        try:
            if accepts(first[:16]):
                fitting.add(name)
        except Exception:  # too few bytes
            continue
    return fitting


def _ends_as_targa(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - len(_TARGA_END)))
        return stream.read() == _TARGA_END


def _opens_as(formats: Iterable[str], path: Path) -> bool:
    """Whether one of Pillow's formats can make sense of the head of a file."""
    try:
        with path.open("rb") as stream, pillow.opened(stream, str(path), sorted(formats)):
            return True
    except Exception:  # decoders raise whatever damaged bytes lead them to
        return False
