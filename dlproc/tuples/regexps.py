r"""Regular expressions on tuples of strings (see `dlproc.tuples` for the rules of all tuple functions).

HALCON's expressions are Perl's; they are carried out by Python's `re`. The first element of the tuple `expression` is
the expression, the others are options:

- ``'ignore_case'``, of ASCII letters; ``'multiline'``, ``^`` and ``$`` match at every line; ``'dot_matches_all'``,
  ``.`` matches a newline;
- ``'newline_lf'``, the only newline there is here (``'newline_cr'`` and ``'newline_crlf'`` are errors);
- ``'replace_all'`` for `tuple_regexp_replace`; ``'invert_match'`` for `tuple_regexp_select` and `tuple_regexp_test`.

An expression matches anywhere in a string. ``\d``, ``\w``, ``\s`` and ``[[:alpha:]]`` and its kin mean ASCII, as in
Perl's library without its Unicode properties. ``(?<name>…)``, ``\z`` and ``\Z`` are understood as Perl does. Not
known to Python, and an error: ``\K``, ``\R``, ``\h``, ``\Q…\E``, recursion, ``(?|…)``, and look-behind of changing
length.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from dlproc.errors import DLParamError
from dlproc.schema.check import check_known
from dlproc.tuples.values import not_empty, single, strings

_FLAGS = {
    "ignore_case": re.IGNORECASE,
    "multiline": re.MULTILINE,
    "dot_matches_all": re.DOTALL,
    "newline_lf": re.NOFLAG,
}
_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9a-fA-F",
    "word": r"\w",
    "punct": r"!-/:-@\[-`{-~",
}
# A pair with a backslash first, so that what it escapes is never taken for something else.
_PERL = re.compile(r"\\.|\(\?<(?=[A-Za-z_])|\[:(\w+):\]", re.DOTALL)
_GROUP = re.compile(r"\$(?:(\d)|\{(\d+)\}|(\$))")


def tuple_regexp_match(data: Any, expression: Any) -> list[str]:
    r"""What of each string an expression matches first.

    Parameters
    ----------
    data : str or list of str
    expression : str or list of str
        The expression, then options; see `dlproc.tuples.regexps`.

    Returns
    -------
    list of str
        For each string the part that matches, or ``''``. If the expression has groups ``(…)``: for a single string what
        all groups caught, for several strings what the first group caught in each. A group that took no part is ``''``.

    Raises
    ------
    DLParamError
        Not an expression that Python's `re` can carry out, or an unknown option (halcon_code 1302).

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_regexp_match("part_07.png", r"(.*)_(\d+)")
    ['part', '07']
    """
    texts = strings(data, "tuple_regexp_match(data)")
    pattern, _ = _compiled(expression, "tuple_regexp_match(expression)")
    matches = [pattern.search(text) for text in texts]
    if not pattern.groups:
        return [match[0] if match else "" for match in matches]
    if len(matches) == 1:
        return list(matches[0].groups("")) if matches[0] else [""] * pattern.groups
    return [(match[1] or "") if match else "" for match in matches]


def tuple_regexp_replace(data: Any, expression: Any, replace: Any) -> list[str]:
    r"""Each string with what an expression matches first, or with the option ``'replace_all'`` always, replaced.

    Parameters
    ----------
    data : str or list of str
    expression : str or list of str
        The expression, then options; see `dlproc.tuples.regexps`.
    replace : str
        ``$0`` stands for what was matched, ``$1`` to ``$9`` and ``${10}`` for what the groups caught (nothing, for a
        group that is not there), ``$$`` for a dollar sign.

    Returns
    -------
    list of str
        As many as `data` has.

    Raises
    ------
    DLParamError
        As of `tuple_regexp_match`.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_regexp_replace(["img10.bmp", "img11.bmp"], r"img(.*)\.bmp", "out$1.txt")
    ['out10.txt', 'out11.txt']
    """
    texts = strings(data, "tuple_regexp_replace(data)")
    pattern, options = _compiled(expression, "tuple_regexp_replace(expression)", "replace_all")
    new = single(strings(replace, "tuple_regexp_replace(replace)", 3), "tuple_regexp_replace(replace)", 3)
    count = 0 if "replace_all" in options else 1
    return [pattern.sub(lambda match: _filled(new, match), text, count=count) for text in texts]


def _filled(replacement: str, match: re.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        if reference[3]:
            return "$"
        number = int(reference[1] or reference[2])
        return (match[number] or "") if number <= match.re.groups else ""

    return _GROUP.sub(group, replacement)


def tuple_regexp_select(data: Any, expression: Any) -> list[str]:
    r"""The strings that an expression matches; with the option ``'invert_match'`` the others.

    Examples
    --------
    >>> import dlproc as dl
    >>> dl.tuple_regexp_select(["a.png", "b.tif", "c.PNG"], [r"\.png$", "ignore_case"])
    ['a.png', 'c.PNG']
    """
    return _selected(data, expression, "tuple_regexp_select")


def tuple_regexp_test(data: Any, expression: Any) -> list[int]:
    """How many strings an expression matches, or with ``'invert_match'`` does not match; 0 or 1 for a single string."""
    return [len(_selected(data, expression, "tuple_regexp_test"))]


def _selected(data: Any, expression: Any, name: str) -> list[str]:
    texts = strings(data, f"{name}(data)")
    pattern, options = _compiled(expression, f"{name}(expression)", "invert_match")
    wanted = "invert_match" not in options
    return [text for text in texts if (pattern.search(text) is not None) == wanted]


def _compiled(expression: Any, where: str, *further: str) -> tuple[re.Pattern[str], list[str]]:
    """The expression and its options; `further` are those that are no flags."""
    text, *options = not_empty(strings(expression, where, 2), where, 2)
    flags = re.ASCII
    for i, option in enumerate(options, start=1):
        check_known(option, [*_FLAGS, *further], f"{where}[{i}]", halcon_code=1302)
        flags |= _FLAGS.get(option, re.NOFLAG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what may one day be a nested set is none in Perl
            return re.compile(_PERL.sub(_translated, text), flags), options
    except (re.error, OverflowError, RecursionError) as error:
        expected = "a regular expression that Python's re can carry out"
        raise DLParamError(f"{where}[0]", expected, repr(text), str(error), halcon_code=1302) from None


def _translated(part: re.Match[str]) -> str:
    """What Perl writes otherwise than Python."""
    if part[1] is not None:
        return _CLASSES.get(part[1], part[0])
    return {r"\z": r"\Z", r"\Z": r"(?=\n?\Z)", "(?<": "(?P<"}.get(part[0], part[0])
