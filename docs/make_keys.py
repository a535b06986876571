"""Write docs/keys.md from dlproc/schema/keys.py: ``python docs/make_keys.py``. A test compares the two."""

from __future__ import annotations

from pathlib import Path

from dlproc.schema import keys
from dlproc.schema.check import kinds_of
from dlproc.schema.kinds import NO_DEFAULT

_TITLE = """# Every key of every dictionary

Made by `python docs/make_keys.py` from `dlproc/schema/keys.py`. Data dictionaries are open: other keys are kept.
Parameter dictionaries, whose names end in *Param*, are closed: another key is an error.
"""


def keys_page() -> str:
    """The page as Markdown."""
    parts = [_TITLE]
    for name, schema in vars(keys).items():
        if not (isinstance(schema, type) and hasattr(schema, "__total__")):
            continue
        rows = []
        for key, kind in kinds_of(schema).items():
            default = "" if kind.default in (NO_DEFAULT, None) else f"`{_plain(kind.default)!r}`"
            rows.append(f"| `{key}` | {kind.expected()} | {default} | {kind.meaning} |".replace("  ", " "))
        summary = (schema.__doc__ or "").strip()
        table = ["| key | value | default | meaning |", "|---|---|---|---|", *rows]
        parts.append("\n".join([f"## {name}", "", summary, "", *table]) + "\n")
    return "\n".join(parts)


def _plain(default: object) -> object:
    return list(default) if isinstance(default, tuple) else default


if __name__ == "__main__":
    page = Path(__file__).with_name("keys.md")
    page.write_text(keys_page(), encoding="utf-8")
    print(f"wrote {page}")
