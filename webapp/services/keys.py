"""Rotating and revoking the keys of the record: the log's, which the notary holds, and the service's, which signs envelopes.

Every step may be the last before a kill: repeating the command goes on where it ended. What must not live here: the notary's own rules
(``domain.record.handover``), and which key counted for which entry (``domain.record.key_history``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.at_console import ADMINISTRATORS, Ask, prove_all, sign_all
from webapp.acts.record_keys import KEY_ENTITY, read_history, rotation_to, service_key
from webapp.acts.recording import enter
from webapp.acts.sealing import seal, seal_if_possible
from webapp.acts.signed_deeds import Deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head, require_at_append
from webapp.adapters.store.schema import Leaf
from webapp.adapters.store.tiles import tree_of
from webapp.domain.record.canonical import digest_of, sha256_hex
from webapp.domain.record.handover import Shown
from webapp.domain.record.key_history import LOG, SERVICE, KeyRow
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.notes import NoteKey
from webapp.errors import Conflict, InvalidInput, NotFound, Unavailable

ROTATION, REVOCATION = "rotation of a key", "revocation of a key"
TRIES = 5


@dataclass(frozen=True)
class Rotated:
    """A key that took over: its line (log) or its raw public key in hexadecimal (service), and the entry that says so."""

    new: str
    entry_seq: int


@dataclass(frozen=True)
class ToRevoke:
    """A key that is to be revoked, from which entry, compromised since when, and how many signatures stop counting."""

    which: str
    row: KeyRow
    keyid: str
    from_seq: int
    compromised: datetime
    signatures: int


class _Number:
    """Takes the number of an entry when it is known."""

    entry_seq: int = -1


def rotate_log_key(outside: Outside, ask: Ask) -> Rotated:
    """A new log key counts, and one checkpoint bears both signatures, so that the old card still leads here. One administrator signs.

    Unavailable when the notary does not answer; then the rotation is under way or not, and the same command goes on.
    """
    held = outside.notary.begin_rotation()
    assert held.next_key is not None
    new, old = held.next_key, held.key
    with outside.database.reading() as session:
        leaf = rotation_to(session, LOG, sha256_hex(new.public))
    seq = leaf.seq if leaf is not None else _enter_log_rotation(outside, old, new, ask)
    for _ in range(TRIES):
        seal(outside)
        try:
            outside.notary.finish_rotation(_show(outside, seq))
            return Rotated(new.to_vkey(), seq)
        except Conflict as error:  # the log grew and was sealed between the two questions
            if error.code != "log_unproven":
                raise
    raise Unavailable("The log grows too fast for the notary just now; give the same command again.")


def rotate_service_key(outside: Outside, ask: Ask) -> Rotated:
    """A new service key signs from the next envelope on; the old one is destroyed, its signatures stay good. One administrator signs.

    Every running process takes the new key up by itself.
    """
    new = outside.keyring.next_service(outside.chance)
    with outside.database.reading() as session:
        leaf = rotation_to(session, SERVICE, new.keyid)
    seq = leaf.seq if leaf is not None else _enter_service_rotation(outside, new.public, ask)
    outside.keyring.promote_service(new.keyid)
    seal_if_possible(outside)
    return Rotated(new.public.hex(), seq)


@dataclass(frozen=True)
class KeyLine:
    """A key for people: what it is and for which entries it counts, its name and id."""

    words: str
    name: str
    keyid: str


def list_all_keys(outside: Outside) -> tuple[KeyLine, ...]:
    """Every key of log and service, the oldest first of each."""
    key = outside.notary.held().key
    with outside.database.reading() as session:
        history = read_history(session, key)
    titles = ((LOG, "Log key", history.log), (SERVICE, "Service key (signs envelopes and releases)", history.service))
    return tuple(
        KeyLine(f"{title}, {_range_of(row)}", row.name, _keyid_of(which, row))
        for which, title, rows in titles
        for row in rows
    )


def plan_revocation(outside: Outside, keyid: str, from_seq: int, compromised: datetime) -> ToRevoke:
    """What a revocation would do; NotFound for an unknown key, Conflict for the present one, InvalidInput for an impossible range."""
    key = outside.notary.held().key
    with outside.database.reading() as session:
        history = read_history(session, key)
        size = head(session)[0]
        found = [
            (SERVICE, row, row is history.service[-1]) for row in history.service if _keyid_of(SERVICE, row) == keyid
        ]
        found += [(LOG, row, row is history.log[-1]) for row in history.log if _keyid_of(LOG, row) == keyid]
        if not found:
            raise NotFound("No key of this record has this id; `formulary keys list` names them.")
        which, row, is_present = found[0]
        if is_present:
            raise Conflict("This key still signs; rotate it first (`formulary keys rotate`), then revoke it.")
        if not row.from_seq <= from_seq <= (row.until_seq or size):
            raise InvalidInput(
                f"This key signed from entry {row.from_seq} to before {row.until_seq}; name one of them."
            )
        if compromised > outside.now():
            raise InvalidInput("The key cannot have been compromised in the future.")
        return ToRevoke(which, row, keyid, from_seq, compromised, _signed_from(session, which, from_seq, row))


def revoke_key(outside: Outside, plan: ToRevoke, ask: Ask) -> int:
    """The key vouches for nothing from that entry or time on; returns the entry. Two administrators sign."""
    facts = {
        "key": plan.which,
        "keyid": plan.keyid,
        "public": plan.row.name,
        "from_seq": plan.from_seq,
        "compromise_time": timestamp(plan.compromised),
    }
    digest = digest_of(facts)
    deed = Deed("keys.revoke", f"{KEY_ENTITY}/{plan.keyid}", digest, REVOCATION, ADMINISTRATORS)
    proven, number = prove_all(outside, deed, ask, 2), _Number()
    with outside.database.writing() as session:
        attest = sign_all(outside, session, proven, {"kind": "key-revocation", **facts}, "")
        enter(
            outside, session, proven[0].actor, "key.revoked", (KEY_ENTITY, plan.keyid, None), before=("valid", plan.keyid),
            after=("revoked", digest), reason="compromised", payload=facts, attest=attest,
            numbered=number,
        )  # fmt: skip
    seal_if_possible(outside)
    return number.entry_seq


def _enter_log_rotation(outside: Outside, old: NoteKey, new: NoteKey, ask: Ask) -> int:
    facts = {"key": LOG, "old": old.to_vkey(), "new": new.to_vkey()}
    return _enter_rotation(outside, LOG, sha256_hex(old.public), sha256_hex(new.public), facts, ask)


def _enter_service_rotation(outside: Outside, new: bytes, ask: Ask) -> int:
    with outside.database.reading() as session:
        old = service_key(outside, session).public
    facts = {"key": SERVICE, "old_service_public_key": old.hex(), "service_public_key": new.hex()}
    return _enter_rotation(outside, SERVICE, sha256_hex(old), sha256_hex(new), facts, ask)


def _enter_rotation(outside: Outside, which: str, old: str, new: str, facts: dict[str, str], ask: Ask) -> int:
    """Signature and entry stand; returns the entry. The signature is made with the old service key, which counts until here."""
    deed = Deed("keys.rotate", f"{KEY_ENTITY}/{which}", new, ROTATION, ADMINISTRATORS)
    proven, number = prove_all(outside, deed, ask, 1), _Number()

    def require_first(locked: Session) -> None:
        """Nobody else entered the same rotation meanwhile."""
        if rotation_to(locked, which, new) is not None:
            raise Conflict("Somebody else rotated this key at this moment; look at `formulary keys list`.")

    with outside.database.writing() as session:
        attest = sign_all(outside, session, proven, {"kind": "key-rotation", **facts}, "")
        require_at_append(session, "rotation", require_first)
        enter(
            outside, session, proven[0].actor, "key.rotated", (KEY_ENTITY, which, None), before=("valid", old),
            after=("valid", new), reason=which, payload=facts, attest=attest, numbered=number,
        )  # fmt: skip
    return number.entry_seq


def _show(outside: Outside, seq: int) -> Shown:
    """The entry with the proof under what the notary signed last."""
    held = outside.notary.held().checkpoint
    with outside.database.reading() as session:
        proof = tree_of(session, held.size).inclusion_proof(seq)
        return Shown(session.get_one(Leaf, seq).content, seq, tuple(proof))


def _range_of(row: KeyRow) -> str:
    end = "on" if row.until_seq is None else f"to before entry {row.until_seq}"
    revoked = "" if row.revoked_from is None else f"; revoked from entry {row.revoked_from} on ({row.compromise_time})"
    return f"from entry {row.from_seq} {end}{revoked}"


def _keyid_of(which: str, row: KeyRow) -> str:
    return sha256_hex(bytes.fromhex(row.name) if which == SERVICE else NoteKey.from_vkey(row.name).public)


def _signed_from(session: Session, which: str, from_seq: int, row: KeyRow) -> int:
    """How many entries with a signature of the service this takes the ground from; none for a key of the log."""
    if which == LOG:
        return 0
    query = select(func.count()).select_from(Leaf).where(Leaf.type.in_(("signature.applied", "release.made")))
    query = query.where(Leaf.seq >= from_seq, Leaf.seq < (row.until_seq or from_seq))
    return session.scalar(query) or 0
