"""Giving and taking roles. A revoked role keeps its row, so that the role held at any moment can be told."""

from __future__ import annotations

from webapp.acts.policies import withdraw_of
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.stages import ROLE_WORDS
from webapp.errors import AlreadyDone
from webapp.services.people.inviting import add_role
from webapp.services.people.rules import (
    another_administrator_stays,
    find_locked,
    granted_by,
    read_role,
    require_administrator,
    roles_go_together,
    roles_of,
)


def grant_role(outside: Outside, actor: Actor, person_id: str, role: str) -> None:
    """The person holds the role from now on; Refused when it does not go with the others."""
    require_administrator(actor)
    wanted = read_role(role)
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        held = roles_of(person)
        if wanted in held:
            raise AlreadyDone(f"{person.name} is {ROLE_WORDS[wanted]} already.")
        roles_go_together(held | {wanted})
        add_role(outside, session, actor, person.id, wanted)


def revoke_role(outside: Outside, actor: Actor, person_id: str, role: str) -> None:
    """The person does not hold the role any more; the last administrator stays one."""
    require_administrator(actor)
    wanted = read_role(role)
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        grants = [grant for grant in person.roles if grant.role == wanted and grant.revoked_at is None]
        if not grants:
            raise AlreadyDone(f"{person.name} is not {ROLE_WORDS[wanted]}.")
        if wanted is Role.ADMINISTRATOR:
            another_administrator_stays(session, person.id)
        for grant in grants:
            grant.revoked_at, grant.revoked_by = outside.now(), granted_by(actor)
        if wanted is Role.ADMINISTRATOR:
            withdraw_of(outside, session, actor, person.id)
        enter(outside, session, actor, "role.revoked", ("person", person.id, None), reason=wanted.value)
