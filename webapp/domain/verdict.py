"""The four verdicts and their words on screen. How a verdict is reached stands in ``statistics/``, not here."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What the evidence says of one measure; only ``PASS`` opens a door."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INSUFFICIENT = "insufficient"
    UNMEASURED = "unmeasured"


WORDS: dict[Verdict, str] = {
    Verdict.PASS: "Holds",
    Verdict.FAIL: "Worse",
    Verdict.INSUFFICIENT: "Too few cases to tell",
    Verdict.UNMEASURED: "Could not be measured",
}

GRAVEST_FIRST = (Verdict.FAIL, Verdict.UNMEASURED, Verdict.INSUFFICIENT, Verdict.PASS)


def lowered(verdict: Verdict, by: Verdict) -> Verdict:
    """The graver of the two: a judge may lower what the checks say and never raise it."""
    return min(verdict, by, key=GRAVEST_FIRST.index)


def words_for(verdict: Verdict, cases_needed: int | None = None) -> str:
    """The verdict in the words of the screens; ``cases_needed`` counts cases beyond those already there."""
    if verdict is Verdict.INSUFFICIENT and cases_needed:
        return f"{WORDS[verdict]} (about {cases_needed} more needed)"
    return WORDS[verdict]
