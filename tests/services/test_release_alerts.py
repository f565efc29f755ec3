"""Alerts about releases in use: told once for many, to those who must know, lost by nothing, answered by a person."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.services.test_alerts import Postman, entries
from webapp.acts.outbox import deliver_mail
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Leaf, ProblemReport, Quarantined, ReleaseAlert
from webapp.domain.decision import Decision, unit_hash
from webapp.errors import AlreadyDone, InvalidInput, NotFound, Refused, Stale, Unavailable
from webapp.services import interactions
from webapp.services.interactions import alerting, storing
from webapp.services.interactions.showing import show_reports
from webapp.services.tokens import find_bearer

RAISED, ANSWERED = "release.alert_raised", "release.alert_answered"


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def house(outside: Outside, postman: Postman) -> Outside:
    """The house with a mail server."""
    return replace(outside, mail=postman)


@pytest.fixture
def decision_id(house: Outside, staff: Staff) -> str:
    """A decision of a running rollout."""
    change_id = r.started(house, staff)
    return str(r.serve(house, next(r.inside_units(house, change_id)))["decision_id"])


def report_problem(house: Outside, staff: Staff, decision_id: str, what: str, reached: bool = False) -> None:
    assert interactions.report_problem(house, r.token_id(house, staff), decision_id, what, reached)


def alerts(house: Outside) -> list[ReleaseAlert]:
    with house.database.reading() as session:
        return list(session.scalars(select(ReleaseAlert).order_by(ReleaseAlert.id)))


def mailed(house: Outside, postman: Postman) -> Counter[str]:
    """How many letters each person was sent since the last time."""
    postman.sent.clear()
    while deliver_mail(house):
        pass
    return Counter(to.partition("@")[0] for to, _, _ in postman.sent)


def test_many_problems_are_one_letter_and_the_first_harm_is_another_at_once(
    house: Outside, staff: Staff, postman: Postman, clock: Clock, decision_id: str
) -> None:
    mailed(house, postman)
    for number in range(30):
        report_problem(house, staff, decision_id, f"Odd words {number}")
        report_problem(house, staff, decision_id, f"Odd words {number}")
        interactions.tell_all(house)
    assert [(row.kind, row.count, row.critical_count) for row in alerts(house)] == [("problem", 30, 0)]
    everyone = Counter({"ada": 1, "kim": 1, "osei": 1, "ruth": 1, "sam": 1})
    assert mailed(house, postman) == everyone, "who signed, who started, both administrators"
    assert "1 problem with answers of clinical-summarization version 1.0 was reported" in postman.sent[0][2]
    assert "Desk, 555-0100" in postman.sent[0][2]
    assert "Odd words" not in str(postman.sent)
    report_problem(house, staff, decision_id, "Tenfold dose given", True)
    report_problem(house, staff, decision_id, "And once more", True)
    assert interactions.tell_all(house) == 1
    assert interactions.tell_all(house) == 0
    assert mailed(house, postman) == everyone
    assert "32 problems" in postman.sent[0][2]
    assert "2 of them reached a patient" in postman.sent[0][2]
    report_problem(house, staff, decision_id, "Later")
    assert interactions.tell_all(house) == 0, "the window is still open"
    clock.forward(minutes=house.settings.alert_minutes)
    assert interactions.tell_all(house) == 1
    assert interactions.tell_all(house) == 0
    assert mailed(house, postman) == everyone
    reasons = [(leaf["reason"], leaf["text"]["count"]) for leaf in entries(house, RAISED)]
    assert reasons == [("problem_reported", 1), ("harm_reported", 32), ("harm_reported", 33)]
    assert alerts(house)[0].entry_seq is not None


def test_nobody_left_who_decided_means_that_everybody_who_may_is_told(
    house: Outside, staff: Staff, decision_id: str
) -> None:
    report_problem(house, staff, decision_id, "Odd words")
    with house.database.writing() as session:
        release = session.get_one(alerting.Release, alerts(house)[0].release_id)
        told = alerting.people_to_tell(session, release)
        for name in ("kim", "osei"):
            session.get_one(alerting.Person, staff.ids[name]).is_active = False
        session.flush()
        others = alerting.people_to_tell(session, release)
    names = {person_id: name for name, person_id in staff.ids.items()}
    assert {names[one] for one in told} >= {"kim", "osei", "ada", "ruth"}
    assert not {"kim", "osei"} & {names[one] for one in others}
    assert len(others) > len(told) - 2, "the other informaticists and physicians stand in"


def test_an_alert_is_answered_by_a_clinician_who_saw_all_of_it(house: Outside, staff: Staff, decision_id: str) -> None:
    report_problem(house, staff, decision_id, "Wrong dose for Mrs Larkin")
    interactions.tell_all(house)
    alert_id = alerts(house)[0].id
    kim = staff.act_as("kim")
    with pytest.raises(Refused, match="physicians look into"):
        interactions.answer_alert(house, staff.act_as("ruth"), alert_id, 1, "Fine")
    with pytest.raises(InvalidInput, match="what you found"):
        interactions.answer_alert(house, kim, alert_id, 1, " ")
    with pytest.raises(NotFound):
        interactions.answer_alert(house, kim, "alr_none", 1, "Fine")
    report_problem(house, staff, decision_id, "And another")
    with pytest.raises(Stale, match="meanwhile"):
        interactions.answer_alert(house, kim, alert_id, 1, "Fine")
    interactions.answer_alert(house, kim, alert_id, 2, "Spelling only; told the ward.")
    with pytest.raises(AlreadyDone):
        interactions.answer_alert(house, kim, alert_id, 2, "Fine")
    (leaf,) = entries(house, ANSWERED)
    assert (leaf["reason"], leaf["actor"]["name"]) == ("problem_reported", "Kim")
    assert leaf["text"]["found"] == "Spelling only; told the ward."
    with house.database.reading() as session:
        contents = session.scalars(select(Leaf.content).where(Leaf.type.in_((RAISED, ANSWERED)))).all()
    assert not any(b"Spelling" in one or b"dose" in one or b"Larkin" in one for one in contents)
    report_problem(house, staff, decision_id, "A third")
    assert [(row.count, row.seen_at is None) for row in alerts(house)] == [(2, False), (1, True)]
    seen = show_reports(house, kim)
    assert [len(seen.open), len(seen.answered)] == [1, 1]
    assert {one.words for one in seen.answered[0].problems} == {"Wrong dose for [name]", "And another"}
    assert {one.words for one in show_reports(house, staff.act_as("ruth")).answered[0].problems} == {None}


def test_a_problem_is_kept_while_nothing_can_be_entered_and_told_afterwards(
    house: Outside, staff: Staff, postman: Postman, decision_id: str
) -> None:
    r.token_id(house, staff)
    stuck = replace(house, clock_step=lambda: timedelta(hours=1))
    report_problem(stuck, staff, decision_id, "Tenfold dose given", True)
    with pytest.raises(Unavailable):
        interactions.tell_all(stuck)
    with house.database.reading() as session:
        assert session.scalars(select(Interaction.harm_reported)).one()
        assert session.scalars(select(ProblemReport.reached_patient)).one()
    mailed(house, postman)
    assert interactions.tell_all(house) == 1
    assert set(mailed(house, postman)) >= {"kim", "osei"}


def test_another_model_or_index_is_told_once_for_each_application(
    house: Outside, staff: Staff, decision_id: str
) -> None:
    def report(**fields: object) -> list[tuple[str, str, int]]:
        r.report(house, staff, decision_id, **fields)
        return [(row.kind, row.subject, row.count) for row in alerts(house)]

    assert report(model="offline-clinical-1", index="guides-1") == [], "the first index of an application is its own"
    assert report(model="mystery-2", index="guides-1") == [("model", "mystery-2", 1)]
    assert report(model="mystery-2") == [("model", "mystery-2", 2)]
    found = report(index="guides-2")
    assert found == [("model", "mystery-2", 2), ("index", "guides-2", 1)]
    interactions.tell_all(house)
    assert [leaf["reason"] for leaf in entries(house, RAISED)] == ["other_model", "other_index"]
    for row in alerts(house):
        interactions.answer_alert(house, staff.act_as("osei"), row.id, row.count, "Named so by the provider.")
    assert report(model="mystery-2", index="guides-2") == found, "what somebody looked into is no news"
    assert report(model="mystery-3")[-1] == ("model", "mystery-3", 1)
    other = find_bearer(house, r.token(house, staff, name="Discharge desk")).id
    item = r.report_of(house, decision_id, model="mystery-2", index="other-guides")
    interactions.report(house, other, [item])
    assert [(row.application, row.subject) for row in alerts(house)][-1] == ("Discharge desk", "mystery-2")
    batch = [r.report_of(house, decision_id, model=f"random-{number}") for number in range(20)]
    interactions.report(house, other, batch)
    named = [row for row in alerts(house) if row.application == "Discharge desk" and row.kind == "model"]
    assert len(named) == alerting.MOST_NAMES
    assert sum(row.count for row in named) == 21
    assert "reports another model" in show_reports(house, staff.act_as("kim")).open[0].sentence


def test_what_cannot_be_believed_hinders_no_other_report(
    house: Outside, staff: Staff, decision_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = r.token_id(house, staff), find_bearer(house, r.token(house, staff, name="Discharge desk")).id
    item = interactions.Report("e1", decision_id, house.now(), "offline-clinical-1", version="1.0")
    apart = interactions.Received(0, 0, 1)
    assert interactions.report(house, other, [replace(item, decision_id="dec_made-up")]) == apart
    assert interactions.report(house, other, [replace(item, event_id="e2", version="0.9")]) == apart
    assert interactions.report(house, one, [item]).accepted == 1, "two applications may use the same event id"
    with house.database.reading() as session:
        assert session.scalars(select(Quarantined.reason).order_by(Quarantined.id)).all() == [
            "unknown_decision",
            "other_version",
        ]
    (shown,) = {row.application for row in show_reports(house, staff.act_as("ruth")).set_apart or ()}
    assert shown == "Discharge desk"
    assert show_reports(house, staff.act_as("kim")).set_apart is None
    known, asked = storing._known_of, iter([True, True])
    monkeypatch.setattr(storing, "_known_of", lambda *of: set() if next(asked, False) else known(*of))
    again = interactions.report(house, one, [item])
    assert again == interactions.Received(0, 1, 0), "two requests with the same event at once"


def test_a_problem_belongs_to_the_answer_that_somebody_saw(house: Outside, staff: Staff, decision_id: str) -> None:
    decision = Decision(decision_id.split(".")[0][4:], "shadowed", 0, unit_hash("unit", "salt"), 0)
    shadowed = decision.to_id(house.keyring.mac)
    r.report(house, staff, shadowed, is_displayed=False)
    r.report(house, staff, shadowed, is_displayed=True)
    report_problem(house, staff, shadowed, "Wrong dose", True)
    with house.database.reading() as session:
        found = session.execute(select(Interaction.arm, Interaction.harm_reported).order_by(Interaction.id)).all()
    assert [tuple(row) for row in found] == [("shadow", False), ("live", True)]


def test_identifiers_in_answers_in_use_are_told(house: Outside, staff: Staff, decision_id: str) -> None:
    r.report(house, staff, decision_id, response_text="Call 212-555-0187.")
    interactions.tell_all(house)
    assert [leaf["reason"] for leaf in entries(house, RAISED)] == ["identifiers_in_answers"]
    assert json.dumps(entries(house, RAISED)).count("0187") == 0
