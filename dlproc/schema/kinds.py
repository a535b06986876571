"""Kinds of values that a key may hold.

A kind stands in the annotation of a key (`keys.py`), where it serves three readers: the type checker sees the plain
type beside it, the run-time check calls `convert`, and the documentation prints `expected`.

`convert` gives the value in its plain Python form (a numpy scalar becomes a number, 'true' becomes True) or raises
`Mismatch`; it never changes what it is given.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray


class Mismatch(Exception):
    """The value is not of the kind; `check.py` turns it into an error with the path to the key.

    Attributes
    ----------
    path : str
        Where inside the value, for example ``'[2]'``; empty for the value itself.
    hint : str
        A did-you-mean, or empty.
    """

    def __init__(self, expected: str, got: str, path: str = "", hint: str = "") -> None:
        super().__init__(expected, got, path, hint)
        self.expected = expected
        self.got = got
        self.path = path
        self.hint = hint


NO_DEFAULT: Any = object()
_MAX_BYTES = 20  # are printed


@dataclass(frozen=True)
class Kind:
    """What all kinds share: a sentence on the meaning, and for options a default."""

    meaning: str
    default: Any = field(default=NO_DEFAULT, kw_only=True)

    def expected(self) -> str:
        """What is expected, in words: ``'a number in [0, 1]'``."""
        raise NotImplementedError

    def convert(self, value: object) -> Any:
        """The value in its plain form, or `Mismatch`."""
        raise NotImplementedError

    def mismatch(self, value: object) -> Mismatch:
        return Mismatch(self.expected(), describe(value))


@dataclass(frozen=True)
class Anything(Kind):
    """Not looked at here; the code that reads it checks it."""

    def expected(self) -> str:
        return "anything"

    def convert(self, value: object) -> Any:
        return value


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number, from `low` to `high`, both included."""

    low: int | None = None
    high: int | None = None
    multiple_of: int = 1

    def expected(self) -> str:
        multiple = f", a multiple of {self.multiple_of}" if self.multiple_of > 1 else ""
        return "an integer" + _interval(self.low, self.high, "[", "]") + multiple

    def convert(self, value: object) -> int:
        number = scalar(value)
        if isinstance(number, float | np.floating) and float(number).is_integer():
            number = int(number)  # HALCON computes with reals: 256.0 is a width.
        if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer):
            raise self.mismatch(value)
        whole = int(number)
        if (self.low is not None and whole < self.low) or (self.high is not None and whole > self.high):
            raise self.mismatch(value)
        if whole % self.multiple_of:
            raise self.mismatch(value)
        return whole


