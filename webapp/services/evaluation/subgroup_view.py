"""The subgroups of a result as a table: one line for each group and measure, those that stand out first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.outcomes import percent
from webapp.domain.evaluation.words import within_share
from webapp.domain.statistics.comparison import PPM

NONE_NAMED = "The cases name no subgroups."


@dataclass(frozen=True)
class GroupLine:
    """One measure in one group, in words; ``flagged``: worse there than in all cases by more than the margin."""

    group: str
    measure: str
    cases: int
    live: str
    new: str
    difference: str
    flagged: bool


@dataclass(frozen=True)
class SubgroupTable:
    """All lines, and the sentence that says how many would stand out by chance."""

    lines: tuple[GroupLine, ...] = ()
    sentence: str = NONE_NAMED


def subgroup_table(result: Mapping[str, Any]) -> SubgroupTable:
    """The groups of the result document; an empty table where the cases name none."""
    document = result.get("subgroups") or {}
    lines = [_line(group, row) for group in document.get("groups", ()) for row in group["measures"]]
    lines.sort(key=lambda line: not line.flagged)
    return SubgroupTable(tuple(lines), document.get("sentence", NONE_NAMED))


def _line(group: Mapping[str, Any], row: Mapping[str, Any]) -> GroupLine:
    return GroupLine(
        group=f"{str(group['by']).replace('_', ' ')}: {group['value']}",
        measure=row["words"],
        cases=row.get("n", 0),
        live=_share(row, "baseline_mean_ppm"),
        new=_share(row, "candidate_mean_ppm"),
        difference=_difference(row),
        flagged=row["flagged"] == "yes",
    )


def _share(row: Mapping[str, Any], name: str) -> str:
    return percent(row[name] / PPM) if name in row else "–"


def _difference(row: Mapping[str, Any]) -> str:
    """New minus live in points, with its interval where there is one."""
    if "difference_ppm" not in row:
        return "–"
    words = _points(row["difference_ppm"])
    if "low_ppm" in row and "high_ppm" in row:
        words += f" ({_limit(row['low_ppm'])} to {_limit(row['high_ppm'])})"
    return words


def _limit(ppm: int) -> str:
    return _points(round(within_share(ppm / PPM) * PPM))


def _points(ppm: int) -> str:
    return f"{ppm / 10_000:+.1f}".replace("-", "−")
