"""Storing versions of a test set. A stored one is never edited, and a case that was used in a run keeps its content for ever.

Versions of one name carry the marks of the one before: what once held patient data or was held out stays so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.case_text import reads_held_out
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Run, SuiteRow
from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.suite import Suite
from webapp.domain.prompts.suite_versions import EditedCase, compare_contents
from webapp.domain.workflow import Actor
from webapp.errors import Conflict, Refused

UNMARKED = {
    "contains_phi": "This test set is stored already without the mark for patient data; a stored one is never edited. Tell an administrator.",
    "is_held_out": "This test set is stored already and was no hold-out then: its cases may be known. Choose other cases for a hold-out.",
}


def store_suite(
    outside: Outside,
    session: Session,
    actor: Actor,
    suite: Suite,
    *,
    contains_phi: bool = False,
    is_held_out: bool = False,
    grown_from: str | None = None,
    source: str = "the test set",
) -> SuiteRow:
    """The test set is stored as the next version of its name and entered; one that is already there is left as it is.

    InvalidInput names every used case that has other content; Conflict where it stands stored without a mark wanted now.
    """
    known = session.get(SuiteRow, suite.digest)
    if known is not None:
        if not known.content:
            raise Conflict(
                "The text of this test set was erased when its years were over; it is not stored a second time. Add or change a case.",
                code="suite_erased",
            )
        _require_marks(known, contains_phi=contains_phi, is_held_out=is_held_out)
        return known
    before = newest_version(session, suite.name)
    if (is_held_out or (before and before.is_held_out)) and not reads_held_out(actor):
        raise Refused(
            "A hold-out test set is imported by an informaticist who writes no prompts; give this one another name.",
            code="held_out",
        )
    _refuse_edited(session, suite, source)
    row = SuiteRow(
        sha256=suite.digest,
        name=suite.name,
        number=before.number + 1 if before else 1,
        grown_from=grown_from,
        content=suite.to_jsonl(),
        case_count=len(suite.cases),
        contains_phi=contains_phi or bool(before and before.contains_phi),
        is_held_out=is_held_out or bool(before and before.is_held_out),
        stored_by=actor.id,
        stored_at=outside.now(),
    )
    session.add(row)
    session.flush()
    enter(
        outside, session, actor, "suite.stored", ("suite", suite.digest, row.number), after=("stored", suite.digest)
    )  # fmt: skip
    return row


def newest_version(session: Session, name: str) -> SuiteRow | None:
    """The newest version of this name."""
    query = select(SuiteRow).where(SuiteRow.name == name).order_by(SuiteRow.number.desc()).limit(1)
    return session.scalar(query)


def grown_version(session: Session, suite: SuiteRow) -> SuiteRow:
    """The test set with every case that was made from a failure since; itself where none was."""
    query = select(SuiteRow).where(SuiteRow.grown_from == suite.sha256).order_by(SuiteRow.number.desc()).limit(1)
    while (grown := session.scalar(query)) is not None:
        suite = grown
        query = select(SuiteRow).where(SuiteRow.grown_from == suite.sha256).order_by(SuiteRow.number.desc()).limit(1)
    return suite


def used_versions(session: Session, name: str) -> Sequence[SuiteRow]:
    """The versions of this name that a run was made on, oldest first."""
    runs = select(Run.suite_sha256)
    query = select(SuiteRow).where(SuiteRow.name == name, SuiteRow.sha256.in_(runs)).order_by(SuiteRow.number)
    return session.scalars(query).all()


def count_uses(session: Session, name: str) -> int:
    """How many revisions were run on any version of this name: each one that was tried and looked at counts once."""
    versions = select(SuiteRow.sha256).where(SuiteRow.name == name)
    query = select(Run.change_id, Run.revision).where(Run.suite_sha256.in_(versions), Run.started_at.is_not(None))
    return session.scalar(select(func.count()).select_from(query.distinct().subquery())) or 0


def use_sentence(session: Session, suite: SuiteRow) -> str | None:
    """How often a hold-out was looked at; None for other test sets."""
    if not suite.is_held_out:
        return None
    uses = count_uses(session, suite.name)
    times = "once" if uses == 1 else f"{uses} times"
    return f"Hold-out test set, used {times}; a test set that is looked at often stops being a hold-out."


def suite_summary(suite: SuiteRow) -> dict[str, Any]:
    """A test set as a document, without its cases."""
    return {
        "digest": suite.sha256,
        "name": suite.name,
        "number": suite.number,
        "cases": suite.case_count,
        "contains_phi": suite.contains_phi,
        "is_held_out": suite.is_held_out,
    }


def _require_marks(known: SuiteRow, **wanted: bool) -> None:
    for mark, sentence in UNMARKED.items():
        if wanted[mark] and not getattr(known, mark):
            raise Conflict(sentence, code="suite_unmarked")


def _refuse_edited(session: Session, suite: Suite, source: str) -> None:
    """No case that was used in a run has other content under its old id."""
    content = suite.to_jsonl()
    edited = {case.id: case for case in _edited(used_versions(session, suite.name), content)}
    faults = Faults()
    for case, line in zip(suite.cases, suite.lines or [None] * len(suite.cases), strict=True):
        if case.id in edited:
            faults.add(Fault(source, "id", _edited_words(edited[case.id]), line))
    faults.raise_if_any()


def _edited(versions: Sequence[SuiteRow], content: bytes) -> Iterator[EditedCase]:
    for version in versions:
        yield from compare_contents(version.content, content).edited


def _edited_words(case: EditedCase) -> str:
    return (
        f"{case.id} was used in a run and has another {' and '.join(case.fields)} here; a used case is never edited. "
        f"Give it a new id and write supersedes: {case.id}"
    )
