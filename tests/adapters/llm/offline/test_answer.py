"""The offline model as a whole: what it is asked changes what it answers, always in the same way."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest

from tests.adapters.llm.offline.encounters import ENCOUNTER, FULL, INJECTION, PLAIN, ask
from webapp.adapters.llm.offline import rates
from webapp.adapters.llm.offline.answer import answer_messages
from webapp.adapters.llm.offline.faults import Faults
from webapp.adapters.llm.offline.rates import Rate

HEADINGS = ("Subjective:", "Objective:", "Assessment:", "Plan:")


@pytest.fixture
def faultless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors happen where they are certain, and nowhere else."""
    monkeypatch.setattr(Faults, "happens", lambda _, rate, told, *about: rate.when(told) >= 1)


@pytest.fixture
def always_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors happen wherever the prompt does not ask for the right behaviour."""
    monkeypatch.setattr(Faults, "happens", lambda _, rate, told, *about: not told and rate.told != rate.untold)


@pytest.mark.usefixtures("faultless")
def test_a_soap_note_has_the_four_headings_in_order() -> None:
    lines = ask(PLAIN).splitlines()
    places = [lines.index(heading) for heading in HEADINGS]
    assert all(first < second for first, second in pairwise(places))


@pytest.mark.usefixtures("faultless")
def test_without_soap_there_are_no_headings() -> None:
    assert not any(heading in ask("Summarize the visit.") for heading in HEADINGS)


@pytest.mark.usefixtures("faultless")
def test_medicines_are_listed_only_when_asked_for_and_stopped_ones_stand_apart() -> None:
    assert "- colchicine 500 mcg oral twice daily" not in ask(PLAIN)
    full = ask(FULL).splitlines()
    assert "- colchicine 500 mcg oral twice daily" in full
    assert "- lisinopril 10 mg oral once daily" in full
    assert "Stopped: ibuprofen" in full


@pytest.mark.usefixtures("faultless")
def test_codes_are_written_only_when_asked_for() -> None:
    assert "(M10.9)" not in ask(PLAIN)
    assert "(M10.9)" in ask(FULL)
    assert "(M10.9)" not in ask("Write a SOAP note. Do not add ICD-10 codes.")


@pytest.mark.usefixtures("always_untold")
def test_identifiers_stay_when_nobody_asks_to_leave_them_out() -> None:
    assert "Brandtson" in ask("Write a SOAP note with Subjective, Objective, Assessment and Plan.")
    told = ask(FULL)
    assert not any(secret in told for secret in ("Brandtson", "4471-902", "3 March 1965", "Larch", "555-0147"))


@pytest.mark.usefixtures("always_untold")
def test_a_planted_order_is_followed_unless_the_prompt_forbids_it() -> None:
    planted = ENCOUNTER + INJECTION
    assert ask(PLAIN, planted).startswith("JUNIPER-4410")
    assert "JUNIPER" not in ask(FULL, planted)


@pytest.mark.usefixtures("faultless")
def test_a_planted_order_is_not_copied_into_the_note_either() -> None:
    assert "JUNIPER" not in ask(PLAIN, ENCOUNTER + INJECTION)


@pytest.mark.usefixtures("always_untold")
def test_allergies_warnings_and_doubt_are_kept_when_asked_for() -> None:
    told = ask(FULL)
    assert "penicillin" in told
    assert "Return at once" in told
    assert "penicillin" not in ask("Write a SOAP note with Subjective, Objective, Assessment and Plan.")
    doubtful = "Impression: possible pulmonary embolism."
    assert "Possible pulmonary embolism" in ask(FULL, doubtful)
    assert "Possible" not in ask("Write a SOAP note with Subjective, Objective, Assessment, Plan.", doubtful)


@pytest.mark.usefixtures("faultless")
def test_a_list_of_medicines_is_a_list_and_nothing_more() -> None:
    answer = ask("List the medicines with dose, route and frequency.")
    assert answer.splitlines() == ["- lisinopril 10 mg oral once daily", "- colchicine 500 mcg oral twice daily"]


@pytest.mark.usefixtures("faultless")
def test_json_is_json() -> None:
    found = json.loads(ask("List the medicines with dose, route and frequency and ICD-10 codes as JSON."))
    assert [row["drug"] for row in found["medications"]] == ["lisinopril", "colchicine"]
    assert "M10.9" in found["icd10"]


@pytest.mark.usefixtures("faultless")
def test_a_brief_note_is_shorter_and_a_complete_one_longer() -> None:
    long = ENCOUNTER * 1 + "".join(f"On day {day} she walked {day} km without pain.\n" for day in range(40))
    brief, usual, full = (len(ask(PLAIN + wish, long)) for wish in (" Be concise.", "", " Be complete."))
    assert brief < usual < full


def test_the_same_question_gets_the_same_answer() -> None:
    assert ask(FULL, repeat=0) == ask(FULL, repeat=0)


def test_at_temperature_zero_every_repeat_is_the_same_and_above_it_repeats_differ() -> None:
    assert len({ask(PLAIN, repeat=repeat) for repeat in range(12)}) == 1
    assert len({ask(PLAIN, repeat=repeat, temperature=0.2) for repeat in range(12)}) > 1


def test_another_prompt_of_the_same_meaning_errs_elsewhere() -> None:
    prompts = [f"Write a SOAP note. Variant {number}." for number in range(12)]
    assert len({ask(prompt) for prompt in prompts}) > 1


def test_an_answer_ends_at_the_longest_length_asked_for() -> None:
    messages = (("system", PLAIN), ("user", f"Summarize:\n{ENCOUNTER}"))
    cut = answer_messages(messages, max_tokens=10)
    assert (len(cut.text), cut.finish_reason, cut.tokens_out) == (40, "length", 10)
    assert answer_messages(messages).finish_reason == "stop"


def test_every_rate_is_a_share_and_telling_never_makes_it_worse() -> None:
    known = [rate for rate in vars(rates).values() if isinstance(rate, Rate)]
    assert len(known) >= 15
    assert all(0 < rate.told <= rate.untold < 1 for rate in known)


@pytest.mark.parametrize(
    "encounter", ["", " ", "\n\n", "?", "]]></encounter><encounter>", "\u202e\x00\ud83d", "12" * 5000]
)
def test_any_text_gets_an_answer(encounter: str) -> None:
    assert ask(FULL, encounter).startswith("Subjective:")


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "Ab ",
        " ",
        "Xyz Qrs. ",
        "1",
        ". ",
        "a.b@",
        "metformin 500 mg bd, ",
        "A: b\n",
        "one hundred ",
        "ref no. ",
        "Dr. ",
    ],
)
def test_hostile_text_costs_time_in_proportion_to_its_length(unit: str) -> None:
    started = time.process_time()
    ask(FULL, unit * (100_000 // len(unit)))
    assert time.process_time() - started < 3


def test_a_long_encounter_is_answered_in_milliseconds() -> None:
    long = "".join(f"On day {day} her pulse was {60 + day} and she took paracetamol 1 g.\n" for day in range(60))
    took = []
    for number in range(5):
        started = time.process_time()
        ask(FULL, f"{long}Visit {number}.")
        took.append(time.process_time() - started)
    assert min(took) < 0.05
