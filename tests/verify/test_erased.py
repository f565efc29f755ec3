"""Erased payloads in bundles: accepted with the entry and the two signatures that erased them, and never without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import erasures
from tests.conftest import Staff
from tests.erasures import Old, erase
from tests.verify.synthetic import pack, read_files, relisted
from webapp import verify
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.record.bundle import statement_of_contents
from webapp.domain.record.dsse import envelope
from webapp.domain.workflow import Actor
from webapp.services.exporting import Wanted, export_here

CONSOLE = Actor(id="console", name="Console", via="console")


@pytest.fixture
def old(outside: Outside, staff: Staff) -> Old:
    """A change that was erased with its test set; everybody's roles stand in the log."""
    with outside.database.writing() as session:
        for name in staff.ids:
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)
    erasures.enough_apps(outside, staff)
    found = erasures.ended(outside, staff)
    erasures.six_years_later(outside)
    erase(outside, staff, "change", found.change)
    erase(outside, staff, "suite", found.suite)
    return found


def bundle(outside: Outside, wanted: Wanted, path: Path) -> dict[str, bytes]:
    export_here(outside, CONSOLE, wanted, path, lambda done, planned: None)
    return read_files(path)


def check(outside: Outside, path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = verify.main([str(path), "--key", outside.notary.held().key.to_vkey()])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("kind", ["all", "change"])
def test_a_bundle_with_erased_payloads_verifies_and_lists_them(
    outside: Outside, staff: Staff, old: Old, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = tmp_path / "bundle.zip"
    files = bundle(outside, Wanted(kind, old.change if kind == "change" else ""), path)
    code, said = check(outside, path, capsys)
    assert code in (verify.GOOD, verify.WEAK), said
    erased = {row["sha256"] for row in json.loads(files["manifest.json"])["left_out"] if row["reason"] == "erased"}
    assert erased
    assert not [digest for digest in erased if f"payloads/{digest}" in files]
    assert "erased" in said
    signed = [name for name in files if name.startswith("signatures/")]
    assert len(signed) >= 3, "the signature of the rejection, and those of the erasures"


def broken(outside: Outside, files: dict[str, bytes], path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the verifier says of these files once their list of contents is made and signed anew."""
    files, service = relisted(files), outside.keyring.service
    listed = statement_of_contents(files["manifest.json"])
    pack(path, {**files, "manifest.dsse.json": envelope(listed, service.keyid, service.sign)})
    code, said = check(outside, path, capsys)
    assert code == verify.BROKEN, said
    return said


def test_a_payload_that_nobody_erased_cannot_be_called_erased(
    outside: Outside, staff: Staff, old: Old, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundle(outside, Wanted("all"), tmp_path / "bundle.zip")
    asked = erasures.entries(outside, "erasure.requested")[0]["payload"]["sha256"]
    del files[f"payloads/{asked}"]
    listed = json.loads(files["manifest.json"])
    listed["left_out"] = sorted(
        [*listed["left_out"], {"sha256": asked, "reason": "erased"}], key=lambda row: row["sha256"]
    )
    files["manifest.json"] = verify.canonical(listed)
    assert "is listed as erased, but no entry says that it was" in broken(outside, files, tmp_path / "b.zip", capsys)


def test_the_signatures_of_an_erasure_are_required(
    outside: Outside, staff: Staff, old: Old, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = bundle(outside, Wanted("change", old.change), tmp_path / "bundle.zip")
    confirmed = erasures.entries(outside, "payload.erased")[0]["attest"][1]
    del files[f"signatures/{confirmed}.dsse.json"]
    assert "is missing" in broken(outside, files, tmp_path / "b.zip", capsys)
