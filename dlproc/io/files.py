"""HALCON's operators on files and folders, and the stopwatch, for scripts that were ported line by line.

Paths come back with forward slashes, on Windows too, and in alphabetical order, so that the same folder gives the same
list everywhere. Text is UTF-8.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlproc.errors import DLFileError, DLParamError
from dlproc.images.domain import domain_of_image
from dlproc.io.images import HALCON_ENDINGS
from dlproc.io.paths import path_text
from dlproc.io.tree import walk
from dlproc.io.writing import atomic_write, naming
from dlproc.schema.check import check_known, convert
from dlproc.schema.kinds import Integer, as_list, describe, scalar
from dlproc.tuples.arithmetic import as_text

_LIST_OPTIONS = ("files", "directories", "recursive", "follow_links")
_MOST_FILES = 1_000_000
_WITH_NUMBER = ("max_depth", "max_files")
_LINE_ENDS = "\n\r\f\x85\u2028\u2029"
_NOT_BLANK = "\x1c\x1d\x1e\x1f"  # control characters that Python counts as white space
_MODES = {"input": "r", "output": "w", "append": "a"}
_FORMATS = {"png": ".png", "bmp": ".bmp", "jpeg": ".jpg", "tiff": ".tif"}
_PNG_LEVELS = {"best": 9, "fastest": 1, "none": 0}


# --- Files and folders


def file_exists(file_name: str | Path | Sequence[str | Path]) -> int | list[int]:
    """Whether a file or folder is there: 1 or 0, or a list of these for several names."""
    answers = [int(Path(path_text(name, "file_name")).exists()) for name in as_list(file_name)]
    return answers if isinstance(file_name, list | tuple) else answers[0]


def make_dir(dir_name: str | Path) -> None:
    """Make a folder in one that is there.

    Raises
    ------
    DLFileError
        It is there already, or cannot be made.
    """
    path = Path(path_text(dir_name, "dir_name"))
    if path.exists():
        raise DLFileError(path.as_posix(), "a folder that does not exist", "an existing one")
    try:
        path.mkdir()
    except OSError as error:
        raise DLFileError(path.as_posix(), "a folder that can be made", error.strerror or str(error)) from error


def delete_file(file_name: str | Path) -> None:
    """Delete a file.

    Raises
    ------
    DLFileError
        There is none (halcon_code 5200), or it cannot be deleted.
    """
    path = Path(path_text(file_name, "file_name"))
    if not path.is_file():
        raise DLFileError(path.as_posix(), "an existing file", "none", halcon_code=5200)
    try:
        path.unlink()
    except OSError as error:
        raise DLFileError(path.as_posix(), "a file that can be deleted", error.strerror or str(error)) from error


def list_files(directory: str | Path, options: str | Sequence[str] = "files") -> list[str]:
    """Files and folders in a folder.

    Parameters
    ----------
    directory : str or Path
        ``''`` and ``'.'`` mean the current folder.
    options : str or list of str
        ``'files'``, ``'directories'``, or both; ``'recursive'``: also in the folders within; ``'follow_links'``:
        links to files, too, and through links to folders; ``'max_depth N'``: at most N folders deep; ``'max_files N'``:
        the first N, 1000000 where it is not given.

    Returns
    -------
    list of str
        Paths that begin with `directory`, in alphabetical order. A folder ends with a slash.

    Raises
    ------
    DLFileError
        No such folder (halcon_code 5200).
    DLParamError
        An unknown option.
    """
    folder = _folder(directory, "directory")
    chosen, numbers = _list_options(options)
    follows = "follow_links" in chosen
    if not folder.is_dir():
        raise DLFileError(folder.as_posix(), "an existing folder", "none", halcon_code=5200)
    depth = numbers.get("max_depth") if "recursive" in chosen else 1
    found: list[str] = []
    for here, sub_dirs, file_names in walk(folder, follows, depth):
        if "files" in chosen:
            found += [(here / name).as_posix() for name in file_names if follows or not (here / name).is_symlink()]
        if "directories" in chosen:
            found += [f"{(here / name).as_posix()}/" for name in sub_dirs]
    return sorted(found, key=PurePath)[: numbers.get("max_files", _MOST_FILES)]


def list_image_files(
    image_directory: str | Path | Sequence[str | Path],
    extensions: str | Sequence[str] = "default",
    options: str | Sequence[str] = (),
) -> list[str]:
    """Image files in a folder, or in several.

    Parameters
    ----------
    image_directory : str or Path, or a list of them
        ``''`` and ``'.'`` mean the current folder.
    extensions : str or list of str
        Without the dot, such as ``['png', 'jpg']``; ``'default'``: HALCON's list, as far as it is read here (tif, tiff,
        gif, bmp, jpg, jpeg, jp2, png, pcx, pbm, pnm, pgm, ppm). Only the ending counts, and hidden files are listed, as
        in HALCON; `read_dl_dataset_anomaly` also finds images of other endings or none.
    options : str or list of str
        ``'recursive'``, ``'follow_links'``: as for `list_files`.

    Returns
    -------
    list of str
        Folder by folder, each in alphabetical order.

    Raises
    ------
    DLFileError
        No such folder (halcon_code 5200).
    DLParamError
        An unknown option.
    """
    for option in as_list(options):
        check_known(option, ("recursive", "follow_links"), "options")
    wanted = {f".{str(one).lower().lstrip('.')}" for one in as_list(extensions)}
    wanted = set(HALCON_ENDINGS) if wanted & {".default", "."} else wanted
    files: list[str] = []
    for folder in as_list(image_directory):
        files += list_files(folder, ["files", *map(str, as_list(options))])
    return [file for file in files if PurePath(file).suffix.lower() in wanted]


def parse_filename(file_name: str | Path | Sequence[str | Path]) -> tuple[Any, Any, Any]:
    """Take a file name apart.

    Parameters
    ----------
    file_name : str or Path, or a list of them

    Returns
    -------
    base_name, extension, directory : str, or lists of str
        ``directory + base_name + '.' + extension`` is the name again: the extension has no dot, the directory ends with
        a slash; each is empty where the name has none.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.parse_filename("images/good/part_01.png")
    ('part_01', 'png', 'images/good/')
    """
    parts = [_parts(str(name).replace("\\", "/")) for name in as_list(file_name)]
    if isinstance(file_name, list | tuple):
        return tuple([part[place] for part in parts] for place in range(3))  # type: ignore[return-value]  # of three
    return parts[0]


# --- Text files


class FileHandle:
    """An open text file, from `open_file`.

    Attributes
    ----------
    path : Path
    stream : file object
    is_standard : bool
        Whether the stream is one of the process, which stays open when the handle is closed.
    is_closed : bool
    ahead : str
        A letter that was read to see whether it belongs to the end of a line, and that comes next.
    """

    def __init__(self, path: Path, stream: TextIO, is_standard: bool = False) -> None:
        self.path = path
        self.stream = stream
        self.is_standard = is_standard
        self.is_closed = False
        self.ahead = ""

    def __repr__(self) -> str:
        return f"<FileHandle {self.path.as_posix()}, {'closed' if self.is_closed else 'open'}>"

    def close(self) -> None:
        """Close the file; a stream of the process is only written out."""
        self.is_closed = True
        if not self.is_standard:
            self.stream.close()
        elif self.stream.writable():
            self.stream.flush()


def open_file(file_name: str | Path, file_type: str | Sequence[str]) -> FileHandle:
    """Open a text file.

    Parameters
    ----------
    file_name : str or Path
        ``'standard'`` is the standard input or output of the process, ``'error'`` its standard error.
    file_type : str
        ``'input'``: to read; ``'output'``: to write a new one; ``'append'``: to write behind what is there. Also in a
        list with ``'utf8_encoding'``, which is what is done anyway. Binary files are not known here.

    Raises
    ------
    DLFileError
        No such file (halcon_code 5200), or it cannot be opened.
    DLParamError
        Another type.
    """
    path = Path(path_text(file_name, "file_name"))
    kind, *others = as_list(file_type) or [""]
    check_known(kind, _MODES, "file_type")
    for other in others:
        check_known(other, ("utf8_encoding",), "file_type")
    standard = _standard_stream(str(path), kind)
    if standard is not None:
        return FileHandle(path, standard, is_standard=True)
    newline = "" if kind == "input" else None  # fread_line looks for the ends of lines itself
    try:
        stream: Any = path.open(_MODES[kind], encoding="utf-8", newline=newline)
        return FileHandle(path, stream)
    except FileNotFoundError as error:
        raise DLFileError(path.as_posix(), "an existing file", "none", halcon_code=5200) from error
    except OSError as error:
        raise DLFileError(path.as_posix(), "a file that can be opened", error.strerror or str(error)) from error


def fwrite_string(file_handle: FileHandle, string: Any) -> None:
    """Write texts and numbers, one behind the other; nothing is put between them. True and false are 1 and 0.

    Reals have six digits, as in joined texts.

    Raises
    ------
    DLFileError
        The file is closed, was opened to read, or cannot be written (halcon_code 7781).
    DLParamError
        Not a file handle.
    """
    file = _open_file(file_handle)
    if not file.stream.writable():
        raise DLFileError(file.path.as_posix(), "a file that was opened to write", "one to read")
    with naming(file.path):
        file.stream.write("".join(map(as_text, as_list(string))))


def fnew_line(file_handle: FileHandle) -> None:
    """End the line; errors as of `fwrite_string`."""
    fwrite_string(file_handle, "\n")


def fread_line(file_handle: FileHandle) -> tuple[str, int]:
    """Read a line.

    Returns
    -------
    out_line : str
        With its end, which is a line feed, a carriage return, a form feed, or one of the signs that Unicode has for it;
        carriage return and line feed together come as a line feed. The last line of a file may have none. Empty at the
        end of the file.
    is_eof : int
        1 where nothing was left to read, else 0.

    Raises
    ------
    DLFileError
        The file is closed, was opened to write, or is not UTF-8.
    DLParamError
        Not a file handle.
    """
    line = ""
    while letter := _read_letter(file_handle):
        line += letter
        if letter in _LINE_ENDS:
            break
    return line, int(line == "")


def fread_string(file_handle: FileHandle) -> tuple[str, int]:
    """Read the next word: what stands up to the next space or end of line; spaces before it are passed over.

    Returns
    -------
    out_string : str
        Empty at the end of the file.
    is_eof : int
        1 where nothing was left to read, else 0.

    Raises
    ------
    DLFileError, DLParamError
        As of `fread_line`.
    """
    word = ""
    while letter := _read_letter(file_handle):
        if not letter.isspace() or letter in _NOT_BLANK:
            word += letter
        elif word:
            break
    return word, int(word == "")


def fread_char(file_handle: FileHandle) -> str:
    """Read a character; ``'nl'`` at the end of a line, ``'eof'`` at the end of the file. Errors as of `fread_line`."""
    letter = _read_letter(file_handle)
    return {"\n": "nl", "": "eof"}.get(letter, letter)


def close_file(file_handle: FileHandle | Sequence[FileHandle]) -> None:
    """Close a file, or several; what was written is then on the disk.

    Raises
    ------
    DLFileError
        The file is closed, or what was written does not get onto the disk (halcon_code 7781).
    DLParamError
        Not a file handle.
    """
    for one in as_list(file_handle):
        file = _open_file(one)
        with naming(file.path):
            file.close()


# --- Images, time


def write_image(image: NDArray[Any], format: str, fill_color: Any, file_name: str | Path) -> None:
    """Write an image.

    Parameters
    ----------
    image : array (H, W) or (H, W, 3), uint8; or (H, W), uint16
    format : str
        ``'png'`` (also ``'png best'``, ``'png fastest'``, ``'png none'``), ``'bmp'``, ``'tiff'``, ``'jpeg'`` (also
        ``'jpeg 90'``: its quality, 1 to 100).
    fill_color : int
        Gray value of the pixels outside of the image's domain, 0 to the type's largest value.
    file_name : str or Path
        The file; replaced when it exists. Without an extension that of the format is added.

    Raises
    ------
    DLParamError
        An unknown format; an image that it cannot hold.
    DLFileError
        The file cannot be written (halcon_code 7781).
    """
    word, _, option = str(scalar(format)).partition(" ")
    check_known(word, _FORMATS, "format")
    options = _image_options(word, option)
    path = Path(path_text(file_name, "file_name"))
    path = path if path.suffix else path.with_name(path.name + _FORMATS[word])
    is_grey = isinstance(image, np.ndarray) and image.ndim == 2 and image.dtype in (np.uint8, np.uint16)
    is_colour = isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8
    if not (is_grey or is_colour) or 0 in image.shape:
        raise DLParamError("image", "an array (H, W) of uint8 or uint16, or (H, W, 3) of uint8", describe(image))
    if image.dtype == np.uint16 and word in ("bmp", "jpeg"):
        raise DLParamError("image", f"uint8, for {word}", "uint16", "png and tiff hold 16 bits")
    domain = domain_of_image(image)
    if domain is not None:
        image = np.asarray(image).copy()
        gray = Integer("", low=0, high=int(np.iinfo(image.dtype).max))
        image[~domain] = convert(fill_color, gray, "fill_color", DLParamError)
    content = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(content, word.upper(), **options)
    atomic_write(path, content.getvalue())


def count_seconds() -> float:
    """Seconds since some moment that stays the same while the program runs: for differences."""
    return time.perf_counter()


def _folder(given: object, where: str) -> Path:
    """A folder as operators are given it; ``''`` is the current one."""
    return Path() if scalar(given) == "" else Path(path_text(given, where))


def _list_options(options: object) -> tuple[set[str], dict[str, int]]:
    chosen, numbers = set(), {}
    for option in as_list(options):
        word, _, number = str(option).partition(" ")
        if word in _WITH_NUMBER and number.strip().isdigit():
            numbers[word] = int(number)
        elif word in _WITH_NUMBER:
            raise DLParamError("options", f"'{word} N' with a number", repr(option))
        else:
            check_known(option, (*_LIST_OPTIONS, *(f"{name} N" for name in _WITH_NUMBER)), "options")
            chosen.add(word)
    return chosen, numbers


def _parts(name: str) -> tuple[str, str, str]:
    directory, slash, last = name.rpartition("/")
    base, _, extension = last.rpartition(".")
    return (base, extension, directory + slash) if base and extension else (last, "", directory + slash)


def _open_file(handle: object) -> FileHandle:
    """The handle, also from a list of one, of a file that is open."""
    file = scalar(handle)
    if not isinstance(file, FileHandle):
        raise DLParamError("file_handle", "a file from open_file", describe(file), halcon_code=2404)
    if file.is_closed or file.stream.closed:
        raise DLFileError(file.path.as_posix(), "an open file", "one that is closed")
    return file


def _standard_stream(name: str, kind: str) -> TextIO | None:
    """The stream of the process that a reserved file name means."""
    if name == "standard":
        return sys.stdin if kind == "input" else sys.stdout
    return sys.stderr if name == "error" and kind != "input" else None


def _read_letter(handle: FileHandle) -> str:
    """The next letter of a text file that is open to be read; a carriage return with its line feed is a line feed."""
    file = _open_file(handle)
    if not file.stream.readable():
        raise DLFileError(file.path.as_posix(), "a file that was opened to read", "one to write")
    try:
        letter = file.ahead or file.stream.read(1)
        file.ahead = file.stream.read(1) if letter == "\r" else ""
    except UnicodeDecodeError as error:
        raise DLFileError(file.path.as_posix(), "text in UTF-8", f"other bytes: {error.reason}") from error
    if letter == "\r" and file.ahead == "\n":
        letter, file.ahead = "\n", ""
    return letter


def _image_options(word: str, option: str) -> dict[str, Any]:
    if not option:
        return {"quality": 95} if word == "jpeg" else {}
    if word == "jpeg" and option.isdigit() and 1 <= int(option) <= 100:
        return {"quality": int(option)}
    if word == "png" and option in _PNG_LEVELS:
        return {"compress_level": _PNG_LEVELS[option]}
    expected = {"jpeg": "'jpeg 1' to 'jpeg 100'", "png": "'png best', 'png fastest' or 'png none'"}
    raise DLParamError("format", expected.get(word, f"'{word}'"), repr(f"{word} {option}"))
