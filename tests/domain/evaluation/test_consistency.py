"""Consistency is agreement in facts over three answers or more; the same bytes each time earn nothing."""

from __future__ import annotations

import pytest

from tests.domain.evaluation.marks import cases, found, mark, rule, rules
from webapp.domain.evaluation.conclusion import Conclusion, conclude, result_document
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.stated import agreement, read_stated, stated_facts
from webapp.domain.evaluation.tally import Tally
from webapp.domain.record.canonical import canonical

N = 40
SAME = "Metformin 500 mg twice daily. Denies chest pain."
OTHER_WORDS = "No chest pain. Takes metformin 0.5 g bid."
OTHER_FACT = "Metformin 500 mg twice daily. Reports chest pain."
OTHER_DOSE = "Metformin 850 mg twice daily. Denies chest pain."


def facts(text: str) -> frozenset[str]:
    return stated_facts(text, lambda code: True).facts


def test_other_words_for_the_same_facts_agree() -> None:
    assert facts(SAME) == facts(OTHER_WORDS) != frozenset()


@pytest.mark.parametrize("other", [OTHER_FACT, OTHER_DOSE, SAME + " ICD-10: E11.9", "Glipizide 5 mg. No chest pain."])
def test_another_dose_drug_code_or_denial_does_not_agree(other: str) -> None:
    assert facts(SAME) != facts(other)
    assert agreement([facts(SAME), facts(SAME), facts(other)]) < 1


def test_agreement_is_the_mean_over_all_pairs() -> None:
    one, two = frozenset("ab"), frozenset("bc")
    assert agreement([one, one, two]) == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)
    assert agreement([frozenset(), frozenset()]) == 1


def test_what_is_stored_holds_no_text_and_reads_back() -> None:
    stated = stated_facts(SAME, lambda code: True)
    document = stated.to_document()
    assert "metformin" not in str(document).lower()
    assert read_stated(document) == stated
    assert read_stated({}) is None


def concluded(new: tuple[str, ...], live: tuple[str, ...] | None = None, low: float = 0.9) -> Conclusion:
    """Each case gets these answers; the third one of the new version has the mark ``low`` in every other case."""
    made = Tally(has_baseline=live is not None, repeats=len(new))
    for arm, texts in ((CANDIDATE, new), (BASELINE, live or ())):
        for number, case in enumerate(cases(N)):
            for repeat, text in enumerate(texts):
                value = low if (arm, repeat, number % 2) == (CANDIDATE, 2, 1) else 0.9
                made.add(mark(case.id, arm, value, repeat=repeat))
                made.add_stated(case.id, arm, repeat, stated_facts(f"{text} {number}", lambda code: True))
    return conclude(made, cases(N), rules(rule("completeness", threshold=600_000)))


def measure(conclusion: Conclusion) -> tuple[float | None, str]:
    one = next(one for one in conclusion.measures if one.measure.name == "consistency")
    return one.known.candidate_mean, one.verdict


def test_answers_that_differ_in_facts_lower_the_watched_measure_and_decide_nothing() -> None:
    conclusion = concluded((SAME, OTHER_WORDS, OTHER_FACT), (SAME, OTHER_WORDS, OTHER_WORDS))
    mean, verdict = measure(conclusion)
    assert mean is not None
    assert (mean < 1, verdict) == (True, "not_asked")
    assert conclusion.consistency.arms[BASELINE].agreement == 1
    assert "Live: 100% of the facts agree" in conclusion.consistency.sentence


def test_all_answers_must_be_good_enough_for_a_case_to_pass_each_time() -> None:
    assert concluded((SAME, OTHER_WORDS, OTHER_WORDS)).consistency.arms[CANDIDATE].pass_all == 1
    assert concluded((SAME, OTHER_WORDS, OTHER_WORDS), low=0.5).consistency.arms[CANDIDATE].pass_all == 0.5


def test_a_dangerous_answer_is_never_good_enough() -> None:
    made = Tally(has_baseline=False, repeats=3)
    for repeat in range(3):
        made.add(mark("c000", CANDIDATE, 0.9, repeat=repeat))
        made.add_stated("c000", CANDIDATE, repeat, stated_facts(f"{SAME} {repeat}", lambda code: True))
    made.add(found("c000", CANDIDATE, "Dose 5000 mg; the case says 500 mg", repeat=1))
    assert conclude(made, cases(1), rules()).consistency.arms[CANDIDATE].pass_all == 0


def test_a_deterministic_model_is_called_so_and_gets_no_mark() -> None:
    conclusion = concluded((SAME,) * 3, (SAME,) * 3)
    assert measure(conclusion) == (None, "not_asked")
    assert "deterministic model, no merit of the prompt" in conclusion.consistency.sentence
    document = result_document(conclusion, {})["consistency"]
    assert document["candidate"] == {"cases": N, "deterministic": "yes", "pass_all_ppm": 1_000_000}
    assert canonical(document)


def test_fewer_than_three_answers_say_nothing_of_consistency() -> None:
    conclusion = concluded((SAME, OTHER_FACT))
    assert conclusion.consistency.arms == {}
    assert conclusion.consistency.sentence == "Consistency needs at least 3 answers a case; this run asked for 2."
    assert measure(conclusion) == (None, "not_asked")
