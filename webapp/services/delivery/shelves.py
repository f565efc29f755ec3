"""All shelves in memory and on disk, so that delivery answers while database, queue, notary and worker are down.

What must not live here: who gets which release (``webapp.domain.serving``), and verifying one (``reading``).
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.acts.fetches import Met, note_fetches
from webapp.acts.record_keys import service_key
from webapp.acts.standing import State, standing_of
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import CheckpointRow, LogState, Person, Prompt, Rollout, Token
from webapp.domain.cohorts import Place
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.serving import Shelf
from webapp.domain.serving_document import read_shelf_document, shelf_document
from webapp.errors import FormularyError, InvalidInput, Unavailable
from webapp.services.delivery.answering import (
    Served,
    answer,
    as_flagged,
    no_such_prompt,
    require_short,
    stops_file,
)
from webapp.services.delivery.emergency_copy import EmergencyCopy
from webapp.services.delivery.reading import read_shelf
from webapp.services.delivery.snapshot import Snapshot, is_allowed, sign_snapshot
from webapp.services.delivery.stopping import enter_stops

LOOK_SECONDS = 1.0
"""How often the database is asked whether anything changed."""
log = logging.getLogger("formulary.delivery")


@dataclass(frozen=True)
class KnownToken:
    """A token as delivery knows it without the database. ``prompts``: those it is for; none named: all."""

    id: str
    application: str
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Stock:
    """One state of everything: shelves by name, tokens by the digest of their text, when it was read."""

    shelves: Mapping[str, Shelf] = field(default_factory=dict)
    tokens: Mapping[str, KnownToken] = field(default_factory=dict)
    read_at: datetime | None = None


class Shelves:
    """What this delivery process serves from. ``look`` brings it up to date; ``serve`` needs nothing but memory.

    From a log that was rewound or edited nothing is taken over: an older database may name a release that was rolled back since.
    """

    def __init__(self, outside: Outside) -> None:
        stops = stops_file(outside.settings.var_dir)
        self.outside, self.path, self.flags = outside, stops.with_name("stock.json"), StopFlags(stops)
        self.stock, self.log_is_whole = Stock(), True
        self.copy = EmergencyCopy(outside, stops.with_name("emergency.sealed"))
        self.afterwards: list[Callable[[], object]] = []
        """What else is done once the database answered."""
        self._stamp: object = None
        self._key = outside.keyring.service
        self._used: set[str] = set()
        self.asked: dict[str, datetime] = {}
        """When each token was last sent to this process."""
        self._seen: Met | None = None
        self._fetched: dict[tuple[str, str], Met] = {}
        self._lock = threading.Lock()

    def serve(self, name: str, place: Place) -> Served:
        """The release for this request; Conflict where the prompt is stopped here or nothing of it is live."""
        require_short(place)
        shelf = self.stock.shelves.get(name)
        if shelf is None:
            raise self._nothing_known() or no_such_prompt(name)
        self._note_fetch(place.application, name)
        return answer(as_flagged(self.flags, shelf), place, self.outside.now(), self.outside.keyring.mac)

    def snapshot(self, token: KnownToken) -> Snapshot:
        """All that this token may use, signed; Unavailable where delivery has seen nothing yet."""
        missing = self._nothing_known()
        if missing is not None:
            raise missing
        shelves = [shelf for shelf in self.stock.shelves.values() if is_allowed(shelf.name, token.prompts)]
        for shelf in shelves:
            self._note_fetch(token.application, shelf.name)
        return sign_snapshot(self.outside, token.application, shelves, self.flags, self._key)

    def find_token(self, secret: str) -> KnownToken | None:
        """The token of this text; None when it is not known here or over."""
        token, now = self.stock.tokens.get(sha256_hex(secret.encode())), self.outside.now()
        if token is None or token.expires_at <= now:
            return None
        self._used.add(token.id)
        self.asked[token.id] = now
        return token

    def look(self) -> bool:
        """Memory is what the database says now; False, and nothing changes, where it does not answer."""
        try:
            with self._lock:
                self._refresh()
        except (SQLAlchemyError, FormularyError, OSError) as error:
            log.warning("the database does not answer delivery: %s", type(error).__name__)
            self.copy.answers = False
            return False
        return True

    def load(self) -> bool:
        """Memory is what lies on the disk, if this server wrote it; False where there is nothing of that kind."""
        self.copy.load()
        try:
            document = json.loads(self.path.read_bytes())
            if not hmac.compare_digest(self.outside.keyring.mac(document["body"].encode()), document["mac"]):
                log.error("the copy on the disk is not this server's; it is not used")
                return False
            self.stock = read_stock(json.loads(document["body"]))
        except (OSError, ValueError, KeyError, TypeError, InvalidInput):
            return False
        return True

    def keep_up(self, is_over: threading.Event) -> None:
        """Looks every second until ``is_over``, whatever one look meets: a thread that ended would serve a rolled-back release for good."""
        while not is_over.wait(LOOK_SECONDS):
            try:
                self.flags.save()
                self.look()
            except Exception:
                log.exception("a look at the database failed")
                self.copy.answers = False

    def _note_fetch(self, application: str, name: str) -> None:
        """The application met what the database said when it was looked at last, however long ago that was."""
        if application and self._seen is not None:
            self._fetched[application, name] = self._seen

    def _refresh(self) -> None:
        looked_at = self.outside.now()
        with self.outside.database.reading() as session:
            stamp = _stamp(session)
            if stamp != self._stamp:
                self.log_is_whole = standing_of(self.outside).state is not State.BROKEN
            is_new = stamp != self._stamp and self.log_is_whole
            fresh = _read_stock(self.outside, session) if is_new else None
            key = service_key(self.outside, session) if is_new else self._key
            if is_new:
                self.copy.take_over(session)
        if fresh is not None:
            self.stock, self._stamp, self._key = fresh, stamp, key
            self._store()
        if self.log_is_whole:
            self._seen = Met(looked_at, stamp[0] or 0)
        self.copy.confirm(is_whole=self.log_is_whole)
        self._note_used()
        enter_stops(self.outside, self.flags)
        for act in self.afterwards if self.log_is_whole else ():
            act()

    def _store(self) -> None:
        """The copy on the disk is whole and authenticated by this server's key, or it is the one before."""
        body = json.dumps(stock_document(self.stock), sort_keys=True)
        document = {"body": body, "mac": self.outside.keyring.mac(body.encode())}
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(document).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def _note_used(self) -> None:
        used, self._used = self._used, set()
        fetched, self._fetched = self._fetched, {}
        used, fetched = used.copy(), fetched.copy()  # a request that came meanwhile may still write into the old ones
        if used or fetched:
            now = self.outside.now()
            with self.outside.database.writing() as session:
                session.execute(update(Token).where(Token.id.in_(used)).values(last_used_at=now))
                note_fetches(session, fetched)

    def _nothing_known(self) -> Unavailable | None:
        if self.stock.read_at is None:
            return Unavailable("Delivery has not seen the database yet; try again in a moment.", code="starting")
        return None


