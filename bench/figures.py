"""A figure, the goal it is held against, and the table that people read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure", "table"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number; `ratio` is how many times `beside` of the same run it is."""

    name: str
    value: float
    unit: str
    goal: str = ""
    beside: str = ""
    ratio: float | None = None
    note: str = ""


_HEADS = ("what", "figure", "goal", "beside", "note")


def table(figures: list[Figure]) -> str:
    rows = [_HEADS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    number = f"{figure.value:,.0f}" if figure.value >= 10 else f"{figure.value:.2f}"
    beside = f"{figure.ratio:.2f} x {figure.beside}" if figure.ratio is not None else ""
    return figure.name, f"{number} {figure.unit}", figure.goal, beside, figure.note
