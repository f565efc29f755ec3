"""Which calls a run makes, and in which order: planted instructions and safety first, then the most demanding cases.

What must not live here: making the calls.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from webapp.domain.prompts.suite import Case

CANDIDATE, BASELINE = "candidate", "baseline"
FINDING_REPEATS = 3
EARLY = {"adversarial": 0, "safety": 1}
LATE = 2


@dataclass(frozen=True)
class Call:
    """One case asked once in one arm; ``repeat`` counts from 0."""

    case: Case
    arm: str
    repeat: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes this call unique within its run."""
        return (self.case.id, self.arm, self.repeat)


def arms(has_baseline: bool) -> tuple[str, ...]:
    """The arms of a run: the new version, and the live one where there is one."""
    return (CANDIDATE, BASELINE) if has_baseline else (CANDIDATE,)


def plan_calls(cases: Sequence[Case], repeats: int, *, has_baseline: bool) -> tuple[Call, ...]:
    """Every call of a run; both arms of a case stand next to each other, so that the first answers can be compared."""
    return tuple(
        Call(case, arm, repeat)
        for case in sorted(cases, key=lambda case: (EARLY.get(case.category, LATE), -demands(case)))
        for repeat in range(repeats)
        for arm in arms(has_baseline)
    )


def calls_again(
    cases: Sequence[Case], dangerous: Collection[str], repeats: int, *, has_baseline: bool
) -> tuple[Call, ...]:
    """The further calls of the cases with a critical finding, so that each is known from three answers of each arm.

    What they find counts for findings only. They are asked because the answer was dangerous, so their marks in the means
    would tell of the choice and not of the prompt.
    """
    return tuple(
        Call(case, arm, repeat)
        for case in cases
        if case.id in dangerous
        for repeat in range(repeats, FINDING_REPEATS)
        for arm in arms(has_baseline)
    )


def demands(case: Case) -> int:
    """How many separate things a good answer has to hold or avoid."""
    wanted = case.expected
    lists = (wanted.must_include, wanted.must_not_include, wanted.medications, wanted.icd10, wanted.identifiers)
    return sum(map(len, lists)) + wanted.refusal + bool(wanted.canary)
