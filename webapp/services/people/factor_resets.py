"""Taking away somebody's second factors, and the second person who confirms that those enrolled since are the person's.

What must not live here: that nothing is signed meanwhile (``acts.resets``), and one's own factors (``factors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.acts.leaving import end_sessions
from webapp.acts.reauthentication import Again, Given, check_again
from webapp.acts.recording import enter
from webapp.acts.resets import enrol_until, waiting_resets
from webapp.acts.role_age import reset_asked
from webapp.acts.sealing import seal_if_possible
from webapp.acts.second_factors import KIND_WORDS, PASSKEY, factors_of
from webapp.acts.second_persons import who_confirms_reset, why_not_confirm_reset
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, FactorReset, Person, RecoveryCode
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.canonical import digest_of, sha256_hex
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import GRANTS, Right
from webapp.errors import Conflict, Refused, Stale
from webapp.services.people.rules import find_locked, find_person, granted_by, require_administrator

MEANING = "confirmation of a factor reset"
LEVEL = "L1"  # what lets somebody sign with a second factor does not itself hang on a password


@dataclass(frozen=True)
class FactorLine:
    """A second factor as others than its owner see it. ``kind`` in words."""

    kind: str
    name: str
    since: datetime | None


@dataclass(frozen=True)
class ResetView:
    """A reset that waits. ``until``: so long a password alone signs in; ``why_not``: why the one who looks cannot confirm it.

    ``digest`` is of what is confirmed: the reset and the factors enrolled since.
    """

    person_id: str
    name: str
    by: str
    at: datetime
    until: datetime
    is_over: bool
    factors: tuple[FactorLine, ...]
    digest: str
    meaning: str
    attestation: str
    why_not: str | None
    confirmers: tuple[str, ...]
    has_passkey: bool


def reset_factors(outside: Outside, actor: Actor, given: Given | None, person_id: str) -> None:
    """The person has no second factor and is signed in nowhere; signing is closed until a second person confirms new ones.

    At the console, which is no person, nothing is given again.
    """
    require_administrator(actor)
    if actor.id == person_id:
        raise Refused("Nobody takes away their own second factors; ask another administrator.", code="oneself")
    if actor.via != "console":
        check_again(outside, actor, given or Given(""))
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        if not person.is_active or person.password_hash is None:
            raise Conflict(f"{person.name} cannot sign in at all now; there is nothing to take away.")
        if not factors_of(session, person_id) and not waiting_resets(session, person_id):
            raise Conflict(f"{person.name} has no second factor; there is nothing to take away.")
        _take_away(outside, session, actor, person_id)
        end_sessions(outside, session, person_id)
        session.add(
            FactorReset(
                id=outside.new_id("frs"), person_id=person_id, reset_by=granted_by(actor), reset_at=outside.now()
            )
        )
        enter(outside, session, actor, "factor.reset", ("person", person_id, None), after=("waiting", None))
    seal_if_possible(outside)


def show_reset(outside: Outside, actor: Actor, person_id: str) -> ResetView | None:
    """The reset of this person that waits, as this actor meets it; None where none does."""
    with outside.database.reading() as session:
        person = find_person(session, person_id)
        resets = waiting_resets(session, person_id)
        return _view(outside, session, actor, person, resets) if resets else None


def who_would_confirm(outside: Outside, actor: Actor, person_id: str) -> tuple[str, ...]:
    """The names of those who could confirm a reset of this person by this actor, before it is done."""
    with outside.database.reading() as session:
        planned = FactorReset(id="", person_id=person_id, reset_by=granted_by(actor), reset_at=outside.now())
        return who_confirms_reset(session, person_id, [planned])


def confirm_reset(outside: Outside, actor: Actor, person_id: str, expected_digest: str, given: Again) -> None:
    """The reset and the factors shown are the person's own, says a second person and signs it; the person may sign again."""
    deed = _deed(outside, person_id, expected_digest)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            person = find_locked(session, person_id)
            resets, document = _to_confirm(session, actor, person, expected_digest)
            row = sign_deed(outside, session, actor, deed, proof, document)
            for reset in resets:
                reset.confirmed_by, reset.confirmed_at = actor.id, outside.now()
            enter(
                outside,
                session,
                actor,
                "factor.reset_confirmed",
                ("person", person_id, None),
                before=("waiting", None),
                after=("confirmed", expected_digest),
                attest=(row.envelope_sha256,),
                numbered=row,
            )
    seal_if_possible(outside)


