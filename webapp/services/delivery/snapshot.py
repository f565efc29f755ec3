"""The snapshot: all that an application needs to decide by itself for a while, signed with the service's key.

What must not live here: reading shelves (``reading``, ``shelves``), and deciding from them (``webapp.domain.serving``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from webapp.acts.record_keys import service_key
from webapp.adapters.keys import ServiceKey
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import Prompt
from webapp.domain.decision import grant_of
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.dsse import envelope
from webapp.domain.serving import Shelf, as_watched, decisions_of, held_back
from webapp.domain.serving_document import shelf_document
from webapp.services.delivery.answering import stops_file
from webapp.services.delivery.reading import read_shelf

KIND = "prompt-formulary/snapshot/v1"
MEDIA = "application/json"


@dataclass(frozen=True)
class Snapshot:
    """A DSSE envelope as JSON, and the digest that stays the same while nothing but the time changes."""

    envelope: bytes
    etag: str


def snapshot(outside: Outside, application: str, allowed: Collection[str]) -> Snapshot:
    """The prompts that a token may use (none named: all) as the database has them now."""
    flags = StopFlags(stops_file(outside.settings.var_dir))
    with outside.database.reading() as session:
        prompts = session.scalars(select(Prompt).order_by(Prompt.name)).all()
        shelves = [read_shelf(outside, session, prompt) for prompt in prompts if is_allowed(prompt.name, allowed)]
        key = service_key(outside, session)
    return sign_snapshot(outside, application, shelves, flags, key)


def is_allowed(name: str, allowed: Collection[str]) -> bool:
    """May a token that names these prompts use this one? One that names none may use all."""
    return not allowed or name in allowed


def sign_snapshot(
    outside: Outside, application: str, shelves: Iterable[Shelf], flags: StopFlags, key: ServiceKey
) -> Snapshot:
    """These shelves, signed; a prompt that is stopped on this host lies there with the reason and nothing to run."""
    now = outside.now()
    flagged = (held_back(shelf) if flags.is_held(shelf.name) else as_watched(shelf, now) for shelf in shelves)
    prompts = {shelf.name: _prompt_document(outside, shelf, flags.reason_for(shelf.name)) for shelf in flagged}
    document = {"kind": KIND, "application": application, "prompts": prompts}
    etag = sha256_hex(_bytes(document))[:32]
    payload = _bytes({**document, "at": outside.now().isoformat()})
    return Snapshot(envelope(payload, key.keyid, key.sign, MEDIA), etag)


def _prompt_document(outside: Outside, shelf: Shelf, stopped: str | None) -> dict[str, Any]:
    lying = replace(shelf, before=None)  # which is for this host's own holds
    if stopped is not None:
        lying = replace(lying, live=None, new=None, rule=None)
    grants = {
        f"{release_id}.{arm}.{step}": grant_of(release_id, arm, step, outside.keyring.mac)
        for release_id, arm, step in decisions_of(lying)
    }
    return {**shelf_document(lying), "stopped": stopped, "grants": grants}


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
