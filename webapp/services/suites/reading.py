"""The pages of test sets: the list, one version with its counts, versions and uses, the difference of two, one case.

What must not live here: anything that stores a version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from webapp.acts.case_text import enter_reading, withheld_from
from webapp.acts.cases_shown import expected_words, find_case
from webapp.acts.suites import count_uses, use_sentence, used_versions
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Person, Run, SuiteRow
from webapp.domain.prompts.suite_versions import Counts, SuiteDifference, compare_contents, count_cases
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.suites.documents import UNKNOWN

CASES_PER_PAGE = 50
LIST = "list"  # what was read: the list of cases, no text


@dataclass(frozen=True)
class SuiteLine:
    """One version as a line of a list; ``runs`` counts runs on it."""

    digest: str
    name: str
    number: int
    case_count: int
    contains_phi: bool
    is_held_out: bool
    stored_by: str
    stored_at: datetime
    runs: int


@dataclass(frozen=True)
class SuiteRows:
    """The newest version of each name, with how many versions it has and how many revisions were tried on them."""

    line: SuiteLine
    uses: int


@dataclass(frozen=True)
class UseLine:
    """A run on a version of this test set."""

    change_id: str
    title: str
    revision: int
    run: int
    version: int
    state: str
    verdict: str | None
    queued_at: datetime


@dataclass(frozen=True)
class CaseLine:
    """A case without its text."""

    id: str
    category: str
    supersedes: str | None
    made_from: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SuiteView:
    """The page of one version. ``withheld`` says why this person does not read its cases, None where they may."""

    line: SuiteLine
    counts: Counts
    versions: tuple[SuiteLine, ...]
    previous: SuiteLine | None
    difference: SuiteDifference | None
    uses: tuple[UseLine, ...]
    use_sentence: str | None
    withheld: str | None
    cases: tuple[CaseLine, ...]
    page: int
    pages: int

    is_erased: bool = False

    @property
    def is_newest(self) -> bool:
        """Is there no later version of this name?"""
        return self.line.number == self.versions[0].number


@dataclass(frozen=True)
class DifferenceView:
    """What ``new`` does to ``old``; ``used`` are the removed cases that stand in a version that was run."""

    old: SuiteLine
    new: SuiteLine
    difference: SuiteDifference
    used: tuple[str, ...]


@dataclass(frozen=True)
class SuiteCaseView:
    """One case with its text; ``withheld`` says why there is none."""

    line: SuiteLine
    case_id: str
    category: str
    cluster: str
    supersedes: str | None
    provenance: Mapping[str, str]
    subgroup: Mapping[str, str]
    inputs: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...]
    expected: tuple[tuple[str, tuple[str, ...]], ...]
    withheld: str | None


def list_suites(outside: Outside, actor: Actor) -> tuple[SuiteRows, ...]:
    """The newest version of each test set, by name."""
    del actor
    newest = select(SuiteRow.name, func.max(SuiteRow.number).label("number")).group_by(SuiteRow.name).subquery()
    query = select(SuiteRow).join(newest, (newest.c.name == SuiteRow.name) & (newest.c.number == SuiteRow.number))
    with outside.database.reading() as session:
        rows = session.scalars(query.order_by(SuiteRow.name).options(defer(SuiteRow.content))).all()
        return tuple(SuiteRows(_line(session, row), count_uses(session, row.name)) for row in rows)


def show_suite(outside: Outside, actor: Actor, digest: str, *, page: int = 1) -> SuiteView:
    """One version of a test set, with a page of its cases; NotFound for an unknown digest. A look at patient data is entered."""
    with outside.database.reading() as session:
        row = _suite(session, digest)
    if row.contains_phi:
        with outside.database.writing() as session:
            enter_reading(outside, session, actor, row, LIST)
    with outside.database.reading() as session:
        versions = _versions(session, row.name)
        previous = next((other for other in versions if other.number < row.number), None)
        before = session.get(SuiteRow, previous.digest) if previous else None
        pages = max(1, -(-row.case_count // CASES_PER_PAGE))
        page = min(max(1, page), pages)
        return SuiteView(
            line=_line(session, row),
            counts=count_cases(row.content),
            versions=versions,
            previous=previous,
            difference=compare_contents(before.content, row.content)
            if before and before.content and row.content
            else None,
            uses=_uses(session, row.name),
            use_sentence=use_sentence(session, row),
            withheld=withheld_from(actor, row),
            cases=_cases(row, (page - 1) * CASES_PER_PAGE),
            page=page,
            pages=pages,
            is_erased=not row.content,
        )


def show_difference(outside: Outside, actor: Actor, digest: str, earlier: str) -> DifferenceView:
    """What one version does to another of the same name: ids and names of fields, never text."""
    del actor
    with outside.database.reading() as session:
        new, old = _suite(session, digest), _suite(session, earlier)
        if new.name != old.name:
            raise NotFound("These are versions of different test sets; choose two of the same one.")
        difference = compare_contents(old.content, new.content)
        used = {
            id
            for version in used_versions(session, new.name)
            for id in compare_contents(version.content, new.content).removed
        }
        removed = tuple(id for id in difference.removed if id in used)
        return DifferenceView(_line(session, old), _line(session, new), difference, removed)


def open_suite_case(outside: Outside, actor: Actor, digest: str, case_id: str) -> SuiteCaseView:
    """One case of a version; that its text was read is entered where it is patient data or a hold-out."""
    with outside.database.reading() as session:
        row = _suite(session, digest)
        line = _line(session, row)
    case, withheld = find_case(row, case_id), withheld_from(actor, row)
    if withheld is None and (row.contains_phi or row.is_held_out):
        with outside.database.writing() as session:
            enter_reading(outside, session, actor, row, case_id)
    return SuiteCaseView(
        line=line,
        case_id=case.id,
        category=case.category,
        cluster="" if withheld or case.cluster == case.id else case.cluster,
        supersedes=case.supersedes,
        provenance=case.provenance,
        subgroup={} if withheld else case.subgroup,
        inputs=() if withheld else tuple(case.inputs.items()),
        context=() if withheld else tuple((chunk.id, chunk.text) for chunk in case.context),
        expected=() if withheld else expected_words(case.expected),
        withheld=withheld,
    )


def _suite(session: Session, digest: str) -> SuiteRow:
    row = session.get(SuiteRow, digest)
    if row is None:
        raise NotFound(UNKNOWN)
    return row


def _versions(session: Session, name: str) -> tuple[SuiteLine, ...]:
    query = select(SuiteRow).where(SuiteRow.name == name).order_by(SuiteRow.number.desc())
    rows = session.scalars(query.options(defer(SuiteRow.content))).all()
    return tuple(_line(session, row) for row in rows)


def _line(session: Session, row: SuiteRow) -> SuiteLine:
    person = session.get(Person, row.stored_by)
    return SuiteLine(
        digest=row.sha256,
        name=row.name,
        number=row.number,
        case_count=row.case_count,
        contains_phi=row.contains_phi,
        is_held_out=row.is_held_out,
        stored_by=person.name if person else row.stored_by,
        stored_at=row.stored_at,
        runs=session.scalar(select(func.count()).select_from(Run).where(Run.suite_sha256 == row.sha256)) or 0,
    )


def _uses(session: Session, name: str) -> tuple[UseLine, ...]:
    query = (
        select(Run, Change.title, SuiteRow.number)
        .join(Change, Change.id == Run.change_id)
        .join(SuiteRow, SuiteRow.sha256 == Run.suite_sha256)
        .where(SuiteRow.name == name)
        .order_by(Run.queued_at.desc(), Run.id.desc())
    )
    return tuple(
        UseLine(
            run.change_id,
            title,
            run.revision,
            run.number,
            version,
            run.state.replace("_", " "),
            run.verdict,
            run.queued_at,
        )
        for run, title, version in session.execute(query)
    )


def _cases(row: SuiteRow, start: int) -> tuple[CaseLine, ...]:
    lines: Sequence[bytes] = row.content.splitlines()[start : start + CASES_PER_PAGE]
    return tuple(_case(json.loads(line)) for line in lines)


def _case(document: Mapping[str, Any]) -> CaseLine:
    made_from = tuple(sorted(document.get("provenance", {}).items()))
    return CaseLine(document["id"], document["category"], document.get("supersedes"), made_from)
