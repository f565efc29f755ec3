"""Who worked on a change: the submitter and every git author, over all its revisions. Contributors never decide on it.

What must not live here: how git is read (the command does it).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Contributor, MailAlias, Person
from webapp.domain.workflow import Actor, Stage
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Conflict, InvalidInput, Refused


def map_contributor(outside: Outside, actor: Actor, change_id: str, contributor_id: str, person_id: str | None) -> None:
    """A git author is this person, or with None nobody here (external); later submissions remember it."""
    if not may(actor.roles, Right.MAP_CONTRIBUTOR):
        raise Refused(
            "Your roles do not let you say who a git author is; ask the author or an administrator.", code="role"
        )
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        row = session.get(Contributor, contributor_id)
        if row is None or row.change_id != case.change.id or row.how != "git":
            raise InvalidInput("This contributor is not part of the change.")
        if Stage(case.change.stage) not in (Stage.DRAFT, Stage.EVALUATION):
            raise Conflict("Contributors are settled before review opens; ask for changes to correct them.")
        if person_id is not None and session.get(Person, person_id) is None:
            raise InvalidInput("Choose a person from the list.")
        owner = session.scalar(select(Person).where(Person.email == row.email))
        if owner is not None and owner.id != person_id:
            raise Conflict(f"{row.email} is the address of {owner.name} here; it cannot be somebody else's.")
        row.person_id, row.is_external = person_id, person_id is None
        _remember_alias(outside, session, actor, row.email, person_id)
        enter(
            outside,
            session,
            actor,
            "contributor.mapped",
            ("change", case.change.id, case.change.revision),
            after=("mapped" if person_id else "external", None),
            payload={"email": row.email, "person": person_id},
        )


def add_contributors(
    outside: Outside, session: Session, actor: Actor, change: Change, people: Sequence[tuple[str, str]]
) -> None:
    """The submitter and every git author are contributors; a known mail address is mapped at once."""
    submitter = session.get_one(Person, actor.id)
    own = _find_or_add(outside, session, change, submitter.name, submitter.email.lower(), "submitted")
    own.person_id, own.is_external = submitter.id, False
    for name, email in people:
        row = _find_or_add(outside, session, change, name, email.strip().lower(), "git")
        if row.person_id is None and not row.is_external:
            row.person_id, row.is_external = _known_as(session, row.email)
    session.flush()


def _known_as(session: Session, address: str) -> tuple[str | None, bool]:
    """Whose address this is, and whether it was declared to be nobody's here."""
    person = session.scalar(select(Person).where(Person.email == address))
    if person is not None:
        return person.id, False
    alias = session.scalar(select(MailAlias).where(MailAlias.email == address))
    return (None, False) if alias is None else (alias.person_id, alias.person_id is None)


def _find_or_add(outside: Outside, session: Session, change: Change, name: str, email: str, how: str) -> Contributor:
    row = session.scalar(select(Contributor).where(Contributor.change_id == change.id, Contributor.email == email))
    if row is None:
        row = Contributor(
            id=outside.new_id("con"), change_id=change.id, email=email, name=name or email, how=how, person_id=None,
            is_external=False, added_at=outside.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
    return row


def _remember_alias(outside: Outside, session: Session, actor: Actor, email: str, person_id: str | None) -> None:
    alias = session.scalar(select(MailAlias).where(MailAlias.email == email))
    if alias is None:
        alias = MailAlias(id=outside.new_id("als"), email=email, declared_by=actor.id, declared_at=outside.now())
        session.add(alias)
    alias.person_id, alias.declared_by, alias.declared_at = person_id, actor.id, outside.now()
