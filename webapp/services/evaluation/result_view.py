"""The result document of a run as pages show it: cards of the measures that decide, the watched ones, the cases.

What must not live here: addresses and colours; a result is read here, never computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.outcomes import BETTER, CRITICAL, SAME, UNSCORED, WORSE, percent
from webapp.domain.evaluation.words import amount, within_share
from webapp.domain.measures import BY_NAME
from webapp.domain.statistics.comparison import PPM

KIND_WORDS = {
    CRITICAL: "New critical finding",
    WORSE: "Worse",
    BETTER: "Better",
    SAME: "The same",
    UNSCORED: "Could not be scored",
}
ALONE_WORDS = {CRITICAL: "Critical finding", WORSE: "Short of full marks", SAME: "Full marks"}


@dataclass(frozen=True)
class MeasureCard:
    """One measure; numbers in points of 100. ``margin`` None: there is nothing to compare with, so no chart is drawn."""

    name: str
    words: str
    live: str | None
    new: str | None
    difference: str
    verdict: str
    cases_needed: int | None
    n: str
    low: float | None
    estimate: float | None
    high: float | None
    bound: float | None
    margin: float | None
    better: str
    unit: str
    note: str | None
    selected: bool = False
    url: str = ""


@dataclass(frozen=True)
class Kind:
    """What happened to cases, and to how many."""

    name: str
    words: str
    count: int


@dataclass(frozen=True)
class CaseLine:
    """One case in the list; ``live`` and ``new`` in words of the measure that is shown."""

    name: str
    category: str
    kind: str
    kind_words: str
    live: str
    new: str
    findings: tuple[tuple[str, bool], ...] = ()
    opened: bool = False
    url: str = ""


def cards(result: Mapping[str, Any], *, primary: bool, selected: str | None = None) -> tuple[MeasureCard, ...]:
    """The measures that decide, or the watched ones, in the order of the result."""
    rows = [row for row in result.get("measures", ()) if row["primary"] is primary and row["measure"] in BY_NAME]
    return tuple(_card(row, row["measure"] == selected) for row in rows)


def kinds(result: Mapping[str, Any]) -> tuple[Kind, ...]:
    """How many cases fell into each kind, gravest first; kinds that cannot or did not happen are left out."""
    counts, words = result.get("counts", {}), words_of(result)
    return tuple(
        Kind(name, words[name], counts.get(name, 0))
        for name in KIND_WORDS
        if name in words and (name != UNSCORED or counts.get(name))
    )


def words_of(result: Mapping[str, Any]) -> dict[str, str]:
    """The words for each kind: a first version is compared with full marks, not with a live one."""
    return KIND_WORDS if "baseline" in result.get("arms", ()) else {**ALONE_WORDS, UNSCORED: KIND_WORDS[UNSCORED]}


def case_lines(
    result: Mapping[str, Any], *, kind: str | None = None, measure: str | None = None
) -> tuple[CaseLine, ...]:
    """The cases, worst first: all, those of one kind, or those that ask for one measure, by their loss in it."""
    rows = [row for row in result.get("cases", ()) if kind is None or row["kind"] == kind]
    if measure is not None:
        rows = sorted((row for row in rows if measure in row["new"]), key=lambda row: _loss(row, measure))
    words = words_of(result)
    return tuple(_line(row, measure, words) for row in rows)


def _card(row: Mapping[str, Any], selected: bool) -> MeasureCard:
    unit, is_paired = row.get("unit", "share"), "margin_ppm" in row
    asking, n = row.get("asking", row.get("total_cases", 0)), row.get("n", 0)
    return MeasureCard(
        name=row["measure"],
        words=row["words"],
        live=_amount(row, "baseline_mean_ppm", unit),
        new=_amount(row, "candidate_mean_ppm", unit),
        difference=row["sentence"],
        verdict=row["verdict"],
        cases_needed=row.get("cases_needed"),
        n=f"{n} of {asking} cases that ask for it",
        low=_limit(row, "low_ppm", unit),
        estimate=_points(row, "difference_ppm"),
        high=_limit(row, "high_ppm", unit),
        bound=_limit(row, "bound_ppm", unit),
        margin=row["margin_ppm"] / 10_000 if is_paired else None,
        better="higher" if row.get("higher_is_better", "yes") == "yes" else "lower",
        unit=" points",
        note=None if is_paired else _alone_note(row),
        selected=selected,
    )


def _alone_note(row: Mapping[str, Any]) -> str | None:
    """The interval of a first version in words."""
    if "low_ppm" not in row or "high_ppm" not in row:
        return None
    return f"First version: between {percent(row['low_ppm'] / PPM)} and {percent(row['high_ppm'] / PPM)}"


def _amount(row: Mapping[str, Any], name: str, unit: str) -> str | None:
    return None if name not in row else amount(row[name] / PPM, unit)


def _points(row: Mapping[str, Any], name: str) -> float | None:
    return None if name not in row else row[name] / 10_000


def _limit(row: Mapping[str, Any], name: str, unit: str) -> float | None:
    """A limit of an interval in points; limits of a share stay within what is possible."""
    if name not in row or unit != "share":
        return _points(row, name)
    return within_share(row[name] / PPM) * 100


def _loss(row: Mapping[str, Any], measure: str) -> tuple[int, int, str]:
    new = row["new"][measure]
    return (new - row["live"].get(measure, PPM), new, row["case"])


def _line(row: Mapping[str, Any], measure: str | None, words: Mapping[str, str]) -> CaseLine:
    shown = measure or _gravest(row)
    return CaseLine(
        name=row["case"],
        category=row["category"],
        kind=row["kind"],
        kind_words=words.get(row["kind"], KIND_WORDS[row["kind"]]),
        live=_mark(row["live"], shown),
        new=_mark(row["new"], shown),
    )


def _gravest(row: Mapping[str, Any]) -> str | None:
    names: Sequence[str] = sorted(row["new"], key=lambda name: _loss(row, name)[:2])
    return names[0] if names else None


def _mark(values: Mapping[str, int], measure: str | None) -> str:
    if measure is None or measure not in values:
        return "–"
    return f"{BY_NAME[measure].words if measure in BY_NAME else measure}: {percent(values[measure] / PPM)}"
