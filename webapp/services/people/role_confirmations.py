"""The second person who confirms a role that another administrator gave: then it signs also what was asked for before.

What must not live here: giving and taking roles (``roles``), and when a confirmation is needed (``acts.role_age``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.role_age import RoleHeld, roles_held
from webapp.acts.sealing import seal_if_possible
from webapp.acts.second_factors import PASSKEY, factors_of
from webapp.acts.second_persons import who_confirms_role, why_not_confirm_role
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, RoleGrant
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import GRANTS, Right
from webapp.errors import AlreadyDone, NotFound, Refused, Stale
from webapp.services.people.rules import find_locked, find_person, read_role

MEANING = "confirmation of a role"
LEVEL = "L1"


@dataclass(frozen=True)
class GrantView:
    """A role that a person holds, as others see it. ``why_not``: why the one who looks cannot confirm it; ``digest`` of what is confirmed."""

    person_id: str
    name: str
    role: str
    since: datetime
    granted_by: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    digest: str
    meaning: str
    attestation: str
    why_not: str | None
    confirmers: tuple[str, ...]
    has_passkey: bool


def show_grant(outside: Outside, actor: Actor, person_id: str, role: str) -> GrantView:
    """The role of this person as this actor meets it; NotFound when it is not held."""
    with outside.database.reading() as session:
        person = find_person(session, person_id)
        return grant_view(session, actor, person, _held(session, person, read_role(role)))


def grant_view(session: Session, actor: Actor, person: Person, held: RoleHeld) -> GrantView:
    """The grant in words for this actor."""
    return GrantView(
        person_id=person.id,
        name=person.name,
        role=held.role.value,
        since=held.since.at,
        granted_by=held.granted_by[1],
        confirmed_at=held.confirmed.at if held.confirmed else None,
        confirmed_by=held.confirmed_by[1] if held.confirmed_by else None,
        digest=digest_of(_document(person, held)),
        meaning=MEANING,
        attestation=ATTESTATIONS[MEANING],
        why_not=why_not_confirm_role(session, actor, person.id, held),
        confirmers=() if held.confirmed else who_confirms_role(session, person.id, held),
        has_passkey=bool(factors_of(session, actor.id, PASSKEY)),
    )


def confirm_role(outside: Outside, actor: Actor, person_id: str, role: str, expected_digest: str, given: Again) -> None:
    """A second person signed that the role is meant to be held; it signs from now on also what was asked for before."""
    wanted = read_role(role)
    deed = _deed(outside, person_id, wanted, expected_digest)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            grant, document = _to_confirm(session, actor, find_locked(session, person_id), wanted, expected_digest)
            row = sign_deed(outside, session, actor, deed, proof, document)
            grant.confirmed_by, grant.confirmed_at = actor.id, outside.now()
            enter(
                outside,
                session,
                actor,
                "role.confirmed",
                ("person", person_id, None),
                after=("confirmed", expected_digest),
                reason=wanted.value,
                attest=(row.envelope_sha256,),
                numbered=row,
            )
    seal_if_possible(outside)


def ask_to_confirm_role(
    outside: Outside, actor: Actor, person_id: str, role: str, expected_digest: str
) -> dict[str, Any]:
    """What the browser is told to have the actor's passkey sign the confirmation."""
    wanted = read_role(role)
    deed = _deed(outside, person_id, wanted, expected_digest)
    with outside.database.writing() as session:
        _, document = _to_confirm(session, actor, find_locked(session, person_id), wanted, expected_digest)
        return ask_passkey_for(outside, session, actor, deed, document)


def _held(session: Session, person: Person, role: Role) -> RoleHeld:
    held = roles_held(session, person.id).get(role)
    if held is None:
        raise NotFound(f"{person.name} does not hold this role.")
    return held


def _to_confirm(
    session: Session, actor: Actor, person: Person, role: Role, expected_digest: str
) -> tuple[RoleGrant, Mapping[str, Any]]:
    """The grant and the document that is signed; says why not where there is nothing to confirm, or not by this actor."""
    held = _held(session, person, role)
    if held.confirmed is not None:
        raise AlreadyDone("This role is confirmed already.")
    if sentence := why_not_confirm_role(session, actor, person.id, held):
        raise Refused(sentence, code="not_the_second")
    document = _document(person, held)
    if digest_of(document) != expected_digest:
        raise Stale("The role was given anew since you read this; load the page again.")
    return session.get_one(RoleGrant, held.grant_id), document


def _deed(outside: Outside, person_id: str, role: Role, digest: str) -> Deed:
    with outside.database.reading() as session:
        find_person(session, person_id)
        held = roles_held(session, person_id).get(role)
    asked = None if held is None else held.since
    return Deed("confirm_role", f"person/{person_id}", digest, MEANING, GRANTS[Right.CONFIRM_ACCESS], LEVEL, asked)


def _document(person: Person, held: RoleHeld) -> Mapping[str, Any]:
    """What is confirmed: the role, whose, since when, given by whom."""
    return {
        "kind": "prompt-formulary/role-grant/v1",
        "person": {"id": person.id, "name": person.name},
        "grant": held.grant_id,
        "role": held.role.value,
        "held": held.claims(),
    }
