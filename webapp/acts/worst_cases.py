"""The listed worst cases of a run, and which of them a person has opened.

What must not live here: choosing them and showing their answers (``webapp.services.evaluation``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import Reader, reader_of
from webapp.acts.results import open_result
from webapp.acts.situation import Case
from webapp.adapters.store.schema import FindingRow
from webapp.domain.workflow import Actor


@dataclass(frozen=True)
class WorstCase:
    """One of the worst cases: what is wrong with it in a sentence, and its critical findings."""

    case_id: str
    category: str
    sentence: str
    is_critical: bool
    findings: tuple[str, ...]
    is_opened: bool


def worst_cases(session: Session, case: Case, actor: Actor) -> tuple[WorstCase, ...]:
    """The worst cases in the order of the result, critical first."""
    if case.run is None or case.run.result_sha256 is None:
        return ()
    reader = reader_of(session, actor, case.run)
    listed = open_result(session, case.run).get("worst_cases", ())
    return tuple(_worst_case(session, case.run.id, one, reader) for one in listed)


def _worst_case(session: Session, run_id: str, listed: dict[str, object], reader: Reader) -> WorstCase:
    case_id = str(listed["case"])
    findings = session.scalars(
        select(FindingRow.sentence).where(FindingRow.run_id == run_id, FindingRow.case_id == case_id)
    )
    return WorstCase(
        case_id=case_id,
        category=str(listed.get("category", "")),
        sentence=reader.words(case_id, str(listed["sentence"])),
        is_critical=bool(listed["critical"]),
        findings=tuple(dict.fromkeys(reader.words(case_id, sentence) for sentence in findings)),
        is_opened=case_id in reader.opened,
    )
