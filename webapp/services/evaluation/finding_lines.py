"""The critical findings of a run as lines of a page: what, how often, and who decided.

What must not live here: deciding them (``deciding``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import Reader, reader_of
from webapp.adapters.store.schema import FindingRow, Person, Run
from webapp.domain.measures import BY_NAME
from webapp.domain.workflow import Actor


@dataclass(frozen=True)
class FindingLine:
    """A critical finding of the new version; ``counts`` like "2 of 3 new answers and 0 of 3 live ones", ``is_new``: live does not have it."""

    id: str
    case_id: str
    measure: str
    sentence: str
    counts: str
    is_new: bool
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


def finding_lines(session: Session, run: Run | None, actor: Actor) -> tuple[FindingLine, ...]:
    """The findings as this person may read them, new ones first; none where there is no run."""
    if run is None:
        return ()
    query = select(FindingRow).where(FindingRow.run_id == run.id)
    rows = session.scalars(query.order_by(FindingRow.baseline_count, FindingRow.case_id, FindingRow.id)).all()
    reader, has_live = reader_of(session, actor, run), run.baseline_release_id is not None
    return tuple(_finding(session, row, reader, has_live=has_live) for row in rows)


def _finding(session: Session, row: FindingRow, reader: Reader, *, has_live: bool) -> FindingLine:
    live = f" and {row.baseline_count} of {row.live_repeats or row.repeats} live ones" if has_live else ""
    person = session.get(Person, row.decided_by or "")
    return FindingLine(
        id=row.id,
        case_id=row.case_id,
        measure=BY_NAME[row.metric].words if row.metric in BY_NAME else row.metric,
        sentence=reader.words(row.case_id, row.sentence),
        counts=f"{row.candidate_count} of {row.repeats} new answers{live}",
        is_new=row.baseline_count == 0,
        decision=row.decision,
        decided_by=person.name if person else None,
        decided_at=row.decided_at,
        reason=row.decision_reason,
    )
