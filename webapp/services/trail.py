"""Reviewing the audit log as a signed act: an auditor attests to the entries from the last review's end to the newest seal.

Serves 21 CFR 11.10(e) and HIPAA 164.312(b), 164.308(a)(1)(ii)(D): activity is looked at regularly, and that it was is on record.
What must not live here: when the next one is due (``acts.trail``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.sealing import seal_if_possible
from webapp.acts.second_factors import level_within_reach
from webapp.acts.signatures_shown import SignatureShown, signature_shown
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.acts.trail import REVIEWED, TRAIL, TrailStanding, range_of, trail_standing
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.schema import CheckpointRow, Leaf, LogState, Payload, Signature
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.canonical import digest_of
from webapp.domain.record.entry_words import PHRASES, group_of
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import GRANTS, Right, may
from webapp.errors import Conflict, InvalidInput, Stale

MEANING = "review of the audit log"
CONCLUSIONS = {
    "nothing_found": "Nothing in these entries needs action",
    "findings": "Something needs action, as written below",
}
LONGEST_FINDINGS = 4_000
NONCE_BYTES = 16
STANDS_OUT = (
    ("signature.refused", "Signatures that were refused"),
    ("signature.voided", "Signatures that were voided"),
    ("access.refused", "Acts that were refused"),
    ("session.locked", "Lock-outs"),
    ("session.refused", "Sign-ins that were refused"),
    ("reauthentication.failed", "Wrong passwords at a signature"),
    ("factor.refused", "Wrong second factors"),
    ("factor.reset", "Second factors that were taken away"),
    ("alert.raised", "Notices of repeated failures"),
    ("role.granted", "Roles that were given"),
    ("role.revoked", "Roles that were taken"),
    ("change.ask_exception", "Exceptions that were asked for"),
    ("change.release_by_policy", "Releases that no person reviewed"),
    ("change.roll_back", "Releases that were rolled back"),
    ("policy.adopted", "Policies that were put in force"),
    ("suite.read", "Looks at protected cases"),
    ("export.made", "Exports"),
)


@dataclass(frozen=True)
class Reviewing:
    """What an auditor hands in: how far, what was found, and the page's random nonce, which keeps a short text from being guessed."""

    first: int
    size: int
    nonce: str
    conclusion: str
    findings: str = ""


@dataclass(frozen=True)
class ToReview:
    """The entries that wait: ``first`` to ``size`` - 1, under the checkpoint with this root. ``since`` and ``until`` are their times.

    ``kinds`` counts them by heading; ``stands_out`` names (type, words, count) of what an auditor looks at first.
    """

    first: int
    size: int
    root: str
    since: datetime
    until: datetime
    kinds: tuple[tuple[str, int], ...]
    stands_out: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class ReviewDone:
    """A review that was signed. ``findings`` None: erased, or not for this reader. ``continues``: it began where the one before ended."""

    seq: int
    first: int
    last: int
    root: str | None
    conclusion: str | None
    findings: str | None
    signature: SignatureShown | None
    at: datetime
    continues: bool


@dataclass(frozen=True)
class TrailView:
    """How the review stands. ``waiting`` None: every sealed entry was reviewed. ``level``: the least with which this person signs."""

    standing: TrailStanding | None
    waiting: ToReview | None
    done: tuple[ReviewDone, ...]
    may_review: bool
    level: str
    meaning: str
    attestation: str
    nonce: str


def show_trail(outside: Outside, actor: Actor) -> TrailView:
    """What waits for a review, and every review so far, newest first."""
    with outside.database.reading() as session:
        standing = trail_standing(outside, session)
        seal = newest_checkpoint(session)
        has_more = standing is not None and seal is not None and seal.size > standing.first
        return TrailView(
            standing=standing,
            waiting=_waiting(session, standing.first, seal) if standing and seal and has_more else None,
            done=_done(outside, session),
            may_review=may(actor.roles, Right.REVIEW_TRAIL),
            level=_level(session, actor),
            meaning=MEANING,
            attestation=ATTESTATIONS[MEANING],
            nonce=outside.chance(NONCE_BYTES).hex(),
        )


def review_trail(outside: Outside, actor: Actor, given: Reviewing, again: Again) -> None:
    """The review is signed and entered; Stale when somebody reviewed meanwhile, InvalidInput when something is missing."""
    _check(given)
    with outside.database.reading() as session:
        deed, _ = _deed(outside, session, actor, given)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, again)
        with outside.database.writing() as session:
            session.get(
                LogState, 1, with_for_update=True
            )  # one review at a time, so that none begins where another did
            deed, document = _deed(outside, session, actor, given)
            row = sign_deed(outside, session, actor, deed, proof, document)
            enter(
                outside,
                session,
                actor,
                REVIEWED,
                (TRAIL, deed.subject.partition("/")[2], None),
                after=("reviewed", deed.sha256),
                reason=given.conclusion,
                payload=_findings(given),
                attest=(row.envelope_sha256,),
                numbered=row,
            )
    seal_if_possible(outside)


