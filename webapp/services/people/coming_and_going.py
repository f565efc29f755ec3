"""Deactivating somebody who leaves, and taking somebody back. Nobody is ever deleted."""

from __future__ import annotations

from webapp.acts.leaving import end_sessions, end_tokens
from webapp.acts.policies import withdraw_of
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, Refused
from webapp.services.people.inviting import end_invitations
from webapp.services.people.rules import another_administrator_stays, find_locked, require_administrator, roles_of


def deactivate(outside: Outside, actor: Actor, person_id: str) -> None:
    """The person can do nothing here any more: sessions, tokens and open links are over at once."""
    require_administrator(actor)
    if actor.id == person_id:
        raise Refused("You cannot deactivate yourself; ask another administrator.", code="oneself")
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        if not person.is_active:
            raise AlreadyDone(f"{person.name} is deactivated already.")
        if Role.ADMINISTRATOR in roles_of(person):
            another_administrator_stays(session, person.id)
        person.is_active = False
        end_sessions(outside, session, person.id)
        end_invitations(outside, session, person.id)
        end_tokens(outside, session, actor, person.id)
        withdraw_of(outside, session, actor, person.id)
        enter(outside, session, actor, "person.deactivated", ("person", person.id, None))


def reactivate(outside: Outside, actor: Actor, person_id: str) -> None:
    """The person can sign in again with the roles held before; ended sessions, tokens and links stay ended."""
    require_administrator(actor)
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        if person.is_active:
            raise AlreadyDone(f"{person.name} is active already.")
        person.is_active = True
        enter(outside, session, actor, "person.reactivated", ("person", person.id, None))
