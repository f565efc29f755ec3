"""Writing the bundle, file by file, so that memory stays flat however long the log is.

What must not live here: what a bundle's documents look like (domain), and the archive's form (adapters).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.record_keys import read_history, service_key
from webapp.acts.restores import gaps_of
from webapp.acts.sealing import seal
from webapp.adapters.bundle_file import BundleFile, verifier
from webapp.adapters.keys import ServiceKey
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over, newest_checkpoint
from webapp.adapters.store.schema import Assertion, CheckpointRow, ExportRow, Leaf
from webapp.adapters.store.tiles import tree_of
from webapp.domain.csv_cells import csv_lines
from webapp.domain.record.audit_pack import Period, Table, pack_page
from webapp.domain.record.bundle import (
    LIST_OF_CONTENTS,
    README,
    SIGNED_LIST,
    VERIFIER_NOTE,
    ExportFacts,
    Scope,
    document_of_keys,
    list_of_contents,
    proof_lines,
    statement_of_contents,
    tiles_of,
)
from webapp.domain.record.checkpoints import read_checkpoint
from webapp.domain.record.dsse import envelope
from webapp.domain.record.key_history import KeyHistory
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.notes import NoteKey, read_note
from webapp.domain.record.proof_files import write_proof
from webapp.domain.record.record_page import SIGNATURE_COLUMNS, record_page
from webapp.domain.workflow import Actor
from webapp.errors import Unavailable
from webapp.services.exporting.evidence import Evidence, gather, read_document, read_envelope
from webapp.services.exporting.pack import pack_of, period_of
from webapp.services.exporting.scope import changes_of
from webapp.services.exporting.signed import signed_lines

LEAVES_AT_ONCE = 1000
MOST_CHECKPOINTS = 200
AUDIT_PACK = "audit_pack"

Tell = Callable[[int, int], None]  # how many steps are done, of how many


@dataclass(frozen=True)
class Written:
    """What came of an export: the size of its log."""

    log_size: int


@dataclass(frozen=True)
class _Sealed:
    """What the bundle is about: the log up to ``head`` under the notary's ``key``, the changes in scope, a pack's period, the evidence."""

    key: NoteKey
    head: CheckpointRow
    changes: tuple[str, ...]
    period: Period | None
    found: Evidence


def write_bundle(outside: Outside, row: ExportRow, reader: Actor, path: Path, tell: Tell) -> Written:
    """The bundle stands at ``path``. The log is sealed first: Unavailable when the notary does not answer."""
    seal(outside)
    steps = _Steps(tell, 1)
    sealed = _read_sealed(outside, row, reader, steps)
    size = sealed.head.size
    steps.planned = 2 * size + len(sealed.found.documents) + len(sealed.found.envelopes)
    with BundleFile(path) as bundle:
        bundle.add("README.txt", README.encode())
        bundle.add("verify/verify.py", verifier())
        bundle.add("verify/README", VERIFIER_NOTE.encode())
        _add_log(outside, bundle, sealed.head, steps)
        _add_evidence(outside, bundle, sealed.found, steps)
        service = _add_record(outside, bundle, row, reader, sealed, steps)
        contents = list_of_contents(_facts(row, sealed), bundle.files)
        bundle.add(SIGNED_LIST, envelope(statement_of_contents(contents), service.keyid, service.sign))
        bundle.add(LIST_OF_CONTENTS, contents)
    return Written(size)


def _read_sealed(outside: Outside, row: ExportRow, reader: Actor, steps: _Steps) -> _Sealed:
    """What the newest checkpoint covers; Unavailable while the export's own entry is not among it."""
    key = outside.notary.held().key
    with outside.database.reading() as session:
        head = newest_checkpoint(session)
        if head is None or (row.entry_seq is not None and head.size <= row.entry_seq):
            raise Unavailable("The export's own entry is not sealed yet; start the notary, then try again.")
        changes = changes_of(session, row.scope, row.value, row.since, row.until)
        period = period_of(session, row, head.size) if row.scope == AUDIT_PACK else None
        found = gather(session, row, reader, changes, head.size, period, beat=steps.beat)
        return _Sealed(key, head, changes, period, found)


def _add_log(outside: Outside, bundle: BundleFile, head: CheckpointRow, steps: _Steps) -> None:
    """The checkpoint, every entry and the tree's tiles."""
    bundle.add("log/checkpoint", head.content)
    leaves = (leaf + b"\n" for leaf in steps.count(_leaves(outside, head.size)))
    bundle.add_stream("log/entries.jsonl", leaves, head.size * 16 * 1024)
    for name, content in tiles_of(steps.count(_leaves(outside, head.size))):
        bundle.add(name, content)


