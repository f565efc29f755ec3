"""Who reads the text of cases: of a hold-out test set whoever writes no prompts, of one with patient data as far as the role allows.

A read of patient data or of a hold-out is an entry of the audit log. What must not live here: showing the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CaseOpening, Run, SuiteRow
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Refused

HELD_OUT = (
    "Left out: this is a hold-out test set. Only informaticists and physicians who write no prompts read its cases, "
    "so that nobody fits a prompt to them."
)
PATIENT_DATA = (
    "Left out: this test set holds patient data, and your roles do not let you read it; ask an administrator."
)
QUOTING = ("worst_cases", "criticals")  # lists of a result whose sentences may quote a case
FOR_PROGRAMS_PHI = "Left out here: this test set holds patient data. Open the case on its page."
FOR_PROGRAMS_HELD_OUT = "Left out here: this is a hold-out test set."
UNOPENED = "Open the case to read this: it holds patient data, and who reads it is kept in the audit log."
ALL_CASES = "all"


@dataclass(frozen=True)
class Reader:
    """What one person reads of the cases of a run: ``withheld`` says why nothing; patient data only of ``opened`` cases."""

    withheld: str | None
    contains_phi: bool
    opened: frozenset[str]

    def words(self, case_id: str, sentence: str) -> str:
        """The sentence, or what stands in its place, because it may quote the case."""
        if self.withheld:
            return self.withheld
        return UNOPENED if self.contains_phi and case_id not in self.opened else sentence


def reader_of(session: Session, actor: Actor, run: Run) -> Reader:
    """What this person reads of the cases of this run now."""
    suite = session.get_one(SuiteRow, run.suite_sha256)
    query = select(CaseOpening.case_id).where(CaseOpening.run_id == run.id, CaseOpening.person_id == actor.id)
    return Reader(withheld_from(actor, suite), suite.contains_phi, frozenset(session.scalars(query)))


def reads_held_out(actor: Actor) -> bool:
    """May this person read hold-out cases? Physicians sign on their worst cases; an author never reads them, whatever else they are."""
    return may(actor.roles, Right.READ_HELD_OUT_CASES) and Role.AUTHOR not in actor.roles


def withheld_from(actor: Actor, suite: SuiteRow) -> str | None:
    """Why this person is not shown the text of the cases; None when they may read it."""
    if suite.is_held_out and not reads_held_out(actor):
        return HELD_OUT
    if suite.contains_phi and not may(actor.roles, Right.READ_PHI_CASES):
        return PATIENT_DATA
    return None


def require_reader(actor: Actor, suite: SuiteRow) -> None:
    """This person may read the text of the cases; Refused with the reason otherwise."""
    sentence = withheld_from(actor, suite)
    if sentence is not None:
        raise Refused(sentence, code="withheld")


def left_out_of_documents(suite: SuiteRow) -> str | None:
    """What stands in documents and reports in place of words that may quote a case; None where they are shown."""
    if suite.is_held_out:
        return FOR_PROGRAMS_HELD_OUT
    return FOR_PROGRAMS_PHI if suite.contains_phi else None


def without_words(row: Mapping[str, Any], sentence: str | None) -> dict[str, Any]:
    """The row with ``sentence`` in place of its own, which may quote a case; as it is where nothing is left out."""
    return {**row, "sentence": sentence} if sentence and row.get("sentence") else dict(row)


def result_without_words(result: Mapping[str, Any], sentence: str | None) -> dict[str, Any]:
    """The result document, with ``sentence`` in place of each of those that may quote a case."""
    told = {name: [without_words(row, sentence) for row in result[name]] for name in QUOTING if name in result}
    return {**result, **told}


def enter_reading(outside: Outside, session: Session, actor: Actor, suite: SuiteRow, case_id: str = ALL_CASES) -> None:
    """That this person read the case, or all of them, stands in the audit log: of patient data and of hold-outs."""
    if suite.contains_phi or suite.is_held_out:
        enter(
            outside, session, actor, "suite.read", ("suite", suite.sha256, suite.number), payload={"case": case_id}
        )  # fmt: skip