@dataclass(frozen=True)
class Real(Kind):
    """A finite number, from `low` to `high`; `open_low` leaves `low` itself out."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False

    def expected(self) -> str:
        return "a number" + _interval(self.low, self.high, "(" if self.open_low else "[", "]")

    def convert(self, value: object) -> float:
        number = scalar(value)
        if isinstance(number, bool | np.bool_) or not isinstance(number, int | float | np.integer | np.floating):
            raise self.mismatch(value)
        real = float(number)
        too_low = self.low is not None and (real < self.low or (self.open_low and real == self.low))
        if not np.isfinite(real) or too_low or (self.high is not None and real > self.high):
            raise self.mismatch(value)
        return real


@dataclass(frozen=True)
class Flag(Kind):
    """A switch. HALCON writes it as true/false, 1/0 or 'true'/'false'; all of them are understood.

    `words` are further values with a meaning of their own, such as 'auto'.
    """

    words: tuple[str, ...] = ()

    def expected(self) -> str:
        return ", ".join(["True", "False", *map(repr, self.words)])

    def convert(self, value: object) -> bool | str:
        switch = scalar(value)
        if isinstance(switch, str) and switch in self.words:
            return switch
        if isinstance(switch, str) and switch in ("true", "false"):
            return switch == "true"
        if isinstance(switch, bool | np.bool_ | int | np.integer) and int(switch) in (0, 1):
            return bool(switch)
        raise self.mismatch(value)


@dataclass(frozen=True)
class Text(Kind):
    """A string; with `choices`, one of them."""

    choices: tuple[str, ...] = ()

    def expected(self) -> str:
        return "one of " + ", ".join(map(repr, self.choices)) if self.choices else "a string"

    def convert(self, value: object) -> str:
        text = scalar(value)
        if isinstance(text, Path):
            text = text.as_posix()
        if not isinstance(text, str):
            raise self.mismatch(value)
        if self.choices and text not in self.choices:
            raise Mismatch(self.expected(), describe(value), hint=did_you_mean(text, self.choices))
        return str(text)


# Names that HALCON gives to colours.
COLOR_NAMES = {
    "black": "#000000",
    "white": "#ffffff",
    "red": "#ff0000",
    "green": "#00ff00",
    "blue": "#0000ff",
    "cyan": "#00ffff",
    "magenta": "#ff00ff",
    "yellow": "#ffff00",
    "orange": "#ffa500",
    "gray": "#c0c0c0",
    "light gray": "#d3d3d3",
    "dim gray": "#696969",
}


@dataclass(frozen=True)
class Color(Kind):
    """A colour, ``'#rrggbb'``, ``'#rrggbbaa'`` with an opacity, or a name of `COLOR_NAMES`; plain form: with '#'."""

    def expected(self) -> str:
        return "a colour, '#rrggbb', '#rrggbbaa' or a name like 'light gray'"

    def convert(self, value: object) -> str:
        text = scalar(value)
        if isinstance(text, str) and text in COLOR_NAMES:
            return COLOR_NAMES[text]
        if not isinstance(text, str) or not re.fullmatch("#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})", text):
            raise Mismatch(self.expected(), describe(value), hint=did_you_mean(str(text), COLOR_NAMES))
        return text.lower()


@dataclass(frozen=True)
class Opacity(Kind):
    """HALCON's 'transparency': two hexadecimal digits, ``'00'`` not seen to ``'ff'`` opaque."""

    def expected(self) -> str:
        return "two hexadecimal digits, '00' (not seen) to 'ff' (opaque)"

    def convert(self, value: object) -> str:
        text = scalar(value)
        if not isinstance(text, str) or not re.fullmatch("[0-9a-fA-F]{2}", text):
            raise self.mismatch(value)
        return text.lower()


@dataclass(frozen=True)
class Items(Kind):
    """A HALCON tuple: a list of values of one kind. A single value counts as a list of one, None as the empty list."""

    kind: Kind = field(default_factory=lambda: Anything(""))
    min_length: int = 0

    def expected(self) -> str:
        at_least = f"at least {self.min_length} of " if self.min_length else ""
        return f"a list, {at_least}each {self.kind.expected()}"

    def convert(self, value: object) -> list[Any]:
        values = as_list(value)
        if len(values) < self.min_length:
            raise Mismatch(self.expected(), "an empty list")
        converted = []
        for index, item in enumerate(values):
            try:
                converted.append(self.kind.convert(item))
            except Mismatch as error:
                path = f"[{index}]" if isinstance(value, list | tuple | np.ndarray) else ""
                raise Mismatch(error.expected, error.got, path + error.path, error.hint) from None
        return converted


@dataclass(frozen=True)
class Array(Kind):
    """An array of one of `dtypes` (any if empty) with one of the `shapes`, written as ``'H W'``; values low to high."""

    shapes: tuple[str, ...] = ("H W",)
    dtypes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def expected(self) -> str:
        dtype = " or ".join(self.dtypes)
        shape = " or ".join(f"({', '.join(s.split())})" for s in self.shapes)
        text = f"{dtype} array of shape {shape}".strip()
        if self.low is not None:
            text += f", values in [{self.low:g}, {self.high:g}]"
        return text

    def convert(self, value: object) -> Any:
        if not is_array(value) or value.ndim not in [len(s.split()) for s in self.shapes]:
            raise Mismatch(self.expected(), describe(value), hint=array_hint(value))
        if (self.dtypes and value.dtype.name not in self.dtypes) or value.size == 0:
            raise self.mismatch(value)
        if self.low is not None and not (value.min() >= self.low and value.max() <= self.high):  # NaN is outside, too
            values = f"values in [{value.min():g}, {value.max():g}]"
            raise Mismatch(self.expected(), f"{describe(value)}, {values}")
        return value