def stock_document(stock: Stock) -> dict[str, Any]:
    """The stock for the disk."""
    return {
        "read_at": None if stock.read_at is None else stock.read_at.isoformat(),
        "shelves": [shelf_document(shelf) for shelf in stock.shelves.values()],
        "tokens": {
            digest: {
                "id": token.id,
                "application": token.application,
                "scopes": list(token.scopes),
                "prompts": list(token.prompts),
                "expires_at": token.expires_at.isoformat(),
            }
            for digest, token in stock.tokens.items()
        },
    }


def read_stock(document: Mapping[str, Any]) -> Stock:
    """The stock that ``stock_document`` wrote."""
    shelves = [read_shelf_document(one) for one in document["shelves"]]
    tokens = {
        digest: KnownToken(
            one["id"],
            one["application"],
            tuple(one["scopes"]),
            tuple(one["prompts"]),
            datetime.fromisoformat(one["expires_at"]),
        )
        for digest, one in document["tokens"].items()
    }
    read_at = document["read_at"]
    return Stock(
        {shelf.name: shelf for shelf in shelves}, tokens, None if read_at is None else datetime.fromisoformat(read_at)
    )


def _stamp(session: Session) -> tuple[int | None, object, object]:
    """What changes whenever anything that delivery needs does: every act is an entry, a seal, or a look of the watch."""
    return (
        session.scalar(select(LogState.size)),
        session.scalar(select(func.max(CheckpointRow.size))),
        session.scalar(select(func.max(Rollout.watched_at))),
    )


def _read_stock(outside: Outside, session: Session) -> Stock:
    prompts = session.scalars(select(Prompt).order_by(Prompt.name))
    return Stock(
        {prompt.name: read_shelf(outside, session, prompt) for prompt in prompts}, _tokens(session), outside.now()
    )


def _tokens(session: Session) -> dict[str, KnownToken]:
    query = select(Token).join(Person, Person.id == Token.person_id)
    rows = session.scalars(query.where(Token.revoked_at.is_(None), Person.is_active))
    return {
        row.token_sha256: KnownToken(
            row.id,
            row.name,
            tuple(row.scopes["scopes"]),
            tuple(row.scopes.get("prompts") or ()),
            row.expires_at,
        )
        for row in rows
        if "deliver" in row.scopes["scopes"]
    }
