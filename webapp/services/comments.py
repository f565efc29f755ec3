"""Comments on a change: questions, must-fix remarks and notes, on the whole, on a case or on a line of the text.

A must-fix comment blocks approval and signature until it is resolved. Who wrote a suggestion that was accepted is a
contributor from then on and decides no more. What must not live here: decisions (``review``, ``signoff``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.clock import start_again
from webapp.acts.manifests import build_manifest
from webapp.acts.recording import enter
from webapp.acts.situation import Case, load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Comment, Contributor, Person, SuiteRow, Version
from webapp.domain.prompts.suite import read_suite
from webapp.domain.workflow import ENDED, Actor, Stage
from webapp.domain.workflow.evidence import LONGEST_REASON
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import DECIDING_ROLES
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Stale

KINDS = ("question", "must_fix", "note")
FIELDS = ("system_prompt", "user_template")


@dataclass(frozen=True)
class Draft:
    """A comment as it is typed. ``anchor``: empty, ``case:ID`` or ``line:FIELD:NUMBER`` (from 1) of the new text.

    ``digest`` is that of the page; it matters only for a line. ``answers`` is the id of the comment that this one answers.
    """

    kind: str
    text: str
    anchor: str = ""
    suggestion: str = ""
    digest: str = ""
    answers: str = ""


def write(outside: Outside, actor: Actor, change_id: str, draft: Draft) -> Comment:
    """The comment stands on the change and is entered; InvalidInput says what is wrong with it."""
    _require_right(actor)
    _check(draft)
    with outside.database.writing() as session:
        case = _open_change(session, change_id)
        comment = Comment(
            id=outside.new_id("cmt"),
            change_id=case.change.id,
            revision=case.change.revision,
            author_id=actor.id,
            kind="note" if draft.answers else draft.kind,
            body=draft.text.strip(),
            anchor=_anchor(session, case, draft),
            suggestion=draft.suggestion.strip() or None,
            written_at=outside.now(),
        )
        session.add(comment)
        session.flush()
        payload = {
            "comment": comment.id,
            "text": comment.body,
            "anchor": comment.anchor,
            "suggestion": comment.suggestion,
        }
        enter(
            outside, session, actor, "comment.written", ("change", case.change.id, case.change.revision),
            after=(comment.kind, None), payload=payload,
        )  # fmt: skip
    return comment


def resolve(outside: Outside, actor: Actor, change_id: str, comment_id: str) -> None:
    """The comment is settled: by its writer, or by an informaticist or physician who did not contribute."""
    _require_right(actor)
    with outside.database.writing() as session:
        case, comment = _open_comment(session, change_id, comment_id)
        if not may_resolve(actor, comment, read_situation(outside, session, case, actor).contributors):
            raise Refused(
                "A comment is resolved by who wrote it, or by a reviewer or physician who did not contribute."
            )
        _settle(outside, session, actor, case, comment, "resolved")


def accept_suggestion(outside: Outside, actor: Actor, change_id: str, comment_id: str) -> None:
    """The suggestion is taken up: its writer is a contributor of the change and cannot decide on it any more."""
    _require_right(actor)
    with outside.database.writing() as session:
        case, comment = _open_comment(session, change_id, comment_id)
        if comment.suggestion is None:
            raise InvalidInput("This comment suggests no wording.")
        if actor.id not in read_situation(outside, session, case, actor).contributors:
            raise Refused("Only the people who work on this change accept a suggestion.", code="not_a_contributor")
        if Stage(case.change.stage) not in (Stage.DRAFT, Stage.EVALUATION, Stage.REVIEW):
            raise Conflict("The review is closed; ask for changes to take up a suggestion.")
        _make_contributor(outside, session, case, session.get_one(Person, comment.author_id))
        _settle(outside, session, actor, case, comment, "accepted")
        if case.change.manifest_sha256 is not None and case.change.stage == Stage.REVIEW.value:
            build_manifest(outside, session, case)  # it names the contributors


def may_resolve(actor: Actor, comment: Comment, contributors: frozenset[str]) -> bool:
    """May this person settle the comment? A contributor settles only what they wrote themselves."""
    return actor.id == comment.author_id or bool(actor.roles & DECIDING_ROLES and actor.id not in contributors)


def _settle(outside: Outside, session: Session, actor: Actor, case: Case, comment: Comment, how: str) -> None:
    comment.resolved_by, comment.resolved_at = actor.id, outside.now()
    session.flush()
    start_again(session, case.change, comment, outside.now())
    enter(
        outside, session, actor, "comment.resolved", ("change", case.change.id, case.change.revision),
        after=(how, None), payload={"comment": comment.id},
    )  # fmt: skip


def _require_right(actor: Actor) -> None:
    if not may(actor.roles, Right.COMMENT):
        raise Refused("Comments are written by authors, informaticists and physicians.", code="role")


def _check(draft: Draft) -> None:
    if draft.kind not in KINDS:
        raise InvalidInput("A comment is a question, a must fix or a note.", details={"field": "kind"})
    if not draft.text.strip():
        raise InvalidInput("Write the comment.", details={"field": "text"})
    for field, text in (("text", draft.text), ("suggestion", draft.suggestion)):
        if len(text) > LONGEST_REASON:
            sentence = f"At most {LONGEST_REASON} characters, please; this has {len(text)}."
            raise InvalidInput(sentence, details={"field": field})


def _open_change(session: Session, change_id: str) -> Case:
    case = load_change(session, change_id, locked=True)
    if Stage(case.change.stage) in ENDED:
        raise Conflict("The change is over, so nothing more is commented on it.")
    return case


def _open_comment(session: Session, change_id: str, comment_id: str) -> tuple[Case, Comment]:
    case = _open_change(session, change_id)
    comment = session.get(Comment, comment_id)
    if comment is None or comment.change_id != change_id:
        raise NotFound("There is no such comment on this change.")
    if comment.resolved_at is not None:
        raise Conflict("The comment is settled already.")
    return case, comment


def _anchor(session: Session, case: Case, draft: Draft) -> dict[str, Any]:
    if draft.answers:
        answered = session.get(Comment, draft.answers)
        if answered is None or answered.change_id != case.change.id:
            raise NotFound("The comment you answer is not on this change.")
        return {"comment": str(answered.anchor.get("comment", answered.id))}
    kind, _, rest = draft.anchor.partition(":")
    if kind == "case":
        return {"case": _case_id(session, case, rest)}
    if kind == "line":
        if draft.digest and draft.digest != case.change.digest:
            raise Stale("The text changed since you opened the page; look at the new one and comment there.")
        return _line(session, case, rest)
    if draft.anchor:
        raise InvalidInput("A comment belongs to the change, to a case or to a line of the text.")
    return {}


def _case_id(session: Session, case: Case, case_id: str) -> str:
    row = session.get(SuiteRow, case.run.suite_sha256) if case.run else None
    known = {one.id for one in read_suite(row.content, "the test set", name=row.name).cases} if row else set()
    if case_id not in known:
        raise InvalidInput("The test set has no such case.")
    return case_id


def _line(session: Session, case: Case, place: str) -> dict[str, Any]:
    """The line with its words, so that a later revision can tell whether it still stands."""
    field, _, number = place.partition(":")
    version = session.get(Version, case.revision.version_id) if case.revision else None
    lines = str(version.fields.get(field, "")).split("\n") if version and field in FIELDS else []
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= len(lines)):
        raise InvalidInput("The text has no such line; count them in the difference.", details={"field": "line"})
    return {"field": field, "line": int(number), "quote": lines[int(number) - 1]}


def _make_contributor(outside: Outside, session: Session, case: Case, person: Person) -> None:
    query = select(Contributor).where(Contributor.change_id == case.change.id, Contributor.email == person.email)
    row = session.scalar(query)
    if row is None:
        row = Contributor(
            id=outside.new_id("con"), change_id=case.change.id, email=person.email, name=person.name,
            how="suggestion", is_external=False, added_at=outside.now(),
        )  # fmt: skip
        session.add(row)
    row.person_id, row.is_external = person.id, False
    session.flush()
