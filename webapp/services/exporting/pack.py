"""The lists of an audit pack: what was signed, refused and voided, exceptions, what was live, people and roles, policy and keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.acts.entries_shown import entry_shown
from webapp.adapters.store.schema import (
    Change,
    ExceptionRow,
    ExportRow,
    Leaf,
    LivePeriod,
    Person,
    Prompt,
    Release,
    Version,
)
from webapp.domain.record.audit_pack import Period, Table
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.record_page import SIGNATURE_COLUMNS
from webapp.domain.workflow import Actor
from webapp.services.exporting.signed import lines_of_envelopes

ROWS_A_BEAT = 500
ENTRY_COLUMNS = ("entry", "at", "what", "type", "who", "roles", "via", "about", "before", "after", "reason")
REFUSED = (
    "signature.refused",
    "access.refused",
    "session.refused",
    "session.locked",
    "factor.refused",
    "reauthentication.failed",
    "change.reject",
)
VOIDED = ("signature.voided", "release.withdrawn")
OF_PEOPLE = ("person.", "role.", "factor.", "token.")
OF_WATCH = ("trail.", "alert.", "export.", "suite.read", "payload.")
OF_RULES = ("policy.", "key.", "log.", "prompt.")


def period_of(session: Session, row: ExportRow, size: int) -> Period:
    """Which entries of the log of ``size`` entries are of the pack's period: times never decrease, so they stand side by side."""
    since, until = _ends(row)
    inside = (Leaf.at >= since, Leaf.at < until, Leaf.seq < size)
    first, last = session.execute(select(func.min(Leaf.seq), func.max(Leaf.seq)).where(*inside)).one()
    signatures = session.scalar(select(func.count()).select_from(Leaf).where(*inside, Leaf.type == "signature.applied"))
    return Period(timestamp(since), timestamp(until), first, last, signatures or 0)


def pack_of(
    session: Session, row: ExportRow, period: Period, reader: Actor, beat: Callable[[], None]
) -> tuple[Table, ...]:
    """The lists of the pack, in the order in which an auditor asks for them; ``beat`` is called from time to time."""
    since, until = _ends(row)
    people = {row.id: row.name for row in session.execute(select(Person.id, Person.name))}

    def listed(name: str, title: str, about: str, empty: str, kinds: Sequence[str]) -> Table:
        rows = [_cells(session, reader, leaf) for leaf in _beaten(_leaves(session, period, kinds), beat)]
        return Table(name, title, about, empty, ENTRY_COLUMNS, rows)

    return (
        Table(
            "signed",
            "Signed",
            "Every signature that was given in the period, with its validity at the export.",
            "Nobody signed anything in this period.",
            SIGNATURE_COLUMNS,
            [line.cells() for line in lines_of_envelopes(session, _envelopes(session, period))],
        ),
        listed("refused", "Refused", "Refused acts, failed and locked sign-ins, rejected changes.", "Nothing was refused.", REFUSED),
        listed("voided", "Voided", "Signatures and releases that lost their validity.", "Nothing was voided.", VOIDED),
        _exceptions(session, since, until, people),
        _live(session, since, until),
        listed("people", "People and roles", "Who came, left, got or lost a role, a second factor or a token.", "Nothing changed.", OF_PEOPLE),
        listed("policy", "Policy, prompts and keys", "Policy versions, registered prompts, keys of the log.", "Nothing changed.", OF_RULES),
        listed("oversight", "Reviews of the log, alerts, exports", "Who looked after the record and who read from it.", "Nobody.", OF_WATCH),
        Table(
            "program",
            "Program and configuration",
            "The program's version and the digest of its configuration at the first entry, and each entry from which they were others.",
            "No entry of the log is of this period.",
            ("from_entry", "at", "version", "configuration_sha256"),
            list(_programs(session, period)),
        ),
    )  # fmt: skip


def _beaten(leaves: Sequence[Leaf], beat: Callable[[], None]) -> Iterator[Leaf]:
    for number, leaf in enumerate(leaves):
        if number % ROWS_A_BEAT == 0:
            beat()
        yield leaf


def _ends(row: ExportRow) -> tuple[datetime, datetime]:
    assert row.since is not None
    assert row.until is not None
    return row.since, row.until


