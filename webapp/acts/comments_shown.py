"""Comments as pages show them: with answers, and whether the line they belong to still stands.

What must not live here: writing them (``webapp.services.comments``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.situation import Case
from webapp.acts.version_texts import fields_of
from webapp.adapters.store.schema import Comment, Person, Version
from webapp.domain.workflow import Situation
from webapp.domain.workflow.stages import DECIDING_ROLES

FIELD_WORDS = {"system_prompt": "system prompt", "user_template": "user template"}


@dataclass(frozen=True)
class AnswerShown:
    """An answer under a comment."""

    author: str
    at: datetime
    text: str


@dataclass(frozen=True)
class CommentShown:
    """A comment. ``resolved`` says by whom in words, or is None; ``case_id`` where it belongs to a case."""

    id: str
    author: str
    at: datetime
    kind: str
    text: str
    anchor: str | None
    case_id: str | None
    quote: str | None
    outdated: bool
    suggestion: str | None
    resolved: str | None
    answers: tuple[AnswerShown, ...]
    may_resolve: bool
    may_accept: bool


def comments_of(session: Session, case: Case, situation: Situation) -> tuple[CommentShown, ...]:
    """The comments of the change, open ones first, then by time."""
    query = select(Comment).where(Comment.change_id == case.change.id).order_by(Comment.written_at, Comment.id)
    rows = session.scalars(query).all()
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name))}
    lines = _present_lines(session, case)
    answers: dict[str, list[AnswerShown]] = {}
    for row in rows:
        if "comment" in row.anchor:
            answer = AnswerShown(names[row.author_id], row.written_at, row.body)
            answers.setdefault(row.anchor["comment"], []).append(answer)
    heads = [row for row in rows if "comment" not in row.anchor]
    shown = [_shown(row, names, lines, tuple(answers.get(row.id, ())), situation) for row in heads]
    return tuple(sorted(shown, key=lambda comment: comment.resolved is not None))


def _shown(
    row: Comment,
    names: Mapping[str, str],
    lines: Mapping[str, list[str]],
    answers: tuple[AnswerShown, ...],
    situation: Situation,
) -> CommentShown:
    actor, is_open = situation.actor, row.resolved_at is None
    contributes = actor.id in situation.contributors
    decides = bool(actor.roles & DECIDING_ROLES) and not contributes
    field, quote = row.anchor.get("field"), row.anchor.get("quote")
    return CommentShown(
        id=row.id,
        author=names[row.author_id],
        at=row.written_at,
        kind=row.kind,
        text=row.body,
        anchor=_anchor_words(row),
        case_id=row.anchor.get("case"),
        quote=quote,
        outdated=field is not None and quote not in lines.get(field, []),
        suggestion=row.suggestion,
        resolved=None if is_open else f"Settled by {names[row.resolved_by or row.author_id]}",
        answers=answers,
        may_resolve=is_open and (actor.id == row.author_id or decides),
        may_accept=is_open and contributes and row.suggestion is not None,
    )


def _anchor_words(row: Comment) -> str | None:
    if "case" in row.anchor:
        return f"Case {row.anchor['case']}"
    if "field" in row.anchor:
        return f"Line {row.anchor['line']} of the {FIELD_WORDS[row.anchor['field']]} (revision {row.revision})"
    return None


def _present_lines(session: Session, case: Case) -> dict[str, list[str]]:
    version = session.get(Version, case.revision.version_id) if case.revision else None
    fields = fields_of(version) if version else {}
    return {name: str(fields.get(name, "")).split("\n") for name in FIELD_WORDS}
