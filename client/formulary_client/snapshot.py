"""A snapshot as it was verified: for each prompt what may be run, or why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from formulary_client.deciding import Rule, read_rule
from formulary_client.envelopes import JSON_MEDIA, Keys, open_envelope, require_release
from formulary_client.errors import NotTrusted, Tampered

KIND = "prompt-formulary/snapshot/v1"


@dataclass(frozen=True)
class Offer:
    """A release on offer: its document, and why it may not be run, where that is so."""

    document: Mapping[str, Any]
    refusal: NotTrusted | None


@dataclass(frozen=True)
class Shelf:
    """One prompt. ``stopped``: the reason, where somebody stopped it."""

    live: Offer | None
    new: Offer | None
    rule: Rule | None
    downtime_text: str
    offline_seconds: int
    stopped: str | None
    grants: Mapping[str, str]


@dataclass(frozen=True)
class Snapshot:
    """What the server signed ``at`` (seconds since 1970) for ``application``; ``envelope``: the bytes as they came."""

    at: float
    application: str
    shelves: Mapping[str, Shelf]
    envelope: bytes


def read_snapshot(envelope: bytes, keys: Keys) -> Snapshot:
    """The snapshot in this envelope; NotTrusted where no pinned key signed it. A release that does not verify is in it as refused."""
    try:
        document = open_envelope(json.loads(envelope), keys, JSON_MEDIA)
        if document["kind"] != KIND:
            raise Tampered("What was received is signed, as something else than a snapshot.")
        shelves = {name: _read_shelf(name, one, keys) for name, one in document["prompts"].items()}
        at = datetime.fromisoformat(document["at"]).timestamp()
        return Snapshot(at, str(document["application"]), shelves, envelope)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Tampered("What was received is no snapshot.") from error


def _read_shelf(name: str, document: Mapping[str, Any], keys: Keys) -> Shelf:
    return Shelf(
        live=_read_offer(name, document["live"], keys),
        new=_read_offer(name, document["new"], keys),
        rule=None if document["rule"] is None else read_rule(document["rule"]),
        downtime_text=str(document["downtime_text"]),
        offline_seconds=int(document["offline_seconds"]),
        stopped=document["stopped"],
        grants=dict(document["grants"]),
    )


def _read_offer(name: str, document: Mapping[str, Any] | None, keys: Keys) -> Offer | None:
    if document is None:
        return None
    try:
        require_release(name, document, keys)
    except NotTrusted as refusal:
        return Offer(document, refusal)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Offer(document, Tampered("What is offered is no release."))
    return Offer(document, None)
