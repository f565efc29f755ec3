"""How a run went: what was asked, retried, kept, lost or answered by another model. Counts of its rows, for people who doubt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Answer, Run
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE

ERROR_WORDS = {
    "rate_limited": "asked too often",
    "timeout": "no answer in time",
    "server_error": "the provider failed",
    "bad_request": "the provider refused",
    "auth": "the key was not accepted",
    "unreachable": "not reachable",
    "over_budget": "over the budget of tokens",
    "no_key": "no key",
    "bad_answer": "the application's answer could not be read",
    "forbidden_address": "an address that may not be asked",
    "forbidden_region": "a region that is not allowed",
    "bad_input": "the case lacks what the template asks for",
}


@dataclass(frozen=True)
class ArmRan:
    """One version in one run; ``by_others`` are answers of another model than the one that was asked."""

    model: str
    answers: int = 0
    retried: int = 0
    attempts: int = 0
    kept: int = 0
    by_others: int = 0
    lost: tuple[tuple[str, int], ...] = ()

    @property
    def lost_words(self) -> str:
        """How many calls gave no answer, and why."""
        return ", ".join(f"{count} {ERROR_WORDS.get(code, code)}" for code, count in self.lost) or "none"

    @property
    def retried_words(self) -> str:
        """How many calls needed more than one attempt."""
        return f"{self.retried} ({self.attempts} attempts in all)" if self.retried else "none"


@dataclass(frozen=True)
class HowItRan:
    """Both versions of one run; ``live`` None where there is none."""

    new: ArmRan
    live: ArmRan | None

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """What is shown: (words, live, new)."""
        sides = (self.live, self.new)
        return (
            ("Model", *(side.model if side else "–" for side in sides)),
            ("Answers", *(str(side.answers) if side else "–" for side in sides)),
            ("Asked more than once", *(side.retried_words if side else "–" for side in sides)),
            ("Kept from an earlier run", *(str(side.kept) if side else "–" for side in sides)),
            ("Answered by another model", *(str(side.by_others) if side else "–" for side in sides)),
            ("Calls without an answer", *(side.lost_words if side else "–" for side in sides)),
        )  # type: ignore[return-value]


def how_it_ran(session: Session, run: Run) -> HowItRan:
    """The counts of the run's stored answers as they stand now."""
    live = _arm(session, run, BASELINE, run.baseline_model) if run.baseline_release_id and run.baseline_model else None
    return HowItRan(_arm(session, run, CANDIDATE, run.candidate_model), live)


def _arm(session: Session, run: Run, arm: str, model: str) -> ArmRan:
    def count(condition: object) -> object:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)  # type: ignore[arg-type]

    ours = (Answer.run_id == run.id, Answer.arm == arm)
    row = session.execute(
        select(
            func.count(),
            count(Answer.attempts > 1),
            func.coalesce(func.sum(Answer.attempts), 0),
            count(Answer.is_cached),
            count(Answer.model != func.coalesce(Answer.asked_model, Answer.model)),
        ).where(*ours, Answer.error.is_(None))  # type: ignore[call-overload]
    ).one()
    lost = session.execute(
        select(Answer.error, func.count()).where(*ours, Answer.error.is_not(None)).group_by(Answer.error)
    )
    by_code = Counter({code or "": n for code, n in lost.all()})
    answers, retried, attempts, kept, by_others = (int(number) for number in row)
    return ArmRan(model, answers, retried, attempts, kept, by_others, tuple(by_code.most_common()))