@dataclass(frozen=True)
class Nested(Kind):
    """A dictionary; `type_name` names its TypedDict in `keys.py`."""

    type_name: str = ""

    def expected(self) -> str:
        return f"a {self.type_name} dictionary" if self.type_name else "a dictionary"

    def convert(self, value: object) -> Any:
        if not isinstance(value, dict):
            raise self.mismatch(value)
        return value


def is_given(value: object) -> bool:
    """False for None, [] and (): HALCON's empty tuple means "not given"."""
    return not (value is None or (isinstance(value, list | tuple) and len(value) == 0))


def scalar(value: object) -> object:
    """The one element of a list, tuple or array of length one; any other value as it is."""
    if isinstance(value, list | tuple) and len(value) == 1:
        return value[0]
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.reshape(-1)[0]
    return value


def as_list(value: object) -> list[Any]:
    """A HALCON tuple as a list: a single value becomes a list of one, None the empty list."""
    if value is None:
        return []
    if isinstance(value, np.ndarray):
        return list(np.asarray(value).reshape(-1))  # of a masked array the mask has no meaning here
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return list(value)
    return [value]


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``"did you mean 'image_width'?"``, or nothing when no candidate is near."""
    known = list(candidates)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    near = near or [name for name in known if len(word) >= 3 and word in name]
    return f"did you mean '{near[0]}'?" if near else ""


def is_array(value: object) -> TypeGuard[NDArray[Any]]:
    """Whether it is an array whose elements all count; a masked array is none."""
    return isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray)


def array_hint(value: object) -> str:
    """How to make an array of what may be meant as an image; empty where nothing is known."""
    package = type(value).__module__.partition(".")[0]
    if isinstance(value, np.ma.MaskedArray):
        return "image.filled(0) is an array; reduce_domain says which pixels count"
    if isinstance(value, np.ndarray):
        return ""
    if isinstance(value, str | os.PathLike):
        return "read_image reads a file"
    if isinstance(value, bytes | bytearray | memoryview):
        return "read_image reads a file; np.asarray(PIL.Image.open(io.BytesIO(content))) is an array"
    if package == "torch":
        return "tensor.cpu().numpy() is an array; the channels come last: tensor.permute(1, 2, 0)"
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple | int | float):
        return "np.array(image, np.uint8) is an array"
    return "np.asarray(image) is an array" if hasattr(value, "__array_interface__") or package == "PIL" else ""


def describe(value: object) -> str:
    """A value in a few words for an error message; an array is never printed."""
    if isinstance(value, np.ndarray):
        masked = "masked " if isinstance(value, np.ma.MaskedArray) else ""
        return f"{masked}{value.dtype.name} array of shape {value.shape}"
    if isinstance(value, bytes | bytearray | memoryview) and len(value) > _MAX_BYTES:
        return f"{len(value)} bytes"
    package = type(value).__module__.partition(".")[0]
    if package == "PIL" and hasattr(value, "size") and hasattr(value, "mode"):
        return f"a PIL image of {value.size[0]} x {value.size[1]} pixels, mode {value.mode!r}"
    if not isinstance(value, np.generic) and hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"a {package} {type(value).__name__} of shape {tuple(value.shape)}, {value.dtype}"
    if isinstance(value, dict):
        return f"a dictionary with {len(value)} keys"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}" if len(value) > 3 else _short(repr(value))
    if isinstance(value, np.generic):
        return _short(repr(value.item()))
    try:
        return _short(repr(value))
    except Exception:  # of a class that is not ours
        return f"an object of type {type(value).__name__}"


def _short(text: str, limit: int = 120) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _interval(low: float | None, high: float | None, left: str, right: str) -> str:
    if low is not None and high is not None:
        return f" in {left}{low:g}, {high:g}{right}"
    if low is not None:
        return f" {'>' if left == '(' else '>='} {low:g}"
    return "" if high is None else f" <= {high:g}"