def _add_record(
    outside: Outside, bundle: BundleFile, row: ExportRow, reader: Actor, sealed: _Sealed, steps: _Steps
) -> ServiceKey:
    """Proofs, keys and the views for people; the service key that signs the bundle, which is the newest of these keys."""
    head, organisation = sealed.head, outside.settings.organisation
    with outside.database.reading() as session:
        history = read_history(session, sealed.key, head.size)
        _add_proofs(session, bundle, sealed.found, history, head)
        lines = signed_lines(session, sealed.changes)
        gaps = [gap.words for gap in gaps_of(session) if gap.seq < head.size]
        tables = () if sealed.period is None else pack_of(session, row, sealed.period, reader, steps.beat)
        service = service_key(outside, session)
    if service.public.hex() != history.service[-1].name:
        raise Unavailable("The service's key was rotated at this moment; export again.")
    bundle.add("policy/keys.json", document_of_keys(history))
    bundle.add("views/signatures.csv", b"".join(csv_lines([SIGNATURE_COLUMNS, *(line.cells() for line in lines)])))
    bundle.add("views/sign-off-record.html", record_page(organisation, lines, gaps))
    if sealed.period is not None:
        _add_pack(bundle, organisation, sealed.period, tables)
    return service


def _facts(row: ExportRow, sealed: _Sealed) -> ExportFacts:
    return ExportFacts(
        origin=read_checkpoint(read_note(sealed.head.content).text).origin,
        log_size=sealed.head.size,
        scope=Scope(row.scope, _words_of(row), sealed.changes),
        requester_id=row.asked_by,
        requester_name=row.asked_by_name,
        made_at=timestamp(row.asked_at),
        with_case_text=row.with_case_text,
        left_out=tuple(sealed.found.left_out.items()),
        period=sealed.period,
    )


def _add_pack(bundle: BundleFile, organisation: str, period: Period, tables: Sequence[Table]) -> None:
    bundle.add("views/audit-pack.html", pack_page(organisation, period, tables))
    for table in tables:
        bundle.add(f"views/audit-pack/{table.name}.csv", b"".join(csv_lines([table.columns, *table.rows])))


@dataclass
class _Steps:
    """Counts steps and tells from time to time."""

    tell: Tell
    planned: int
    done: int = 0

    def beat(self) -> None:
        """It still goes on, however long nothing is written."""
        self.tell(self.done, self.planned)

    def one(self) -> None:
        """One more step."""
        self.done += 1
        if self.done % LEAVES_AT_ONCE == 0 or self.done == self.planned:
            self.tell(self.done, self.planned)

    def count(self, leaves: Iterator[bytes]) -> Iterator[bytes]:
        """The same leaves, each one step."""
        for leaf in leaves:
            yield leaf
            self.one()


def _leaves(outside: Outside, size: int) -> Iterator[bytes]:
    """The bytes of every entry, each portion in a transaction of its own."""
    for start in range(0, size, LEAVES_AT_ONCE):
        end = min(start + LEAVES_AT_ONCE, size)
        with outside.database.reading() as session:
            query = select(Leaf.content).where(Leaf.seq >= start, Leaf.seq < end).order_by(Leaf.seq)
            portion = session.scalars(query).all()
        yield from portion


def _add_evidence(outside: Outside, bundle: BundleFile, found: Evidence, steps: _Steps) -> None:
    for digest, table in sorted(found.documents.items()):
        with outside.database.reading() as session:
            bundle.add(f"payloads/{digest}", read_document(session, digest, table))
        steps.one()
    for digest in sorted(found.envelopes):
        with outside.database.reading() as session:
            bundle.add(f"signatures/{digest}.dsse.json", read_envelope(session, digest))
            answer = session.get(Assertion, digest)
            if answer is not None:
                bundle.add(f"signatures/{digest}.webauthn.json", answer.content)
        steps.one()


def _add_proofs(
    session: Session, bundle: BundleFile, found: Evidence, history: KeyHistory, head: CheckpointRow
) -> None:
    """Proofs of the signatures' entries, and the checkpoints that first sealed them with proofs that the head continues each.

    Also those that hand over from one log key to the next. None comes along that bears no signature of a key that counted then.
    """
    size = head.size
    tree = tree_of(session, size)
    handing_over = [row.until_seq for row in history.log if row.until_seq is not None]
    sealed = {size: session.get_one(CheckpointRow, size).content for size in handing_over}
    for seq in sorted(seq for seq in found.proven if seq < size):
        bundle.add(f"proofs/{seq}.tlog-proof", write_proof(seq, tree.inclusion_proof(seq), head.content))
        first = first_checkpoint_over(session, seq)
        if first is not None and len(sealed) < MOST_CHECKPOINTS and _counts(first, history):
            sealed[first.size] = first.content
    for older, note in sorted(sealed.items()):
        bundle.add(f"log/checkpoints/{older}", note)
        if older < size:
            bundle.add(f"proofs/consistency/{older}-{size}", proof_lines(tree.consistency_proof(older)))


def _counts(checkpoint: CheckpointRow, history: KeyHistory) -> bool:
    """Does the checkpoint bear a signature of a log key that counted for its last entry?"""
    ids = {NoteKey.from_vkey(row.name).id for row in history.log if row.covers(checkpoint.size - 1)}
    return any(line.key_id in ids for line in read_note(checkpoint.content).signatures)


def _words_of(row: ExportRow) -> str:
    if row.since is not None and row.until is not None:
        return f"{timestamp(row.since)} to {timestamp(row.until)}"
    return row.value or row.scope
