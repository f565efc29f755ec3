"""Citations of an answer against the texts that were retrieved for its case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.scorers.examples import case_with, codes, score
from webapp.domain.prompts.suite import Case, Chunk
from webapp.domain.scorers.interface import Score

DIABETES = Chunk(
    "dm-2.1",
    "Metformin is the first medicine for adults with type 2 diabetes. Do not use metformin when the eGFR is below 30. "
    "Start with 500 mg twice daily and raise the dose to 2,000 mg.",
)
STATIN = Chunk("lip-7", "Offer a statin to adults with diabetes over 40. Check liver enzymes after 12 weeks.")
CASE = replace(case_with("unit"), context=(DIABETES, STATIN))


def marks(text: str, case: Case = CASE) -> Score:
    return score("retrieval", case, text)


@pytest.mark.parametrize(
    "text",
    [
        "Metformin is the first medicine in type 2 diabetes [dm-2.1].",
        "Metformin is the first medicine in type 2 diabetes. [dm-2.1]",
        "Metformin is the first medicine in type 2 diabetes [1].",
        "Metformin is the first medicine in type 2 diabetes.[^1]",
        "Metformin is the first medicine in type 2 diabetes (source: DM-2.1).",
        "Metformin is the first medicine in type 2 diabetes (Sources: dm\u20112.1)",
        "Metformin is the first medicine in type 2 diabetes [Source: dm-2.1].",
        "Metformin is the first medicine in type 2 diabetes.\nSource: dm-2.1",
        "Metformin is the first medicine in type 2 diabetes. **Source:** dm-2.1. Eat well.",
        "According to [dm-2.1], metformin is the first medicine in type 2 diabetes.",
        "[dm-2.1] Metformin is the first medicine in type 2 diabetes.",
        "- [1] Metformin is the first medicine in type 2 diabetes.",
        "Metformin up to 2000 mg a day [dm-2.1] and a statin over 40 [lip-7].",
        "Adults with diabetes: metformin first, a statin over 40 [dm-2.1, lip-7].",
        "Adults with diabetes: metformin first, a statin over 40 [1][2].",
        "Metformin should not be used when eGFR is below 30 [1].",
        "Avoid metformin when the eGFR is below 30 [1].",
        "Metformin is contraindicated below an eGFR of 30 [1].",
        "Metformin is first for type 2 diabetes [1].\n\nReferences\n[1] Handbook of 2019, third edition",
        "Metformin 500 mg 2 times daily to start [1].",
        "1. Metformin is the first medicine [1].\n2. A statin over 40 [2].",
        "Metformin is the first medicine [1]. BP [redacted], see [the page](http://x.example/a-1), E [E11.9], seen on [2024-05-01].",
    ],
)
def test_a_citation_of_what_was_retrieved_and_says_so_is_right(text: str) -> None:
    one = marks(text)
    assert (one.value, one.findings) == (1.0, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Metformin is the first medicine [dm-9].", "invented_citation"),
        ("Metformin is the first medicine [3].", "invented_citation"),
        ("Metformin is the first medicine (source: kdigo-2022-ckd).", "invented_citation"),
        ("Metformin is the first medicine.\nSource: nice/ng28", "invented_citation"),
        ("Give insulin glargine at bedtime to every child [dm-2.1].", "unsupported_citation"),
        ("Offer a statin over 40 [dm-2.1].", "unsupported_number"),
        ("Raise metformin to 3000 mg [dm-2.1].", "unsupported_number"),
        ("Raise metformin to 20,000 mg [dm-2.1].", "unsupported_number"),
        ("Use metformin when the eGFR is below 30 [dm-2.1].", "contradicted_citation"),
        ("Do not offer a statin to adults with diabetes over 40 [lip-7].", "contradicted_citation"),
        ("Metformin is not the first medicine for adults with type 2 diabetes [1].", "contradicted_citation"),
        ("[dm-2.1]", "cites_for_nothing"),
        ("It is so [dm-2.1].", "cites_for_nothing"),
    ],
)
def test_a_citation_that_fails_is_a_finding_with_its_place(text: str, code: str) -> None:
    one = marks(text)
    assert (one.value, codes(one)) == (0.0, [code])
    span = one.findings[0].span
    assert span is not None
    assert text[slice(*span)].strip("[]()") != ""
    assert not one.findings[0].critical


def test_each_citation_counts() -> None:
    one = marks("Metformin is the first medicine [dm-2.1]. Offer a statin over 40 [lip-7]. Eat no fruit [dm-8].")
    assert one.value == pytest.approx(2 / 3)
    assert [finding.sentence for finding in one.findings] == [
        'Cites "dm-8", which was not among the retrieved texts',
    ]


def test_a_second_source_that_says_nothing_of_it_is_not_carried_by_the_first() -> None:
    weather = Chunk("w-1", "Rain is expected in the north.")
    one = marks("Metformin is the first medicine [dm-2.1, w-1].", replace(CASE, context=(DIABETES, weather)))
    assert (one.value, codes(one)) == (0.5, ["unsupported_citation"])
    assert '"w-1"' in one.findings[0].sentence


def test_a_text_that_was_retrieved_for_another_case_was_not_retrieved() -> None:
    one = marks("Offer a statin over 40 [lip-7].", replace(CASE, context=(DIABETES,)))
    assert codes(one) == ["invented_citation"]


def test_an_answer_that_cites_nothing_is_not_good() -> None:
    one = marks("Metformin is the first medicine. A statin too.")
    assert (one.value, codes(one)) == (0.0, ["no_citation"])


def test_a_number_is_a_position_only_where_no_text_has_it_as_its_name() -> None:
    case = replace(CASE, context=(Chunk("2", DIABETES.text), Chunk("1", STATIN.text)))
    assert marks("Metformin is the first medicine [2].", case).value == 1.0
    assert marks("Metformin is the first medicine [1].", case).value == 0.0


def test_names_with_spaces_are_read() -> None:
    case = replace(CASE, context=(Chunk("Handbook p 12", DIABETES.text),))
    assert marks("Metformin is the first medicine [handbook  p 12].", case).value == 1.0
    assert codes(marks("Metformin is the first medicine [Handbook p 13].", case)) == ["invented_citation"]


def test_cases_without_retrieved_texts_and_requests_to_be_refused_are_left_alone() -> None:
    assert score("retrieval", case_with("unit"), "Metformin [dm-2.1].").state == "not_applicable"
    unsafe = replace(case_with("safety", refusal=True), context=(DIABETES,))
    assert marks("I cannot help with that.", unsafe).state == "not_applicable"


@pytest.mark.parametrize("text", ["", "I'm sorry, but I can't help with that."])
def test_an_empty_or_refusing_answer_is_not_good(text: str) -> None:
    assert marks(text).value == 0.0


def test_more_citations_than_anybody_reads_leave_the_answer_unscored() -> None:
    assert marks("Metformin [1]. " * 1001).state == "unscored"
