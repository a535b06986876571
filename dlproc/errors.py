"""What dlproc raises.

Every message reads ``where: expected X; got Y (hint)``. `where` can be pasted into a shell: a path, or the way to a key
like ``dl_results[2]['anomaly_image']``. The parts are attributes too. Errors survive pickling (a worker process
hands them back) and never print an array. A message is one line: what could break it, such as a control character in a
file name, stands there as an escape. Where HALCON has an error number, the error carries it as `halcon_code`.
"""

from __future__ import annotations

from dlproc.printable import printable


class DLError(Exception):
    """Base of all errors of dlproc.

    Attributes
    ----------
    where, expected, got, hint : str
        The parts of the message, as they are; `hint` may be empty.
    halcon_code : int or None
        HALCON's number for this error, where it has one.
    """

    def __init__(self, where: str, expected: str, got: str, hint: str = "", *, halcon_code: int | None = None) -> None:
        self.where = where
        self.expected = expected
        self.got = got
        self.hint = hint
        self.halcon_code = halcon_code
        message = f"{where}: expected {expected}; got {got}" + (f" ({hint})" if hint else "")
        super().__init__(printable(message))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.where, self.expected, self.got, self.hint, self.halcon_code)


def _rebuild(kind: type[DLError], where: str, expected: str, got: str, hint: str, halcon_code: int | None) -> DLError:
    return kind(where, expected, got, hint, halcon_code=halcon_code)


class DLDictError(DLError, ValueError):
    """A key of a data dictionary (DLDataset, DLSample, DLResult) is missing or holds something else."""


class DLParamError(DLError, ValueError):
    """An option: a key of a parameter dictionary, an argument, or a model parameter."""


class DLDataError(DLError, ValueError):
    """The data cannot serve: an empty split, no image, no good image."""


class DLModelError(DLError, RuntimeError):
    """The model is not in the state that the call needs: not trained, already trained, another type."""


class DLFileError(DLError, OSError):
    """A file or folder cannot be read, written, or is damaged."""


class DLVersionError(DLFileError):
    """A file was written by a newer dlproc than this one."""


class DLSyntaxError(DLError, ValueError):
    """The text of an HDevelop program cannot be understood; `where` names line and column."""
