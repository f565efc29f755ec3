"""Rollouts for tests: short plans, units on either side of the share, and applications that fetch and report."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select, text

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.services.submissions import prompt_bytes
from tests.stages import change_in, digests
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Release, Rollout, Token
from webapp.adapters.store.triggers import drop_statements
from webapp.domain.assignment import gets_new_version
from webapp.errors import Conflict
from webapp.services import delivery, interactions, rollout
from webapp.services.tokens import TokenRequest, make_token

NAME = "clinical-summarization"
SHARE = 3_000
BAKE_SECONDS = 3_600
MIN_UNITS = 4
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
    return digests(outside, change_id)[0]


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
    inside, beyond = inside_units(outside, change_id), outside_units(outside, change_id)
    units = [next(inside) for _ in range(MIN_UNITS)] + [next(beyond) for _ in range(MIN_UNITS)]
    for unit in units:
        call(outside, staff, unit, **fields)
    assert isinstance(outside.now, Clock)
    outside.now.forward(seconds=BAKE_SECONDS)


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
        "contact": "Desk",
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
    return delivery.serve(outside, name, unit).document


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
    item = interactions.Report(
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
    return interactions.report(outside, token_id(outside, staff), [item])


def tamper(outside: Outside, statement: str, **values: Any) -> None:
    """A hand in the database, behind triggers: what a thief with the file could do."""
    with outside.database.writing() as session:
        for drop in drop_statements("sqlite"):
            session.execute(text(drop))
        done = session.execute(text(statement), values)
        assert done.rowcount > 0  # type: ignore[attr-defined]
