"""The conclusion of a run: is it complete, what is its verdict, and the result document that is stored by its digest.

The document holds integers, strings and yes or no only, so that its canonical form is the same everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.consistency import Consistency, judge_consistency
from webapp.domain.evaluation.judging import Judged, judge_measures, verdict_of_run
from webapp.domain.evaluation.outcomes import (
    BETTER,
    CRITICAL,
    SAME,
    UNSCORED,
    WORSE,
    Outcome,
    WorstCase,
    outcomes,
    primary_names,
    worst_cases,
)
from webapp.domain.evaluation.subgroups import Subgroups, by_subgroup
from webapp.domain.evaluation.tally import Critical, Tally
from webapp.domain.evaluation.words import sentence_of
from webapp.domain.measures import gateable
from webapp.domain.policy import ClassPolicy
from webapp.domain.prompts.suite import Case
from webapp.domain.statistics.bounds import words_for_none
from webapp.domain.statistics.comparison import MOST_UNSCORED_SHARE
from webapp.domain.verdict import Verdict

KIND = "prompt-formulary/result/v1"
LEADS = {
    Verdict.PASS: "Holds",
    Verdict.FAIL: "Worse",
    Verdict.INSUFFICIENT: "Too few cases to tell",
    Verdict.UNMEASURED: "Could not be measured",
}


@dataclass(frozen=True)
class Conclusion:
    """What a run says. ``incomplete_because`` is a sentence when it may not be compared, else None."""

    measures: tuple[Judged, ...]
    criticals: tuple[Critical, ...]
    outcomes: tuple[Outcome, ...]
    worst: tuple[WorstCase, ...]
    consistency: Consistency
    subgroups: Subgroups
    verdict: Verdict
    has_baseline: bool
    incomplete_because: str | None

    @property
    def counts(self) -> dict[str, int]:
        """How many cases fell into each kind; a case with a new critical finding counts there only."""
        found = Counter(outcome.kind for outcome in self.outcomes)
        return {
            "cases": len(self.outcomes),
            **{kind: found[kind] for kind in (CRITICAL, WORSE, BETTER, SAME, UNSCORED)},
        }

    @property
    def sentence(self) -> str:
        """The one sentence a physician relies on; a danger stands before what the means say."""
        counts, against = (
            self.counts,
            "New against live" if self.has_baseline else "First version, nothing to compare with",
        )
        kind = "new dangerous answer" if self.has_baseline else "dangerous answer"
        on, lead = f"{against}, on these {counts['cases']} cases", LEADS[self.verdict].lower()
        moved = f"{counts[WORSE]} worse, {counts[BETTER]} better"
        if not self.has_baseline:
            moved = f"{counts[WORSE]} short of full marks"
        if counts[CRITICAL]:
            return f"{on}: {counts[CRITICAL]} with a {kind}; measured on all of them: {lead}; {moved}."
        return f"{on}: {lead}; {moved}, no {kind} ({words_for_none(counts['cases'])})."


def conclude(tally: Tally, cases: Sequence[Case], rules: ClassPolicy) -> Conclusion:
    """The conclusion from a full tally; its verdict counts only when the run is complete."""
    tally.weigh_repeats()
    judged = judge_measures(tally, cases, rules)
    criticals, primary = tally.criticals(), primary_names(judged)
    found = outcomes(tally, cases, primary, criticals)
    words = {one.measure.name: one.measure.words for one in judged}
    return Conclusion(
        measures=judged,
        criticals=criticals,
        outcomes=found,
        worst=worst_cases(tally, found, criticals, words, rules.worst_cases),
        consistency=judge_consistency(tally, cases, rules, primary, tally.repeats),
        subgroups=by_subgroup(tally, cases, rules, judged, criticals),
        verdict=verdict_of_run(judged),
        has_baseline=len(tally.arms) > 1,
        incomplete_because=_too_much_unscored(judged),
    )


def missing_sentence(missing: int, planned: int) -> str | None:
    """Why a run that lost calls is incomplete; None when none is missing."""
    if not missing:
        return None
    return f"{missing} of {planned} calls gave no answer, so the run is incomplete and is not compared; run it again."


def result_document(conclusion: Conclusion, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a complete run. ``facts``: run, suite, models, offline, policy, scorers."""
    return {
        "kind": KIND,
        **facts,
        "arms": ["candidate", "baseline"] if conclusion.has_baseline else ["candidate"],
        "verdict": conclusion.verdict.value,
        "sentence": conclusion.sentence,
        "counts": conclusion.counts,
        "measures": [measure_document(one) for one in conclusion.measures],
        "worst_cases": [one.to_document() for one in conclusion.worst],
        "criticals": [one.to_document(has_baseline=conclusion.has_baseline) for one in conclusion.criticals],
        "consistency": conclusion.consistency.to_document(),
        "subgroups": conclusion.subgroups.to_document(),
        "cases": [one.to_document() for one in conclusion.outcomes],
    }


def measure_document(judged: Judged) -> dict[str, Any]:
    """One measure: its numbers in parts per million of its unit, and what they say."""
    return {
        **judged.known.to_document(),
        "measure": judged.measure.name,
        "words": judged.measure.words,
        "unit": judged.measure.unit,
        "primary": judged.is_primary,
        "verdict": judged.verdict,
        "asking": judged.cases,
        "sentence": sentence_of(judged),
        **({"spread": {arm: one.to_document() for arm, one in judged.spreads.items()}} if judged.spreads else {}),
    }


def _too_much_unscored(judged: Sequence[Judged]) -> str | None:
    """Why a run is incomplete of which a check saw too little. Watched checks count too: any of them may find a danger."""
    for one in judged:
        if one.measure in gateable() and one.cases and one.known.unscored > MOST_UNSCORED_SHARE * one.cases:
            return (
                f"{one.measure.words}: {one.known.unscored} of {one.cases} cases could not be scored, "
                "so the run is incomplete and is not compared; run it again."
            )
    return None
