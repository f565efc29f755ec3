"""The same table by subgroup: where a group falls behind the whole it is flagged, and chance is named beside it."""

from __future__ import annotations

from dataclasses import replace

from tests.domain.evaluation.marks import cases, found, rules, tally
from webapp.domain.evaluation.conclusion import Conclusion, conclude, result_document
from webapp.domain.evaluation.planning import CANDIDATE
from webapp.domain.evaluation.subgroups import MOST_GROUPS, Group
from webapp.domain.prompts.suite import Case
from webapp.domain.record.canonical import canonical
from webapp.domain.verdict import Verdict
from webapp.services.evaluation.subgroup_view import subgroup_table

N = 200


def grouped(values: int = 4, by: str = "setting") -> tuple[Case, ...]:
    return tuple(replace(case, subgroup={by: f"v{number % values}"}) for number, case in enumerate(cases(N)))


def concluded(loss: float, *, live: bool = True, values: int = 4) -> Conclusion:
    """Cases of group v1 lose this much, the others nothing."""
    new = {"completeness": lambda n: 0.9 - loss * (n % values == 1) + (n % 7 - 3) / 100}
    old = {"completeness": lambda n: 0.9 + (n % 5 - 2) / 100} if live else None
    return conclude(tally(N, new, old), grouped(values), rules())


def group(conclusion: Conclusion, value: str) -> Group:
    return next(one for one in conclusion.subgroups.groups if one.value == value)


def flags(conclusion: Conclusion) -> list[str]:
    return [one.value for one in conclusion.subgroups.groups if any(measure.flagged for measure in one.measures)]


def test_a_group_that_loses_more_than_the_margin_beyond_the_whole_is_flagged() -> None:
    conclusion = concluded(0.12)
    assert conclusion.verdict is Verdict.PASS
    assert flags(conclusion) == ["v1"]
    worse = group(conclusion, "v1")
    assert (worse.by, worse.cases, worse.measures[0].known.n) == ("setting", 50, 50)
    assert conclusion.subgroups.sentence.startswith("1 of 4 comparisons by subgroup are worse than the whole")


def test_a_loss_that_all_groups_share_flags_none() -> None:
    new = {"completeness": lambda n: 0.6 + (n % 7) / 100}
    old = {"completeness": lambda n: 0.9 + (n % 5) / 100}
    conclusion = conclude(tally(N, new, old), grouped(), rules())
    assert conclusion.verdict is Verdict.FAIL
    assert flags(conclusion) == []


def test_a_first_version_is_compared_with_its_own_mean() -> None:
    assert flags(concluded(0.2, live=False)) == ["v1"]
    assert flags(concluded(0.0, live=False)) == []


def test_small_groups_stand_out_by_chance_and_the_sentence_says_how_many() -> None:
    noisy = {"completeness": lambda n: (n * 37 % 101) / 100}
    old = {"completeness": lambda n: (n * 53 % 101) / 100}
    conclusion = conclude(tally(N, noisy, old), grouped(values=50), rules())
    by_chance = sum(one.measures[0].by_chance for one in conclusion.subgroups.groups)
    assert 0.5 * len(flags(conclusion)) < by_chance < 2 * len(flags(conclusion))
    assert f"about {by_chance:.1f} would be by chance alone" in conclusion.subgroups.sentence


def test_only_the_largest_groups_are_kept_and_the_others_counted() -> None:
    subgroups = concluded(0.0, values=50).subgroups
    assert (len(subgroups.groups), subgroups.left_out) == (MOST_GROUPS, 10)


def test_a_critical_finding_counts_in_its_group() -> None:
    made = tally(N, {"completeness": lambda n: 0.9}, {"completeness": lambda n: 0.9})
    made.add(found("c005", CANDIDATE, "Dose 5000 mg; the case says 500 mg"))
    conclusion = conclude(made, grouped(), rules())
    assert [one.critical for one in conclusion.subgroups.groups] == [0, 1, 0, 0]


def test_without_subgroups_there_is_a_sentence_and_no_table() -> None:
    same = {"completeness": lambda n: 0.9}
    conclusion = conclude(tally(N, same, same), cases(N), rules())
    assert conclusion.subgroups.to_document() == {
        "sentence": "The cases name no subgroups.",
        "left_out": 0,
        "groups": [],
    }


def test_the_document_holds_integers_and_strings() -> None:
    document = result_document(concluded(0.12), {})
    assert canonical(document)
    row = document["subgroups"]["groups"][1]["measures"][0]
    assert (row["measure"], row["flagged"], row["n"]) == ("completeness", "yes", 50)
    assert row["difference_ppm"] < -100_000


def test_no_limit_of_a_tiny_group_is_shown_beyond_what_is_possible() -> None:
    row = {
        "words": "Medicines right",
        "flagged": "no",
        "difference_ppm": 250_000,
        "low_ppm": -6_103_000,
        "high_ppm": 6_603_000,
    }
    table = subgroup_table(
        {"subgroups": {"sentence": "", "groups": [{"by": "sex", "value": "other", "measures": [row]}]}}
    )
    assert table.lines[0].difference == "+25.0 (−100.0 to +100.0)"
