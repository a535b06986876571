"""HALCON's operators on time, errors and where images lie."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from dlproc.errors import DLParamError
from dlproc.rng import get_system
from dlproc.schema.check import convert
from dlproc.schema.kinds import Integer, Real, as_list

_LONGEST = 86400.0 * 366
# HALCON's numbers with a meaning here, in our words; `docs/porting.md` has them as a table.
_TEXTS = {
    2: "no error",
    2404: "wrong type of handle",
    2894: "no such key in the dictionary",
    2896: "a tuple where an object is expected, or the other way round",
    2897: "index of a tuple out of range",
    2899: "nested too deep",
    5200: "file not found",
    5201: "image file that cannot be read",
    7779: "internal error of deep learning",
    7780: "file of a model or dictionary that cannot be read",
    7781: "file that cannot be written",
    7782: "file of another version",
    7783: "a sample lacks an input",
    7784: "batch without samples",
    7788: "parameter that this model does not have",
    7789: "parameter of a wrong length",
    7790: "parameter of a wrong type",
    7791: "parameter with a wrong value",
    7880: "internal error of anomaly detection",
    7881: "model that is not trained",
    7882: "training failed",
    7883: "parameter that cannot be set of a trained model",
    7884: "size that cannot be changed",
    7886: "empty domain",
    7925: "dataset that is not valid",
    7926: "index that no sample has",
}
_FAMILIES = {12: "wrong type of control parameter", 13: "wrong value of control parameter"}
_FAMILIES |= {14: "wrong number of values of control parameter"}


def wait_seconds(seconds: Any) -> None:
    """Wait.

    Raises
    ------
    DLParamError
        Below 0, or more than a year (halcon_code 1301).
    """
    time.sleep(convert(seconds, Real("", low=0, high=_LONGEST), "seconds", DLParamError))


def get_system_time() -> tuple[int, int, int, int, int, int, int, int]:
    """The local time.

    Returns
    -------
    m_second, second, minute, hour, day, y_day, month, year : int
        In HALCON's order; `y_day` is the day of the year, from 1.
    """
    now = datetime.now()
    y_day = now.timetuple().tm_yday
    return now.microsecond // 1000, now.second, now.minute, now.hour, now.day, y_day, now.month, now.year


def get_error_text(error_code: Any) -> Any:
    """What an error number of HALCON means here, in dlproc's words; '' for a number that has no meaning here.

    Parameters
    ----------
    error_code : int, or list of int

    Returns
    -------
    str, or list of str for a list

    Raises
    ------
    DLParamError
        No number.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.get_error_text(1302)
    'wrong value of control parameter 2'
    """
    codes = [convert(one, Integer(""), "error_code", DLParamError) for one in as_list(error_code)]
    texts = [_error_text(code) for code in codes]
    return texts if isinstance(error_code, list | tuple) else texts[0]


def get_extended_error_info() -> tuple[str, int, str]:
    """HALCON's further information on the last error.

    There is none here: all is in the message of the error itself.

    Returns
    -------
    operator_name, error_code, error_message
        ``''``, 0, ``''``.
    """
    return "", 0, ""


def get_image_dir() -> str:
    """The folder that ``set_system('image_dir', …)`` named, else HALCONIMAGES, else the current one, '.'."""
    return str(get_system("image_dir"))


def _error_text(code: int) -> str:
    family, number = divmod(code, 100)
    return f"{_FAMILIES[family]} {number}" if family in _FAMILIES and number else _TEXTS.get(code, "")
