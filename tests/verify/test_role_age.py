"""What the verifier asks of roles: old enough for what was signed or confirmed by a second person, and stated as the log tells it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock, Staff
from tests.services.test_role_age import confirm, late, sign
from tests.stages import change_in
from tests.verify.synthetic import (
    CHANGE,
    ORIGIN,
    OTHER_CHANGE,
    PEOPLE,
    SIGNATURE_TYPE,
    SYSTEM,
    VKEY,
    Log,
    example_log,
    files_of,
    read_files,
    release_change,
    write_bundle,
)
from tests.verify.synthetic import sign as sign_move
from webapp import verify
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.bundle import Scope
from webapp.domain.record.dsse import statement
from webapp.domain.record.leaf import LeafActor
from webapp.domain.workflow import Actor
from webapp.services.exporting import Wanted, export_here

CONSOLE = Actor(id="console", name="Console", via="console")
RUTH = LeafActor("per_ruth", "Ruth Adler", ("administrator",), "session")
SAM = LeafActor("per_sam", "Sam Ibarra", ("administrator",), "session")
LUND = LeafActor("per_lund", "Karin Lund", ("physician",), "session")
BOTH = Scope("all", "all", (CHANGE, OTHER_CHANGE))
CONFIRMATION = "confirmation of a role"


def leaf(log: Log, seq: int) -> dict[str, Any]:
    return dict(json.loads(log.leaves[seq]))


def held_of(log: Log, granted: int, confirmed: int | None = None) -> dict[str, Any]:
    """What a statement says of the role that entry ``granted`` gave and entry ``confirmed`` confirmed."""

    def by(seq: int) -> dict[str, str]:
        return {"id": leaf(log, seq)["actor"]["id"], "name": leaf(log, seq)["actor"]["name"]}

    held = {"since": leaf(log, granted)["ts"], "entry": granted, "granted_by": by(granted), "confirmed": None}
    if confirmed is not None:
        held["confirmed"] = {"at": leaf(log, confirmed)["ts"], "entry": confirmed, "by": by(confirmed)}
    return held


def confirm_grant(log: Log, who: LeafActor, person: str = LUND.id, role: str = "physician") -> int:
    """``who`` signs that the role is right, and it is entered."""
    claims = {
        "signer": {"id": who.id, "name": who.name, "title": "", "credentials": "", "organisation": "Example"},
        "role": who.roles[0], "meaning": CONFIRMATION, "attestation": {"version": 1, "text": ATTESTATIONS[CONFIRMATION]},
        "signed_at": "2026-03-02T09:00:00.000Z", "zone": "UTC", "level": "L1", "log_origin": ORIGIN,
        "nonce": f"nonce-{len(log.leaves)}",
    }  # fmt: skip
    digest = log.seal(statement(f"person/{person}", "5" * 64, SIGNATURE_TYPE, claims))
    entity = ("signature", f"sig_{len(log.leaves)}")
    log.enter("signature.applied", who, entity, after=("valid", "5" * 64), attest=(digest,))
    return log.enter(
        "role.confirmed", who, ("person", person), after=("confirmed", "5" * 64), reason=role, attest=(digest,)
    )


def administrators(log: Log) -> None:
    for who in (RUTH, SAM):
        log.enter("role.granted", SYSTEM, ("person", who.id), reason=who.roles[0])


def reviewed() -> tuple[Log, str]:
    """A change that waits for a physician, and its manifest."""
    log = example_log()
    administrators(log)
    manifest = release_change(log, OTHER_CHANGE)
    cut = next(seq for seq in range(len(log.leaves) - 1, 0, -1) if leaf(log, seq)["type"] == "change.approve")
    del log.leaves[cut + 1 :]
    log.heads = {
        (leaf(log, seq)["entity"]["type"], leaf(log, seq)["entity"]["id"]): seq for seq in range(len(log.leaves))
    }
    named = {digest for seq in range(len(log.leaves)) for digest in leaf(log, seq)["attest"]}
    log.envelopes = {digest: content for digest, content in log.envelopes.items() if digest in named}
    return log, manifest


def decline(log: Log, manifest: str, held: dict[str, Any] | None) -> None:
    """Lund declines the change that waits, with this said of the role."""
    sign_move(log, LUND, OTHER_CHANGE, manifest, "reject", "signoff", "rejected", "rejection", held=held)


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Log], tuple[int, str]]:
    """Exit code and report over everything of the log."""

    def made(log: Log) -> tuple[int, str]:
        path = write_bundle(tmp_path / "b.zip", log, files_of(log), scope=BOTH)
        return verify.main([str(path), "--key", VKEY]), capsys.readouterr().out

    return made


def test_a_role_given_after_it_was_asked_for_breaks_the_signature(report: Callable[[Log], tuple[int, str]]) -> None:
    log, manifest = reviewed()
    granted = log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
    decline(log, manifest, held_of(log, granted))
    code, said = report(log)
    assert code == verify.BROKEN
    assert "Karin Lund was given the role only after this was asked for" in said


def test_confirmed_by_a_second_person_it_is_good(report: Callable[[Log], tuple[int, str]]) -> None:
    log, manifest = reviewed()
    granted = log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
    decline(log, manifest, held_of(log, granted, confirm_grant(log, SAM)))
    code, said = report(log)
    assert code == verify.GOOD, said


def test_a_role_older_than_what_was_asked_for_is_good(report: Callable[[Log], tuple[int, str]]) -> None:
    log, manifest = reviewed()
    osei = PEOPLE["osei"]
    granted = next(seq for seq in range(len(log.leaves)) if leaf(log, seq)["entity"]["id"] == osei.id)
    held = held_of(log, granted)
    sign_move(log, osei, OTHER_CHANGE, manifest, "reject", "signoff", "rejected", "rejection", held=held)
    code, said = report(log)
    assert code == verify.GOOD, said


@pytest.mark.parametrize(
    "member",
    [
        {"since": "2020-01-01T00:00:00.000Z"},
        {"entry": 1},
        {"entry": None},
        {"granted_by": {"id": SAM.id, "name": SAM.name}},
        {"confirmed": None},
    ],
)
def test_a_statement_that_tells_otherwise_than_the_log_is_broken(
    report: Callable[[Log], tuple[int, str]], member: dict[str, Any]
) -> None:
    log, manifest = reviewed()
    granted = log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
    decline(log, manifest, {**held_of(log, granted, confirm_grant(log, SAM)), **member})
    code, said = report(log)
    assert code == verify.BROKEN
    assert "tells otherwise than the log since when the role was held" in said


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (RUTH, "is not the second person"),
        (LeafActor(LUND.id, LUND.name, ("administrator",), "session"), "held no role then that may do this"),
        (PEOPLE["kim"], "held no role then that may do this"),
        (LeafActor("per_pat", "Pat Late", ("auditor",), "session"), "was given the role only after this was asked for"),
    ],
)
def test_a_confirmation_by_the_wrong_person_is_broken(
    report: Callable[[Log], tuple[int, str]], who: LeafActor, reason: str
) -> None:
    log, _ = reviewed()
    log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
    log.enter("role.granted", RUTH, ("person", "per_pat"), reason="auditor")
    confirm_grant(log, who)
    code, said = report(log)
    assert code == verify.BROKEN
    assert reason in said


def test_a_role_confirmed_twice_or_never_given_is_broken(report: Callable[[Log], tuple[int, str]]) -> None:
    for times, person in ((2, LUND.id), (1, "per_nobody")):
        log, _ = reviewed()
        log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
        for _ in range(times):
            confirm_grant(log, SAM, person)
        code, said = report(log)
        assert code == verify.BROKEN
        assert "confirms a role that is not held or was confirmed before" in said


def test_once_signatures_tell_of_the_role_all_later_ones_do(report: Callable[[Log], tuple[int, str]]) -> None:
    log, manifest = reviewed()
    granted = log.enter("role.granted", RUTH, ("person", LUND.id), reason="physician")
    decline(log, manifest, held_of(log, granted, confirm_grant(log, SAM)))
    release_change(log, "chg_3")
    code, said = report(log)
    assert code == verify.BROKEN
    assert "does not say since when its role was held, and earlier ones do" in said


def test_what_the_application_signs_and_exports_verifies(
    outside: Outside, staff: Staff, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A physician made late, confirmed by an auditor, signs; the whole export is good, and its table shows who confirmed."""
    with outside.database.writing() as session:
        for name in staff.ids:
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)
    change_id = change_in(outside, staff, "signoff")
    late(outside, staff, clock)
    with outside.database.writing() as session:
        enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids["noor"], None), reason="author")
    confirm(outside, staff, "quinn")
    sign(outside, staff, change_id)
    path = tmp_path / "all.zip"
    export_here(outside, CONSOLE, Wanted("all"), path, lambda done, planned: None)
    code = verify.main([str(path), "--key", outside.notary.held().key.to_vkey()])
    said = capsys.readouterr().out
    assert code == verify.GOOD, said
    files = read_files(path)
    assert b"role_since,role_granted_by,role_confirmed_by" in files["views/signatures.csv"]
    assert b",Ruth,Quinn" in files["views/signatures.csv"]
    assert b"granted by Ruth, confirmed by Quinn" in files["views/sign-off-record.html"]
