"""The procedure `dev_close_window_dict`."""

from __future__ import annotations

from typing import Any

from dlproc.display.figures import check_windows, close_figure
from dlproc.display.windows import close_all
from dlproc.errors import DLParamError
from dlproc.schema.kinds import describe


def dev_close_window_dict(window_handle_dict: dict[str, Any]) -> None:
    """Close the windows that the ``dev_display`` procedures opened, and forget their figures.

    Parameters
    ----------
    window_handle_dict : dict
        The dictionary that the display procedures were given. Read: ``'figure'``, and the windows in it. Written: it is
        empty afterwards and can be used again.

    Raises
    ------
    DLParamError
        Not a dictionary, or its ``'figure'`` is none.

    Notes
    -----
    Figures that were drawn without a window (`show` was not asked for) are emptied, which frees their memory.

    Examples
    --------
    >>> import dlproc as dl
    >>> windows = {}
    >>> dl.dev_close_window_dict(windows)  # nothing was opened: nothing to close
    >>> windows
    {}
    """
    # 1. Check that it is what the display procedures were given.
    if window_handle_dict is None:
        raise DLParamError("window_handle_dict", "a dictionary", describe(window_handle_dict))
    check_windows(window_handle_dict)

    # 2. Close the figure's window and let go of everything.
    figure = window_handle_dict.get("figure")
    if figure is not None:
        close_figure(figure)
    close_all(window_handle_dict.values())
    window_handle_dict.clear()
