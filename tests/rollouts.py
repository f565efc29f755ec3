"""Rollouts for tests: short plans, units on either side of the share, and applications that fetch and report."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select, text

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.services.submissions import prompt_bytes
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Rollout, Token
from webapp.adapters.store.triggers import drop_statements
from webapp.domain.assignment import assign, gets_new_version
from webapp.domain.cohorts import Place
from webapp.domain.decision import Decision, unit_hash
from webapp.domain.plan import read_plan
from webapp.errors import Conflict
from webapp.services import delivery, interactions, rollout
from webapp.services.tokens import TokenRequest, make_token

NAME = "clinical-summarization"
SHARE = 3_000
BAKE_SECONDS = 3_600
MIN_UNITS = 4
SHOWING_UNITS = 110
"""Units of the new version that show, without any event, that no more than 5 of 100 fail."""
PLAN: dict[str, Any] = {
    "steps": [
        {"kind": "canary", "share_basis_points": SHARE, "bake_seconds": BAKE_SECONDS, "min_units": MIN_UNITS},
        {"kind": "direct", "bake_seconds": BAKE_SECONDS, "min_units": MIN_UNITS},
    ]
}
DIRECT: dict[str, Any] = {"steps": [{"kind": "direct", "bake_seconds": BAKE_SECONDS, "min_units": MIN_UNITS}]}
ANSWER = "Plan: metformin 500 mg twice daily."
_events = itertools.count(1)


def signed(outside: Outside, staff: Staff, plan: dict[str, Any] = PLAN, **changed: Any) -> str:
    """A change that is signed and not started."""
    return change_in(outside, staff, "rollout", plan=plan, **changed)


def started(outside: Outside, staff: Staff, plan: dict[str, Any] = PLAN, **changed: Any) -> str:
    """A change whose first step is entered."""
    change_id = signed(outside, staff, plan, **changed)
    rollout.start(outside, staff.act_as("ada"), change_id, digest(outside, change_id))
    return change_id


def version(label: str) -> dict[str, Any]:
    """The parts of a submission of another version, to be passed on."""
    prompt = prompt_bytes(version=label, system_prompt=f"You write clinical notes, version {label}.\n")
    return {"prompt": prompt}


def live_first(outside: Outside, staff: Staff) -> str:
    """Version 1.0 serves everyone and its rollout is complete; returns its change."""
    change_id = started(outside, staff, DIRECT)
    pass_step(outside, staff, change_id)
    complete(outside, staff, change_id)
    return change_id


def second(outside: Outside, staff: Staff, plan: dict[str, Any] = PLAN) -> str:
    """Version 1.1 is in its first step while 1.0 is live."""
    live_first(outside, staff)
    return started(outside, staff, plan, **version("1.1"))


def digest(outside: Outside, change_id: str) -> str:
    """What a page of this change carries as expected digest now."""
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).digest


def advance(outside: Outside, staff: Staff, change_id: str, name: str = "kim") -> None:
    rollout.advance(outside, staff.act_as(name), change_id, digest(outside, change_id), "Quiet.", PASSWORD)


def complete(outside: Outside, staff: Staff, change_id: str, name: str = "kim") -> None:
    rollout.complete(outside, staff.act_as(name), change_id, digest(outside, change_id), "Quiet.", PASSWORD)


def hold(outside: Outside, staff: Staff, change_id: str, mode: str, name: str = "osei") -> None:
    rollout.hold(outside, staff.act_as(name), change_id, digest(outside, change_id), mode, "Odd notes.", PASSWORD)


def resume(outside: Outside, staff: Staff, change_id: str, name: str = "kim") -> None:
    rollout.resume(outside, staff.act_as(name), change_id, digest(outside, change_id), "Explained.", PASSWORD)


def roll_back(outside: Outside, staff: Staff, change_id: str, name: str = "osei") -> None:
    rollout.roll_back(outside, staff.act_as(name), change_id, digest(outside, change_id), "Wrong doses.", PASSWORD)


def pass_step(outside: Outside, staff: Staff, change_id: str, **fields: Any) -> None:
    """Enough units were seen in both versions and the waiting time is over."""
    units = [f"encounter-{number}" for number in range(1, SHOWING_UNITS * 10_000 // SHARE)]
    call_all(outside, staff, change_id, units, **fields)
    wait(outside, BAKE_SECONDS)


def call_all(outside: Outside, staff: Staff, change_id: str, units: Iterable[str], **fields: Any) -> None:
    """Each unit was served and reported one call, in a silent run one of each version; decided as delivery does, without its answers."""
    found, release = rollout_of(outside, change_id), release_of(outside, change_id)
    plan, at = read_plan(found.plan), int(outside.now().timestamp())
    made = []
    for unit in units:
        assigned = assign(plan, found.step_index, Place(unit), found.salt)
        release_id = release.id if assigned.gets_new else found.baseline_release_id
        if release_id is not None:
            arm = "candidate" if assigned.gets_new else "shadowed" if assigned.runs_silently else "live"
            decision = Decision(release_id, arm, assigned.step, unit_hash(unit, found.salt), at)
            shown = (True, False) if assigned.runs_silently else (True,)
            made += [
                report_of(outside, decision.to_id(outside.keyring.mac), **{"is_displayed": is_shown, **fields})
                for is_shown in shown
            ]
    for start in range(0, len(made), 500):
        interactions.report(outside, token_id(outside, staff), made[start : start + 500])


def wait(outside: Outside, seconds: int) -> None:
    """The clock went on, and the watch looked afterwards as it does every few seconds."""
    assert isinstance(outside.now, Clock)
    outside.now.forward(seconds=seconds)
    rollout.watch(outside)


def rollout_of(outside: Outside, change_id: str) -> Rollout:
    """The stored rollout of this change."""
    with outside.database.reading() as session:
        return session.scalars(select(Rollout).where(Rollout.change_id == change_id)).one()


def release_of(outside: Outside, change_id: str) -> Release:
    """The newest release of this change."""
    with outside.database.reading() as session:
        query = select(Release).where(Release.change_id == change_id).order_by(Release.id.desc())
        return session.scalars(query.order_by(Release.made_at.desc())).all()[0]


def inside_units(outside: Outside, change_id: str, share: int = SHARE) -> Iterator[str]:
    """Units that the first step gives the new version."""
    salt = rollout_of(outside, change_id).salt
    return (unit for unit in _units() if gets_new_version(unit, salt, share))


def outside_units(outside: Outside, change_id: str, share: int = SHARE) -> Iterator[str]:
    """Units that the first step leaves on the live version."""
    salt = rollout_of(outside, change_id).salt
    return (unit for unit in _units() if not gets_new_version(unit, salt, share))


def _units() -> Iterable[str]:
    return (f"encounter-{number}" for number in itertools.count(1))


def token(outside: Outside, staff: Staff, scopes: tuple[str, ...] = ("deliver", "report"), **changed: Any) -> str:
    """The text of a token of an application."""
    fields = {
        "name": "Ward system",
        "scopes": scopes,
        "prompts": (),
        "owner": "Desk",
        "phone": "555-0100",
        "days": 90,
    }
    return make_token(outside, staff.act_as("ruth"), TokenRequest(**{**fields, **changed}))


def token_id(outside: Outside, staff: Staff) -> str:
    """The id of the application's one token, made when it is first asked for."""
    with outside.database.reading() as session:
        found = session.scalars(select(Token.id).order_by(Token.id)).first()
    if found is None:
        token(outside, staff)
        return token_id(outside, staff)
    return found


