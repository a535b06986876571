"""What programs ask of HDevelop itself, or of the person who sits at it.

HDevelop's updating of windows and variables has no counterpart: those operators are understood and do nothing. What
needs a person with a mouse or a keyboard is an error when it is called, which says what to do in its place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.schema.kinds import as_list

# What the tuple of an error holds, in this order; MVTec's reference names these parts, and not their places.
_PARTS = (
    "error_code",
    "add_error_code",
    "error_message",
    "add_error_message",
    "program_line",
    "operator",
    "call_stack_depth",
    "procedure",
)
_SHORT_NAMES = {"error_msg": "error_message", "add_error_msg": "add_error_message"}
_FIRST_OF_USERS = 30000  # codes of what programs throw themselves begin here
_SYSTEM = {"engine_environment": "HDevEngine"}
_preferences: dict[str, Any] = {}


# --- Nothing to do


def dev_update_off() -> None:
    """Switch HDevelop's updating off. Nothing to do here."""


def dev_update_on() -> None:
    """Switch HDevelop's updating on. Nothing to do here: only `dev_display` shows things."""


def dev_update_window(display_mode: Any) -> None:
    """Whether results are shown by themselves. Nothing to do here: only `dev_display` shows things."""


def dev_update_pc(display_mode: Any) -> None:
    """Whether HDevelop's program counter moves. Nothing to do here."""


def dev_update_var(display_mode: Any) -> None:
    """Whether HDevelop's variables are renewed. Nothing to do here."""


def dev_update_time(display_mode: Any) -> None:
    """Whether HDevelop tells run times. Nothing to do here."""


def dev_inspect_ctrl(variable: Any) -> None:
    """Open a list of a variable's values. Nothing to do here."""


def dev_close_inspect_ctrl(variable: Any) -> None:
    """Close a list of a variable's values. Nothing to do here."""


def dev_map_par() -> None:
    """Open HDevelop's dialog of parameters. Nothing to do here."""


def dev_map_prog() -> None:
    """Show HDevelop's main window. Nothing to do here."""


def dev_map_var() -> None:
    """Show HDevelop's window of variables. Nothing to do here."""


def dev_unmap_par() -> None:
    """Close HDevelop's dialog of parameters. Nothing to do here."""


def dev_unmap_prog() -> None:
    """Hide HDevelop's main window. Nothing to do here."""


def dev_unmap_var() -> None:
    """Hide HDevelop's window of variables. Nothing to do here."""


def dev_set_preferences(preference_names: Any, preference_values: Any) -> None:
    """HDevelop's settings. They are kept for `dev_get_preferences` and have no effect."""
    names, values = as_list(preference_names), as_list(preference_values)
    if len(names) != len(values):
        expected = f"{len(names)} values, one for each name"
        raise DLParamError("preference_values", expected, f"{len(values)}", halcon_code=1402)
    _preferences.update(zip(map(str, names), values, strict=True))


def dev_get_preferences(preference_names: Any) -> Any:
    """What `dev_set_preferences` set; ``'false'`` for what it did not."""
    values = [_preferences.get(str(name), "false") for name in as_list(preference_names)]
    return values if isinstance(preference_names, list | tuple) else values[0]


def dev_get_system(gen_param_names: Any) -> Any:
    """Where the program runs.

    Parameters
    ----------
    gen_param_names : str
        ``'engine_environment'``: ``'HDevEngine'``, since there is no HDevelop with a screen.

    Raises
    ------
    DLParamError
        Another name (halcon_code 1301).
    """
    values = []
    for name in as_list(gen_param_names):
        check_known(name, _SYSTEM, "gen_param_names", halcon_code=1301)
        values.append(_SYSTEM[name])
    return values if isinstance(gen_param_names, list | tuple) else values[0]


# --- Errors


def dev_error_var(error_var: Any, mode: Any) -> None:
    """A variable for the number of each error. Understood; here errors are always raised.

    A program that looks at such a variable after each operator should begin it with H_MSG_TRUE, 2, "no error".
    """