def ask_passkey_to_review(outside: Outside, actor: Actor, given: Reviewing) -> dict[str, Any]:
    """What the browser is told to have the auditor's passkey sign the review."""
    _check(given)
    with outside.database.writing() as session:
        deed, document = _deed(outside, session, actor, given)
        return ask_passkey_for(outside, session, actor, deed, document)


def _check(given: Reviewing) -> None:
    """Whatever can be said without the log is sound."""
    if given.conclusion not in CONCLUSIONS:
        raise InvalidInput("Choose what you conclude from these entries.", details={"field": "conclusion"})
    if given.conclusion == "findings" and not given.findings.strip():
        raise InvalidInput("Write what needs action, and who was told.", details={"field": "findings"})
    if len(given.findings) > LONGEST_FINDINGS:
        raise InvalidInput(
            f"At most {LONGEST_FINDINGS} characters, please; this has {len(given.findings)}.",
            details={"field": "findings"},
        )
    if len(given.nonce) != 2 * NONCE_BYTES or set(given.nonce) - set("0123456789abcdef"):
        raise InvalidInput("This page is not complete; load it again.")


def _findings(given: Reviewing) -> dict[str, str]:
    """What was found, as it is signed by its digest and stored apart."""
    return {"conclusion": given.conclusion, "findings": given.findings.strip(), "nonce": given.nonce}


def _deed(outside: Outside, session: Session, actor: Actor, given: Reviewing) -> tuple[Deed, Mapping[str, Any]]:
    """The act and the document that is signed: entries, root of their checkpoint, digest of what was found."""
    standing, seal = trail_standing(outside, session), session.get(CheckpointRow, given.size)
    if standing is None or standing.first != given.first:
        raise Stale("Somebody reviewed the log since you loaded this page; load it again and begin where they ended.")
    if seal is None or seal.size <= given.first:
        raise Conflict("No checkpoint covers exactly these entries; load the page again.", code="no_checkpoint")
    document = {
        "kind": "prompt-formulary/trail-review/v1",
        "log": outside.settings.log_origin,
        "first": given.first,
        "last": given.size - 1,
        "checkpoint": {"size": given.size, "root_sha256": seal.root_sha256},
        "since": timestamp(session.get_one(Leaf, given.first).at),
        "until": timestamp(session.get_one(Leaf, given.size - 1).at),
        "previous_review": standing.last_seq,
        "conclusion": given.conclusion,
        "findings_sha256": digest_of(_findings(given)),
    }
    subject = f"{TRAIL}/{given.first}-{given.size - 1}"
    roles = GRANTS[Right.REVIEW_TRAIL]
    return Deed("review_trail", subject, digest_of(document), MEANING, roles, _level(session, actor)), document


def _level(session: Session, actor: Actor) -> str:
    """Whoever has a second factor gives it; the password alone does only where there is none."""
    return "L0" if level_within_reach(session, actor.id) == "L0" else "L1"


def _waiting(session: Session, first: int, seal: CheckpointRow) -> ToReview:
    query = select(Leaf.type, func.count()).where(Leaf.seq >= first, Leaf.seq < seal.size).group_by(Leaf.type)
    counts: dict[str, int] = dict(session.execute(query).tuples().all())
    headings = [*PHRASES, *sorted({group_of(kind) for kind in counts} - set(PHRASES))]
    by_heading = {heading: sum(n for kind, n in counts.items() if group_of(kind) == heading) for heading in headings}
    return ToReview(
        first=first,
        size=seal.size,
        root=seal.root_sha256,
        since=session.get_one(Leaf, first).at,
        until=session.get_one(Leaf, seal.size - 1).at,
        kinds=tuple((heading, count) for heading, count in by_heading.items() if count),
        stands_out=tuple((kind, words, counts[kind]) for kind, words in STANDS_OUT if kind in counts),
    )


def _done(outside: Outside, session: Session) -> tuple[ReviewDone, ...]:
    reviews, end = [], -1
    for leaf in session.scalars(select(Leaf).where(Leaf.type == REVIEWED).order_by(Leaf.seq)):
        first, last = range_of(leaf)
        reviews.append(_review(outside, session, leaf, first == end + 1))
        end = last
    return tuple(reversed(reviews))


def _review(outside: Outside, session: Session, leaf: Leaf, continues: bool) -> ReviewDone:
    document = json.loads(leaf.content)
    row = session.scalar(select(Signature).where(Signature.envelope_sha256 == document["attest"][0]))
    display = None if row is None else session.get(Payload, row.display_sha256)
    typed = session.get(Payload, document["payload"]["sha256"])
    found = json.loads(typed.content) if typed is not None and typed.content else None
    first, last = range_of(leaf)
    root = json.loads(display.content)["checkpoint"]["root_sha256"] if display is not None and display.content else None
    return ReviewDone(
        seq=leaf.seq,
        first=first,
        last=last,
        root=root,
        conclusion=CONCLUSIONS.get(document["reason"]),
        findings=None if found is None else found["findings"],
        signature=None if row is None else signature_shown(outside, session, row),
        at=leaf.at,
        continues=continues,
    )
