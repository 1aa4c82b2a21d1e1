"""A row of figures, and how rows are shown."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NONE = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure against its baseline. `goal` is the ratio's limit, `least` its lower one."""

    name: str
    measured: str
    baseline: str
    ratio: float | None
    goal: float | None = None
    least: float | None = None
    pairs: tuple[float, ...] = ()
    """The ratios whose median `ratio` is: how steady the machine was."""
    failed: str = ""
    """What went wrong beside the ratio, for example a lost answer; then the goal is not met."""

    @property
    def ratio_words(self) -> str:
        if self.ratio is None:
            return NONE
        spread = f" ({min(self.pairs):.2f} to {max(self.pairs):.2f})" if self.pairs else ""
        return f"{self.ratio:.2f}{spread}"

    @property
    def goal_words(self) -> str:
        if self.goal is not None:
            return f"≤ {self.goal:g}"
        return f"≥ {self.least:g}" if self.least is not None else NONE

    @property
    def verdict(self) -> str:
        if self.failed:
            return f"NOT MET: {self.failed}"
        if self.ratio is None or (self.goal is None and self.least is None):
            return NONE
        found = {self._holds(one) for one in self.pairs or (self.ratio,)}
        if len(found) > 1:
            return "undecided: the pairs disagree"
        return "met" if found.pop() else "not met"

    def _holds(self, ratio: float) -> bool:
        return (self.goal is None or ratio <= self.goal) and (
            self.least is None or ratio >= self.least
        )


HEAD = ("row", "measured", "baseline", "ratio", "goal", "verdict")


def show(rows: Iterable[Row]) -> None:
    """The table on standard output, and how busy the machine was meanwhile."""
    cells = [
        HEAD,
        *(
            (
                row.name,
                row.measured,
                row.baseline,
                row.ratio_words,
                row.goal_words,
                row.verdict,
            )
            for row in rows
        ),
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    for line in cells:
        print(_line(line, widths))
    load = os.getloadavg()
    print(
        f"\n{os.cpu_count()} cores; load average over 1, 5, 15 minutes: "
        f"{load[0]:.1f}, {load[1]:.1f}, {load[2]:.1f}"
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
