"""What may not be run is refused by server and client alike, each reason with an error of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from formulary_client import DowntimeError, Stopped, Tampered, Unsigned, Voided, WrongKey
from tests import rollouts as r
from tests.client.ward import STRANGER, Ward
from tests.conftest import Staff
from tests.services.test_delivery import TAMPERED
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import Envelope, Release
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.dsse import envelope
from webapp.services import delivery

Spoil = Callable[[Outside], object]


def tampered(name: str) -> Spoil:
    """A hand in the database did this."""
    return lambda outside: r.tamper(outside, TAMPERED[name])


def killed(outside: Outside) -> None:
    delivery.stop(outside, StopFlags(delivery.stops_file(outside.settings.var_dir)), r.NAME, "Doses are wrong.", "root")


def signed_by_a_stranger(outside: Outside) -> None:
    """The attestation says the same, under another key."""
    with outside.database.writing() as session:
        release = session.scalars(select(Release)).one()
        sealed = session.get_one(Envelope, release.envelope_sha256)
        content = envelope(base64.b64decode(json.loads(sealed.content)["payload"]), STRANGER.keyid, STRANGER.sign)
        session.add(Envelope(sha256=sha256_hex(content), content=content))
    r.tamper(outside, "UPDATE releases SET envelope_sha256 = :digest", digest=sha256_hex(content))


REASONS: dict[str, tuple[Spoil, int, str, type[DowntimeError]]] = {
    "unsigned": (tampered("signature removed"), 403, "release_unsigned", Unsigned),
    "voided": (tampered("void release"), 403, "release_void", Voided),
    "killed": (killed, 409, "stopped", Stopped),
    "tampered": (tampered("prompt bytes"), 403, "release_tampered", Tampered),
    "wrong key": (signed_by_a_stranger, 403, "release_foreign", WrongKey),
}


def test_each_reason_has_its_own_error_on_either_side() -> None:
    assert len({code for _, _, code, _ in REASONS.values()}) == len(REASONS)
    assert len({error for *_, error in REASONS.values()}) == len(REASONS)


def test_unsigned_voided_killed_tampered_and_wrong_key_are_refused_by_server_and_client(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    r.started(outside, staff, r.DIRECT)
    outside.database.close()
    database = outside.settings.var_dir / "formulary.sqlite"
    whole, shelves = database.read_bytes(), ward.line.app.extensions["shelves"]
    for spoil, status, code, error in REASONS.values():
        spoil(outside)
        shelves._stamp = None
        ward.look()
        answer = ward.line.app.test_client().get(
            f"/api/v1/prompts/{r.NAME}/release?unit=encounter-1", headers={"Authorization": f"Bearer {ward.token}"}
        )
        assert answer.json is not None
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
        with pytest.raises(DowntimeError) as refused:
            ward.client(folder=None).resolve(r.NAME, unit="encounter-1")
        assert type(refused.value) is error
        assert refused.value.downtime_text == "Write the note by hand."
        shelves.flags.path.unlink(missing_ok=True)
        outside.database.close()
        database.write_bytes(whole)
    shelves._stamp = None
    ward.look()
    assert ward.client(folder=None).resolve(r.NAME, unit="encounter-1").version["label"] == "1.0", "whole again"