def dev_set_check(mode: Any) -> None:
    """Which errors stop the program. ``'~give_error'`` is understood with a warning: here errors are always raised."""
    if "~give_error" in as_list(mode):
        text = "dev_set_check('~give_error') has no effect: errors are raised all the same (use try … catch)"
        warnings.warn(text, stacklevel=2)


def dev_get_exception_data(exception: Any, name: Any) -> Any:
    """A part of what ``catch`` caught.

    Parameters
    ----------
    exception : list
        Of an error: its code, additional code, message, additional message, line (0: not known), operator, depth of
        the call, procedure. Otherwise what the program has thrown itself.
    name : str or list of str
        ``'error_code'``, ``'add_error_code'``, ``'error_message'`` (or ``'error_msg'``), ``'add_error_message'`` (or
        ``'add_error_msg'``), ``'program_line'``, ``'operator'``, ``'call_stack_depth'``, ``'procedure'``;
        ``'user_data'``, alone: all but the first element of what the program has thrown, or has added to an error.

    Returns
    -------
    int or str, or a list for a list of names
        ``''`` for what is not there, as in HALCON.

    Raises
    ------
    DLParamError
        An unknown name (halcon_code 1302).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.dev_get_exception_data([5200, 0, "part.png: no such file", "", 12, "read_image", 1, "main"], "operator")
    'read_image'
    >>> dl.dev_get_exception_data([30001, "no part", 7], "user_data")
    ['no part', 7]
    """
    caught = as_list(exception)
    for one in as_list(name):
        check_known(one, (*_PARTS, *_SHORT_NAMES, "user_data"), "name", halcon_code=1302)
    is_error = len(caught) >= len(_PARTS) and isinstance(caught[0], int) and caught[0] < _FIRST_OF_USERS
    if name == "user_data":
        return caught[len(_PARTS) :] if is_error else caught[1:]
    known = dict(zip(_PARTS, caught if is_error else caught[:1], strict=False))
    values = [known.get(_SHORT_NAMES.get(one, one), "") for one in as_list(name)]
    return values if isinstance(name, list | tuple) else values[0]


# --- A person is needed


def _needs_a_person(name: str, instead: str) -> Callable[..., NoReturn]:
    def operator(*inputs: Any) -> NoReturn:
        raise DLParamError(name, "a person at the screen", "a program that runs by itself", instead)

    operator.__name__ = operator.__qualname__ = name
    operator.__doc__ = f"Needs a person at the screen, so it is always a `DLParamError`: {instead}."
    return operator


_REGION = "give the numbers in the program, or in an input variable"
_MOUSE = "leave out what waits for the mouse"
draw_circle = _needs_a_person("draw_circle", f"{_REGION}; gen_circle makes the region")
draw_circle_mod = _needs_a_person("draw_circle_mod", f"{_REGION}; gen_circle makes the region")
draw_ellipse = _needs_a_person("draw_ellipse", _REGION)
draw_line = _needs_a_person("draw_line", _REGION)
draw_point = _needs_a_person("draw_point", _REGION)
draw_polygon = _needs_a_person("draw_polygon", _REGION)
draw_rectangle1 = _needs_a_person("draw_rectangle1", f"{_REGION}; gen_rectangle1 makes the region")
draw_rectangle1_mod = _needs_a_person("draw_rectangle1_mod", f"{_REGION}; gen_rectangle1 makes the region")
draw_rectangle2 = _needs_a_person("draw_rectangle2", _REGION)
draw_region = _needs_a_person("draw_region", "read a mask with read_image and threshold it")
draw_xld = _needs_a_person("draw_xld", _REGION)
get_mbutton = _needs_a_person("get_mbutton", _MOUSE)
get_mposition = _needs_a_person("get_mposition", _MOUSE)
read_char = _needs_a_person("read_char", "leave out what waits for the keyboard")
read_string = _needs_a_person("read_string", "give the text in an input variable")
dev_open_file_dialog = _needs_a_person("dev_open_file_dialog", "give the file's name in an input variable")
