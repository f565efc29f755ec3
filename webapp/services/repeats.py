"""Answers to repeated requests: the same key and the same request get the same answer, and the act is done once.

What must not live here: what the request asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import IdempotencyKey
from webapp.errors import Conflict, InvalidInput

LONGEST_KEY = 200
ABANDONED_AFTER = timedelta(minutes=2)
KEPT = timedelta(days=1)
UNANSWERED = 0


@dataclass(frozen=True)
class Remembered:
    """An answer given before."""

    status: int
    body: str


def begin(outside: Outside, token_id: str, key: str, request_sha256: str) -> Remembered | None:
    """The answer given before, or None when the request is now ours to answer.

    Conflict when the key stands for another request, or when the first one is still being answered.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(f"Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    now = outside.now()
    with outside.database.writing() as session:
        row = session.get(IdempotencyKey, (token_id, key), with_for_update=True)
        if row is None or now - row.made_at > (ABANDONED_AFTER if row.status == UNANSWERED else KEPT):
            fresh = row or IdempotencyKey(token_id=token_id, key=key)
            fresh.request_sha256, fresh.status, fresh.body, fresh.made_at = request_sha256, UNANSWERED, "", now
            session.add(fresh)
            return None
        if row.request_sha256 != request_sha256:
            raise Conflict(
                "This Idempotency-Key was used for another request; take a new key for a new request.", code="key_used"
            )
        if row.status == UNANSWERED:
            raise Conflict("The first request with this key is still being answered; ask again in a moment.")
        return Remembered(row.status, row.body)


def remember(outside: Outside, token_id: str, key: str, status: int, body: str) -> None:
    """The answer stands for the key from now on."""
    with outside.database.writing() as session:
        row = session.get_one(IdempotencyKey, (token_id, key))
        row.status, row.body = status, body


def forget(outside: Outside, token_id: str, key: str) -> None:
    """The key is free again: nothing was done under it."""
    with outside.database.writing() as session:
        row = session.get(IdempotencyKey, (token_id, key))
        if row is not None and row.status == UNANSWERED:
            session.delete(row)
