"""The signed log for any auditor's tool: no token, no session, exactly the addresses of C2SP tlog-tiles."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.services import public_log
from webapp.web.access import public
from webapp.web.context import outside

NOTE, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
room = Blueprint("log_api", __name__)


@room.get("/log/checkpoint")
@public
def checkpoint() -> Response:
    """The newest checkpoint, signed by the notary."""
    return _answer(public_log.read_checkpoint(outside()), NOTE, "no-cache")


@room.get("/log/tile/entries/<path:path>")
@public
def entries(path: str) -> Response:
    """A bundle of entries, each after its length in two bytes."""
    return _answer(public_log.read_entries(outside(), path), BYTES, FOREVER)


@room.get("/log/tile/<level>/<path:path>")
@public
def tile(level: str, path: str) -> Response:
    """A tile of hashes; a partial one states its width as ``.p/W``."""
    return _answer(public_log.read_tile(outside(), level, path), BYTES, FOREVER)


@room.get("/api/v1/ledger/<int:seq>/proof")
@public
def proof(seq: int) -> Response:
    """The proof that an entry stands under the newest checkpoint (C2SP tlog-proof)."""
    return _answer(public_log.read_proof(outside(), seq), NOTE, "no-cache")


def _answer(content: bytes, media: str, caching: str) -> Response:
    return Response(content, content_type=media, headers={"Cache-Control": caching})
