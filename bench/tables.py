"""How figures are shown."""

from collections.abc import Sequence
from statistics import median

from tabulate import tabulate


def show(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n## {title}\n")
    print(tabulate(rows, headers=headers, disable_numparse=True, tablefmt="github"), flush=True)


def p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms" if seconds < 0.02 else f"{1000 * seconds:.0f} ms"


def middle(values: Sequence[float]) -> str:
    """The median, and the span, of a few rounds."""
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"
