"""The log in public: checkpoint, tiles, entries and proofs, as any tool of an auditor reads them, without signing in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.store.test_sealing import grow, silent
from webapp.acts.sealing import seal
from webapp.adapters.keys import is_signed_by
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf
from webapp.domain.record.checkpoints import Checkpoint, read_checkpoint
from webapp.domain.record.merkle import leaf_hash, root_of
from webapp.domain.record.notes import read_note
from webapp.domain.record.proof_files import read_proof
from webapp.domain.record.tiles import TileAddress, TiledTree, index_path
from webapp.web.app import create_app

SIZE = 600


@pytest.fixture
def reader(outside: Outside) -> FlaskClient:
    """Somebody from outside, with a log of 600 sealed entries and 5 that wait."""
    grow(outside, SIZE)
    seal(outside)
    grow(outside, SIZE + 5)
    return create_app(outside).test_client()


def checkpoint(reader: FlaskClient) -> Checkpoint:
    return read_checkpoint(read_note(reader.get("/log/checkpoint").data).text)


def fetch_tile(reader: FlaskClient, level: int, index: int, width: int) -> list[bytes]:
    answer = reader.get(f"/log/tile/{TileAddress(level, index, width).to_path()}")
    assert (answer.status_code, answer.content_type, len(answer.data)) == (200, "application/octet-stream", 32 * width)
    return [answer.data[at : at + 32] for at in range(0, len(answer.data), 32)]


def test_the_checkpoint_is_signed_by_the_notary_and_not_kept_in_caches(outside: Outside, reader: FlaskClient) -> None:
    answer = reader.get("/log/checkpoint")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert read_note(answer.data).is_signed_by(outside.notary.held().key, is_signed_by)
    assert (checkpoint(reader).size, checkpoint(reader).origin) == (SIZE, outside.settings.log_origin)


def test_tiles_and_entries_alone_lead_to_the_signed_root(reader: FlaskClient) -> None:
    entries: list[bytes] = []
    for index, width in ((0, 256), (1, 256), (2, SIZE - 512)):
        bundle = reader.get(f"/log/tile/entries/{index_path(index, width)}").data
        while bundle:
            length = int.from_bytes(bundle[:2])
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    tree = TiledTree(SIZE, lambda level, index, width: fetch_tile(reader, level, index, width))
    assert len(entries) == SIZE
    assert tree.root() == root_of([leaf_hash(entry) for entry in entries]) == checkpoint(reader).root
    assert fetch_tile(reader, 1, 0, 2) == [root_of(fetch_tile(reader, 0, index, 256)) for index in (0, 1)]


@pytest.mark.parametrize("seq", [0, 1, 255, 256, SIZE - 1])
def test_an_entrys_proof_is_one_file_that_shows_it_under_the_checkpoint(
    outside: Outside, reader: FlaskClient, seq: int
) -> None:
    answer = reader.get(f"/api/v1/ledger/{seq}/proof")
    assert answer.status_code == 200
    proof = read_proof(answer.data)
    with outside.database.reading() as session:
        content = session.scalars(select(Leaf.content).where(Leaf.seq == seq)).one()
    assert proof.index == seq
    assert proof.shows(leaf_hash(content))
    assert not proof.shows(leaf_hash(content + b" "))
    assert proof.note.is_signed_by(outside.notary.held().key, is_signed_by)


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/003", "/log/tile/0/002", "/log/tile/0/002.p/89", "/log/tile/0/002.p/93", "/log/tile/1/000", "/log/tile/1/000.p/3",
        "/log/tile/2/000.p/1", "/log/tile/00/000", "/log/tile/64/000", "/log/tile/x/000", "/log/tile/0/x000/000", "/log/tile/0/%00",
        "/log/tile/entries/002",
        "/log/tile/entries/002.p/93", "/log/tile/entries/abc", "/log/tile/-1/000", "/log/tile/0/x999/x999/x999/x999/999",
        f"/api/v1/ledger/{SIZE}/proof", f"/api/v1/ledger/{10**30}/proof",
    ],
)  # fmt: skip
def test_what_no_checkpoint_covers_is_not_given_out(reader: FlaskClient, path: str) -> None:
    if path == "/log/tile/0/002.p/89":
        assert reader.get("/log/tile/0/002.p/88").status_code == 200
    answer = reader.get(path)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "not_found"


def test_before_the_first_checkpoint_nothing_is_given_out(outside: Outside) -> None:
    reader = create_app(outside).test_client()
    for path in ("/log/checkpoint", "/log/tile/0/000.p/1", "/log/tile/entries/000.p/1", "/api/v1/ledger/0/proof"):
        assert reader.get(path).status_code == 404


def test_health_names_a_silent_notary_as_degraded(outside: Outside) -> None:
    alone = create_app(replace(outside, notary=Notary(silent))).test_client()
    answer = alone.get("/readyz")
    assert (answer.status_code, answer.json["degraded"]) == (200, ["notary"])  # type: ignore[index]


def test_the_public_log_is_in_the_description_for_programs(reader: FlaskClient) -> None:
    paths = reader.get("/openapi.json").json["paths"]  # type: ignore[index]
    assert {"/log/checkpoint", "/log/tile/{level}/{path}", "/log/tile/entries/{path}"} <= set(paths)
    assert paths["/api/v1/ledger/{seq}/proof"]["get"]["security"] == []


def test_no_typed_text_is_public(outside: Outside, tmp_path: Path, reader: FlaskClient) -> None:
    """Only entries and hashes leave; payloads have no address here."""
    bundle = reader.get("/log/tile/entries/000").data
    assert b'"organisation"' not in bundle
    assert b'"payload":{"len":' in bundle
