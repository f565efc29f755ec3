"""Importing a test set: all of it is good and stored as the next version of its name, or nothing is stored at all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.acts.case_text import reads_held_out
from webapp.acts.suites import newest_version, store_suite, used_versions
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import SuiteRow
from webapp.domain.prompts.suite import Suite
from webapp.domain.prompts.suite_files import JSONL, read_suite_file
from webapp.domain.prompts.suite_versions import SuiteDifference, compare_contents
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Conflict, InvalidInput, Refused

LONGEST_NAME = 200
LISTED_IDS = 10


@dataclass(frozen=True)
class SuiteGiven:
    """What somebody hands in. ``source`` is what faults are named by; ``form``: jsonl or csv."""

    content: bytes
    name: str
    form: str = JSONL
    source: str = "the test set"
    contains_phi: bool = False
    is_held_out: bool = False


@dataclass(frozen=True)
class Imported:
    """What was stored, what it does to the version before (None for a first one), and what a person should look at."""

    digest: str
    name: str
    number: int
    case_count: int
    is_new: bool
    difference: SuiteDifference | None
    warnings: tuple[str, ...]


def import_suite(outside: Outside, actor: Actor, given: SuiteGiven) -> Imported:
    """The test set is stored as the next version of its name; InvalidInput lists every fault and stores nothing."""
    if not may(actor.roles, Right.IMPORT_SUITE):
        raise Refused("Importing a test set needs the role AI team or clinical informaticist.", code="role")
    name = given.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Give the test set a name of at most {LONGEST_NAME} characters.", details={"field": "name"})
    suite = read_suite_file(given.content, given.source, form=given.form, name=name)
    with outside.database.writing() as session:
        before = newest_version(session, name)
        _require_closed(before, given)
        is_new = session.get(SuiteRow, suite.digest) is None
        row = store_suite(
            outside, session, actor, suite,
            contains_phi=given.contains_phi, is_held_out=given.is_held_out, source=given.source,
        )  # fmt: skip
        difference = compare_contents(before.content, row.content) if before and is_new else None
        warnings = _warnings(session, suite, row, difference, given, is_new=is_new)
    return Imported(row.sha256, row.name, row.number, row.case_count, is_new, difference, warnings)


def may_hold_out(actor: Actor) -> bool:
    """May this person import a hold-out?"""
    return may(actor.roles, Right.IMPORT_SUITE) and reads_held_out(actor)


def _require_closed(before: SuiteRow | None, given: SuiteGiven) -> None:
    """A hold-out starts under a name of its own: versions that everybody could read are none."""
    if given.is_held_out and before is not None and not before.is_held_out:
        raise Conflict(
            f"{before.name} has a version that everybody can read; give the hold-out a name of its own.",
            code="not_held_out",
        )


def _warnings(
    session: Session,
    suite: Suite,
    row: SuiteRow,
    difference: SuiteDifference | None,
    given: SuiteGiven,
    *,
    is_new: bool,
) -> tuple[str, ...]:
    found = []
    if not is_new:
        found.append(f"These cases are stored already, as version {row.number} of {row.name}.")
    if is_new and row.contains_phi and not given.contains_phi:
        found.append("Marked as holding patient data, like the version before it.")
    if difference and difference.removed:
        used = _used_ids(session, row, difference.removed)
        found.append(f"Removed: {_listed(difference.removed)}." + (f" Used in a run: {_listed(used)}." if used else ""))
    if difference and (unknown := _unknown_superseded(suite, difference)):
        found.append(f"No earlier version has the case that {_listed(unknown)} would replace; check supersedes.")
    return tuple(found)


def _used_ids(session: Session, row: SuiteRow, ids: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the removed cases that stand in a version which was run."""
    gone: set[str] = set()
    for version in used_versions(session, row.name):
        gone.update(compare_contents(version.content, row.content).removed)
    return tuple(id for id in ids if id in gone)


def _unknown_superseded(suite: Suite, difference: SuiteDifference) -> tuple[str, ...]:
    added = set(difference.added)
    return tuple(case.id for case in suite.cases if case.supersedes and case.id in added)


def _listed(ids: tuple[str, ...]) -> str:
    more = len(ids) - LISTED_IDS
    return ", ".join(ids[:LISTED_IDS]) + (f" and {more} more" if more > 0 else "")