def ask_to_confirm_reset(outside: Outside, actor: Actor, person_id: str, expected_digest: str) -> dict[str, Any]:
    """What the browser is told to have the actor's passkey sign the confirmation."""
    deed = _deed(outside, person_id, expected_digest)
    with outside.database.writing() as session:
        _, document = _to_confirm(session, actor, find_locked(session, person_id), expected_digest)
        return ask_passkey_for(outside, session, actor, deed, document)


def factor_lines(session: Session, person_id: str) -> tuple[FactorLine, ...]:
    """The second factors of a person that count, oldest first."""
    return tuple(FactorLine(KIND_WORDS[row.kind], row.name, row.confirmed_at) for row in factors_of(session, person_id))


def _take_away(outside: Outside, session: Session, actor: Actor, person_id: str) -> None:
    """Factors are revoked, unfinished ones and recovery codes are gone."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(delete(Factor).where(Factor.person_id == person_id, Factor.confirmed_at.is_(None)))
    for row in factors_of(session, person_id):
        row.revoked_at, row.revoked_by, row.secret = outside.now(), granted_by(actor), None


def _to_confirm(
    session: Session, actor: Actor, person: Person, expected_digest: str
) -> tuple[list[FactorReset], Mapping[str, Any]]:
    """The resets and the document that is signed; says why not where there is nothing to confirm, or not by this actor."""
    resets = waiting_resets(session, person.id)
    if not resets:
        raise Conflict(
            f"No reset of {person.name} waits for confirmation; somebody else confirmed it, or there was none."
        )
    if sentence := why_not_confirm_reset(session, actor, person.id, resets):
        raise Refused(sentence, code="not_the_second")
    if not factors_of(session, person.id):
        raise Conflict(f"{person.name} has not added a new second factor yet; there is nothing to confirm before.")
    document = _document(session, person, resets)
    if digest_of(document) != expected_digest:
        raise Stale("The second factors changed since you read them; load the page again and ask the person anew.")
    return resets, document


def _deed(outside: Outside, person_id: str, digest: str) -> Deed:
    roles = GRANTS[Right.CONFIRM_ACCESS]
    with outside.database.reading() as session:
        find_person(session, person_id)
        asked = reset_asked(session, person_id, waiting_resets(session, person_id))
    return Deed("confirm_reset", f"person/{person_id}", digest, MEANING, roles, LEVEL, asked)


def _document(session: Session, person: Person, resets: list[FactorReset]) -> Mapping[str, Any]:
    """What is confirmed: who took the factors away and when, and what was enrolled since."""
    return {
        "kind": "prompt-formulary/factor-reset/v1",
        "person": {"id": person.id, "name": person.name},
        "resets": [
            {"id": reset.id, "by": reset.reset_by or "console", "at": timestamp(reset.reset_at)} for reset in resets
        ],
        "factors": [
            {
                "id": row.id,
                "kind": row.kind,
                "name": row.name,
                "key_sha256": sha256_hex(row.public_key) if row.public_key else None,
            }
            for row in factors_of(session, person.id)
        ],
    }


def _view(outside: Outside, session: Session, actor: Actor, person: Person, resets: list[FactorReset]) -> ResetView:
    newest, until = resets[-1], enrol_until(resets)
    by = session.scalar(select(Person.name).where(Person.id == newest.reset_by)) or "the operator at the console"
    return ResetView(
        person_id=person.id,
        name=person.name,
        by=by,
        at=newest.reset_at,
        until=until or newest.reset_at,
        is_over=until is not None and outside.now() > until,
        factors=factor_lines(session, person.id),
        digest=digest_of(_document(session, person, resets)),
        meaning=MEANING,
        attestation=ATTESTATIONS[MEANING],
        why_not=why_not_confirm_reset(session, actor, person.id, resets),
        confirmers=who_confirms_reset(session, person.id, resets),
        has_passkey=bool(factors_of(session, actor.id, PASSKEY)),
    )
