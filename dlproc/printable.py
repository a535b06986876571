"""Text of others, such as file names, so that it can be printed in one line and says what it is."""

from __future__ import annotations

import unicodedata

# Control characters, marks that change the direction of writing, half characters, ends of lines and of paragraphs.
_ESCAPED = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"  # belong to the spelling of some languages, and to emoji


def printable(text: str) -> str:
    r"""The text with an escape such as ``\n`` in place of each character that moves the cursor or hides others.

    A file name may hold a line break, a command for the terminal, or a mark that turns the direction of writing.
    Printed as it is, it could look like another line. A backslash stays as it is, so that paths of Windows can be read.

    Examples
    --------
    >>> print(printable("a.png\naccept  0.1000  b.png"))
    a.png\naccept  0.1000  b.png
    """
    if text.isprintable():
        return text
    return "".join(map(_escaped, text))


def is_escaped(character: str) -> bool:
    """Whether `printable` writes this character as an escape."""
    return character not in _JOINERS and unicodedata.category(character) in _ESCAPED


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode() if is_escaped(character) else character
