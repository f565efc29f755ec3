"""An application with the client, and a delivery process that can be killed: over WSGI, without sockets, threads or waiting."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from formulary_client import Client
from tests import rollouts as r
from tests.conftest import Staff
from webapp.adapters.keys import ServiceKey
from webapp.adapters.outside import Outside
from webapp.delivery import create_delivery_app
from webapp.domain.record.dsse import envelope

Change = Callable[[dict[str, Any]], None]
STRANGER = ServiceKey.from_seed(b"\x09" * 32)


@dataclass
class Line(httpx.BaseTransport):
    """The line to the delivery process. ``is_up``: it answers; ``answers``: status of every answer; ``change``: somebody in between."""

    app: Flask
    is_up: bool = True
    change: Callable[[bytes], bytes] | None = None
    answers: list[tuple[str, int]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_up:
            raise httpx.ConnectError("killed", request=request)
        answer = httpx.WSGITransport(app=self.app).handle_request(request)
        body = answer.read()
        self.answers.append((request.url.path, answer.status_code))
        if self.change is not None and answer.status_code == 200:
            body = self.change(body)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body, request=request)


@dataclass
class Ward:
    """One application on a ward: its token, its folder, its line."""

    outside: Outside
    line: Line
    token: str
    folder: Path

    def client(self, **changed: Any) -> Client:
        """The application started: it asked once, and asks again when it is told to."""
        told = {"keys": [self.outside.keyring.service.public.hex()], "folder": self.folder, **changed}
        made = Client(
            "http://delivery.test",
            self.token,
            now=lambda: self.outside.now().timestamp(),
            transport=self.line,
            is_polling=False,
            **told,
        )
        made.poll()
        return made

    def look(self) -> None:
        """The delivery process looked at the database, as it does every second."""
        assert self.line.app.extensions["shelves"].look()


def make_ward(outside: Outside, staff: Staff, folder: Path) -> Ward:
    """The delivery process runs, and the application has its token."""
    token = r.token(outside, staff)
    return Ward(outside, Line(create_delivery_app(outside)), token, folder)


def signed_anew(change: Change, key: ServiceKey) -> Callable[[bytes], bytes]:
    """Somebody in between changes the snapshot and signs it with this key."""

    def between(body: bytes) -> bytes:
        document = json.loads(base64.b64decode(json.loads(body)["payload"]))
        change(document)
        return envelope(json.dumps(document).encode(), key.keyid, key.sign, "application/json")

    return between
