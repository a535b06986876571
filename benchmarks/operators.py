"""How HALCON's operators were checked: ``python benchmarks/operators.py``. Counts; nothing is measured.

For each chapter of docs/operators.md how many operators were checked in which way, and of how many something differs.
The table is dlproc/hdevelop/differences.py.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from common import write_results

from dlproc.hdevelop.differences import CHECKS, WAYS
from dlproc.hdevelop.operators import OPERATORS


def counts() -> dict[str, Any]:
    """Operators by chapter and way, and those that differ."""
    figures: dict[str, Counter[str]] = {}
    for name, check in CHECKS.items():
        chapter = OPERATORS[name].chapter if name in OPERATORS else "Tuple functions"
        for row in (chapter, "together"):
            figures.setdefault(row, Counter())[check.way] += 1
            figures[row]["differs"] += bool(check.differs)
    together = figures.pop("together")
    return {
        chapter: {key: row[key] for key in (*WAYS, "differs")}
        for chapter, row in (*figures.items(), ("together", together))
    }


if __name__ == "__main__":
    figures = counts()
    print(figures["together"])
    write_results("operators", figures)
