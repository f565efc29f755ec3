"""The difference of a change's content to what is live, or to its own previous revision, read from stored versions.

What must not live here: the comparing itself (``webapp.domain.prompts.difference``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.situation import Case
from webapp.acts.version_texts import file_of
from webapp.adapters.store.schema import Release, Revision, Version
from webapp.domain.prompts.difference import FieldChange, PromptDifference, compare_prompts
from webapp.domain.prompts.prompt_file import CLAIMS, STATED_ONLY


@dataclass(frozen=True)
class Compared:
    """A difference with what stands on both sides. ``old_words``: "live v1 (1.0)", or "nothing live yet"."""

    difference: PromptDifference
    old: Version | None
    new: Version
    old_words: str
    fields: tuple[FieldChange, ...]


def compare_with_live(session: Session, case: Case) -> Compared:
    """The present revision against the live release that the change is based on."""
    release = session.get(Release, case.change.baseline_release_id or "")
    old = None if release is None else session.get_one(Version, release.version_id)
    before = None if release is None else _revision_of(session, release)
    return _compared(session, case, old, before, "live")


def compare_with_previous(session: Session, case: Case) -> Compared | None:
    """The present revision against the one before; None for the first."""
    query = select(Revision).where(Revision.change_id == case.change.id, Revision.number == case.change.revision - 1)
    before = session.scalar(query)
    if before is None:
        return None
    return _compared(session, case, session.get_one(Version, before.version_id), before, "previous revision")


def version_words(version: Version | None) -> str | None:
    """A version as pages name it: v3 (1.2)."""
    return None if version is None else f"v{version.number} ({version.label})"


def _compared(session: Session, case: Case, old: Version | None, before: Revision | None, words: str) -> Compared:
    assert case.revision is not None
    new = session.get_one(Version, case.revision.version_id)
    difference = compare_prompts(None if old is None else file_of(old), file_of(new))
    model = () if before is None or before.model == case.revision.model else (
        FieldChange("model", before.model, case.revision.model),
    )  # fmt: skip
    fields = (*model, *(_with_standing(field) for field in difference.fields if field.name != "model"))
    old_words = f"{words} {version_words(old)}" if old else "nothing live yet"
    return Compared(difference, old, new, old_words, fields)


def _with_standing(change: FieldChange) -> FieldChange:
    """A claim of the author says of itself that it is not used."""
    if change.name.removeprefix("metadata.") not in CLAIMS:
        return change
    return FieldChange(f"{change.name} ({STATED_ONLY})", change.old, change.new)


def _revision_of(session: Session, release: Release) -> Revision | None:
    query = select(Revision).where(Revision.change_id == release.change_id, Revision.version_id == release.version_id)
    return session.scalars(query.order_by(Revision.number.desc())).first()