def serve(outside: Outside, unit: str | None, name: str = NAME) -> dict[str, Any]:
    """The decision for this unit."""
    return delivery.serve(outside, name, Place(unit or "")).document


def call(outside: Outside, staff: Staff, unit: str, **fields: Any) -> str | None:
    """The application fetched, ran and reported one call; its decision id, or None where nothing is served."""
    try:
        decision = serve(outside, unit)
    except Conflict:
        return None
    report(outside, staff, decision["decision_id"], **fields)
    return str(decision["decision_id"])


def report(outside: Outside, staff: Staff, decision_id: str, **fields: Any) -> interactions.Received:
    """One call is reported."""
    return interactions.report(outside, token_id(outside, staff), [report_of(outside, decision_id, **fields)])


def report_of(outside: Outside, decision_id: str, **fields: Any) -> interactions.Report:
    """The report of one quiet call."""
    return interactions.Report(
        **{
            "event_id": f"event-{next(_events)}",
            "decision_id": decision_id,
            "happened_at": outside.now(),
            "model": "offline-clinical-1",
            "request_text": "Visit 1. Takes metformin.",
            "response_text": ANSWER,
            "site": "North",
            **fields,
        }
    )


def tamper(outside: Outside, statement: str, **values: Any) -> None:
    """A hand in the database, behind triggers: what a thief with the file could do."""
    with outside.database.writing() as session:
        for drop in drop_statements("sqlite"):
            session.execute(text(drop))
        done = session.execute(text(statement), values)
        assert done.rowcount > 0  # type: ignore[attr-defined]
