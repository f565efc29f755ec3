"""The client: holds the newest snapshot that verified, asks for a newer one every few seconds, and reports calls."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx

from formulary_client import copies
from formulary_client.asking import Line
from formulary_client.background import Background
from formulary_client.deciding import Place
from formulary_client.envelopes import read_keys
from formulary_client.errors import ClockDiffers, CutOff, DowntimeError, NotTrusted
from formulary_client.reporting import Reports
from formulary_client.resolved import Resolved
from formulary_client.serving import LARGEST_CLOCK_DIFFERENCE_SECONDS, serve
from formulary_client.snapshot import Snapshot, read_snapshot

WHOLE_EVERY_SECONDS = 60
"""After so long the snapshot is fetched whole, also where nothing changed: only what is signed tells how old it is."""
log = logging.getLogger("formulary_client")


class Client:
    """Prompts for one application. ``keys``: the service's public keys, pinned; nothing else is believed.

    ``folder`` keeps the last snapshot and unsent reports; ``embedded``: a snapshot that was shipped with the application;
    ``ca_file``: the hospital's own certificate authority. With ``is_polling`` false nothing runs in the background: then ``poll`` and
    ``flush`` are the application's to call. ``trouble``: why the last question failed. A process that was forked goes on by itself.
    """

    def __init__(
        self,
        url: str,
        token: str,
        keys: Iterable[str],
        *,
        folder: Path | str | None = None,
        embedded: bytes | Path | None = None,
        ca_file: Path | str | None = None,
        now: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
        is_polling: bool = True,
    ) -> None:
        self.trouble: Exception | None = None
        self._keys, self._now = read_keys(keys), now
        self._folder = None if folder is None else Path(folder)
        self._line = Line(url, token, ca_file, transport)
        self._held: Snapshot | None = None
        self._refused: NotTrusted | None = None
        self._etag = ""
        self._polling = threading.Lock()
        self._reports = Reports(self._folder)
        self._is_closed = False
        self._background = Background((self.poll, self.flush), self._renew)
        self._take_up(embedded)
        if is_polling:
            self._start()

    @classmethod
    def from_environment(cls) -> Self:
        """A client as FORMULARY_URL, FORMULARY_TOKEN and FORMULARY_KEYS (with blanks between) say; ValueError where one is not set.

        FORMULARY_FOLDER and FORMULARY_CA_FILE where they are set.
        """
        said = {name: os.environ.get(f"FORMULARY_{name}", "") for name in ("URL", "TOKEN", "KEYS", "FOLDER", "CA_FILE")}
        missing = [f"FORMULARY_{name}" for name in ("URL", "TOKEN", "KEYS") if not said[name]]
        if missing:
            raise ValueError(f"Set {', '.join(missing)}; the package's README says to what.")
        folder, ca_file = said["FOLDER"] or None, said["CA_FILE"] or None
        return cls(said["URL"], said["TOKEN"], said["KEYS"].split(), folder=folder, ca_file=ca_file)

    def resolve(self, prompt: str, *, unit: str = "", site: str = "", department: str = "") -> Resolved:
        """What to run for this unit, from memory alone; a DowntimeError with what staff do instead where nothing may be run."""
        held = self._held
        if held is None:
            raise self._never_heard()
        return serve(held, prompt, Place(unit, site, department), self._now())

    def poll(self) -> bool:
        """Memory is what the server says now; False, and nothing changes, where it does not answer or is not believed."""
        with self._polling:
            try:
                self._fetch()
            except (httpx.HTTPError, DowntimeError, OSError) as error:
                self._note(error)
                log.warning("the snapshot was not renewed: %s", type(error).__name__)
                return False
        self.trouble = None
        return True

    def report(
        self, decision: Resolved | str, *, model: str, displayed: bool = True, event_id: str = "", **fields: Any
    ) -> None:
        """The call waits to be reported; never raises, never waits. ``model``: the one that answered; ``fields`` as in docs/client.md.

        ``decision``: what was resolved, or its decision id. Of what ran silently: the same, with ``displayed`` false. Two reports
        with one ``event_id`` count once; without one each call of this counts.
        """
        event = {
            "event_id": event_id or uuid.uuid4().hex,
            "decision_id": decision if isinstance(decision, str) else decision.decision_id,
            "happened_at": datetime.fromtimestamp(self._now(), UTC).isoformat(),
            "model": model,
            "displayed": displayed,
        }
        self._reports.add({**fields, **event})
        if self._is_closed:
            self._reports.keep()

    def flush(self) -> bool:
        """What waited was sent; False where it lies on the disk, or goes on waiting, until the server takes it."""
        return self._reports.send(self._line.report)

    def close(self) -> None:
        """Nothing runs in the background any more; what could not be sent lies on the disk."""
        self._is_closed = True
        atexit.unregister(self._keep_at_exit)
        self._background.end()
        self.flush()
        self._reports.keep()
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        """The first question is waited for where nothing is held yet; all others are asked in the background."""
        if self._held is None:
            self.poll()
        atexit.register(self._keep_at_exit)
        self._background.begin()

    def _renew(self) -> None:
        """This process was forked: its line and its lock are its own, and what waited is its parent's to report."""
        self._line.renew()
        self._reports, self._polling = Reports(self._folder), threading.Lock()

    def _keep_at_exit(self) -> None:
        """The process ends without ``close``: what waits lies on the disk, or is sent where there is none."""
        self._is_closed = True
        self._reports.keep()
        if self._folder is None:
            self.flush()

    def _take_up(self, embedded: bytes | Path | None) -> None:
        """The newest of what lies on the disk and what was shipped is held, as far as it verifies."""
        shipped = embedded.read_bytes() if isinstance(embedded, Path) else embedded
        stored = None if self._folder is None else copies.load(self._folder)
        for envelope in (shipped, stored):
            try:
                if envelope is not None:
                    self._hold(read_snapshot(envelope, self._keys))
            except NotTrusted as error:
                self._note(error)
                log.warning("a stored snapshot is not used: %s", type(error).__name__)

    def _fetch(self) -> None:
        held = self._held
        is_young = held is not None and abs(self._now() - held.at) < WHOLE_EVERY_SECONDS
        answer = self._line.snapshot(self._etag if is_young else "")
        if answer is None:
            return
        envelope, etag = answer
        fresh = read_snapshot(envelope, self._keys)
        if self._hold(fresh):
            self._etag = etag
            if self._folder is not None:
                copies.store(self._folder, fresh.envelope)

    def _hold(self, fresh: Snapshot) -> bool:
        """The snapshot is held, unless a newer one is; ClockDiffers where its time is yet to come."""
        if fresh.at - self._now() > LARGEST_CLOCK_DIFFERENCE_SECONDS:
            raise ClockDiffers("The server's time lies ahead of this machine's; set the clocks by the network.")
        if self._held is not None and fresh.at < self._held.at:
            return False
        self._held = fresh
        return True

    def _note(self, error: Exception) -> None:
        self.trouble = error
        if isinstance(error, NotTrusted):
            self._refused = error

    def _never_heard(self) -> DowntimeError:
        for error in (self.trouble, self._refused):
            if isinstance(error, DowntimeError):
                return type(error)(error.sentence)
        return CutOff("Nothing was received from the server yet; use the fallback workflow.")
