"""What the library remarks about images, on standard error: the first of each kind, and how many there were."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from dlproc.cli.console import Console, counted
from dlproc.remarks import BITS, CHANNELS, LOGGER, ORIENTATION, SCAN

_SUBJECTS = {BITS: "bits of gray values", CHANNELS: "channels left out", SCAN: "damaged JPEG scans"}
_SUBJECTS[ORIENTATION] = "orientation tags"


class _FirstOfEachKind(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self.console = console
        self.counts: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        kind = getattr(record, "kind", record.getMessage())
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            text = re.sub(r"\(image_bits (\d+) scales it\)", r"(dlproc train --bits \1 scales it)", record.getMessage())
            self.console.remark(f"note: {text}")


@contextmanager
def remarks_shown(console: Console) -> Iterator[None]:
    """Show remarks on the console while a command runs, and at its end how many images the others were about."""
    handler = _FirstOfEachKind(console)
    propagated, LOGGER.propagate = LOGGER.propagate, False
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.propagate = propagated
        for kind, count in handler.counts.items():
            if count > 1:
                console.remark(f"note: {_SUBJECTS.get(kind, kind)}: {counted(count, 'remark')} in all")