def _leaves(session: Session, period: Period, kinds: Sequence[str]) -> Sequence[Leaf]:
    """The entries of the period of these types, or of those that begin so where a kind ends with a dot."""
    if period.first is None or period.last is None:
        return ()
    chosen = or_(
        *(Leaf.type.startswith(kind, autoescape=True) if kind.endswith(".") else Leaf.type == kind for kind in kinds)
    )
    query = select(Leaf).where(Leaf.seq >= period.first, Leaf.seq <= period.last, chosen)
    return session.scalars(query.order_by(Leaf.seq)).all()


def _envelopes(session: Session, period: Period) -> list[str]:
    leaves = _leaves(session, period, ("signature.applied",))
    return [digest for leaf in leaves for digest in json.loads(leaf.content)["attest"]]


def _cells(session: Session, reader: Actor, leaf: Leaf) -> tuple[object, ...]:
    entry = entry_shown(session, reader, leaf)
    about = f"{entry.entity_type} {entry.entity_id}"
    who = entry.actor_name, ", ".join(entry.roles), entry.via
    return (
        entry.seq,
        timestamp(entry.at),
        entry.sentence,
        entry.type,
        *who,
        about,
        entry.before,
        entry.after,
        entry.reason,
    )


def _exceptions(session: Session, since: datetime, until: datetime, people: dict[str, str]) -> Table:
    query = (
        select(ExceptionRow, Change.title, Change.stage, Prompt.name)
        .join(Change, Change.id == ExceptionRow.change_id)
        .join(Prompt, Prompt.id == Change.prompt_id)
        .where(ExceptionRow.asked_at < until, ExceptionRow.ends_on >= date(since.year, since.month, since.day))
        .order_by(ExceptionRow.asked_at, ExceptionRow.id)
    )
    rows = [
        (
            name, one.change_id, title, stage, one.revision, one.measure, one.reason,
            people.get(one.asked_by), timestamp(one.asked_at), one.ends_on,
        )
        for one, title, stage, name in session.execute(query)
    ]  # fmt: skip
    columns = (
        "prompt",
        "change",
        "title",
        "stage_now",
        "revision",
        "measure",
        "reason",
        "asked_by",
        "asked_at",
        "ends_on",
    )
    about = "Exceptions that were asked for or ran in the period; they are granted by the signatures of their change that name them."
    return Table("exceptions", "Exceptions", about, "No exception ran in this period.", columns, rows)


def _live(session: Session, since: datetime, until: datetime) -> Table:
    query = (
        select(LivePeriod, Prompt.name, Release, Version.number)
        .join(Prompt, Prompt.id == LivePeriod.prompt_id)
        .outerjoin(Release, Release.id == LivePeriod.release_id)
        .outerjoin(Version, Version.id == Release.version_id)
        .where(LivePeriod.began_at < until, or_(LivePeriod.ended_at.is_(None), LivePeriod.ended_at > since))
        .order_by(Prompt.name, LivePeriod.began_at, LivePeriod.id)
    )
    rows = [
        (
            name,
            timestamp(one.began_at),
            timestamp(one.ended_at) if one.ended_at else "",
            one.entry_seq,
            number,
            *_served(release),
        )
        for one, name, release, number in session.execute(query)
    ]
    columns = ("prompt", "live_from", "live_until", "entry", "version", "label", "change", "manifest_sha256")
    about = "What each prompt served everyone, also what began before the period and went on in it. An empty end: still live at the export."
    return Table("live", "What was live", about, "Nothing was live in this period.", columns, rows)


def _served(release: Release | None) -> tuple[str | None, ...]:
    return ("nothing", None, None) if release is None else (release.label, release.change_id, release.manifest_sha256)


def _programs(session: Session, period: Period) -> Iterator[tuple[object, ...]]:
    """Read one after the other and not kept, however long the period is."""
    if period.first is None or period.last is None:
        return
    query = select(Leaf.content).where(Leaf.seq >= period.first, Leaf.seq <= period.last).order_by(Leaf.seq)
    known = None
    for content in session.scalars(query.execution_options(yield_per=1000)):
        entry = json.loads(content)
        if entry["app"] != known:
            known = entry["app"]
            yield entry["seq"], entry["ts"], known["version"], known["config_sha256"]
