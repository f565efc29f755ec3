"""``formulary export`` at the console, and ``formulary verify`` of what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Staff
from tests.stages import change_in
from tests.verify.synthetic import read_files
from webapp import assembly, verify
from webapp.adapters.outside import Outside
from webapp.cli import main


def run(*arguments: str) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_the_console_exports_what_the_verifier_takes(
    outside: Outside, staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert staff.ids
    monkeypatch.setattr(assembly, "build", lambda: outside)
    bundle = tmp_path / "record.zip"
    assert run("export", "--all", "-o", str(bundle)) == 0
    key = capsys.readouterr().out.strip()
    assert run("verify", str(bundle), "--key", key) == verify.GOOD
    assert json.loads(read_files(bundle)["log/entries.jsonl"].splitlines()[-1])["actor"]["via"] == "console"


def test_an_audit_pack_of_a_period_says_which_entries_it_covers(
    outside: Outside, staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert staff.ids
    monkeypatch.setattr(assembly, "build", lambda: outside)
    bundle, days = tmp_path / "audit.zip", ["--from", "2026-01-01", "--to", "2026-12-31"]
    assert run("export", "--audit-pack", *days, "-o", str(bundle)) == 0
    key = capsys.readouterr().out.strip()
    assert run("verify", str(bundle), "--key", key) == verify.GOOD
    size = read_files(bundle)["log/entries.jsonl"].count(b"\n")
    assert f"entries 0 to {size - 1} of this period, and no further signature among them (0)" in capsys.readouterr().out


def test_the_record_of_a_change_is_printed_at_the_console(
    outside: Outside, staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "build", lambda: outside)
    path = tmp_path / "record.pdf"
    assert run("export", "--change", change_in(outside, staff, "review"), "--pdf", "-o", str(path)) == 0
    assert path.read_bytes().startswith(b"%PDF-")


def test_one_scope_must_be_chosen(
    outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assembly, "build", lambda: outside)
    for asked in (
        [],
        ["--all", "--prompt", "x"],
        ["--from", "2026-01-01"],
        ["--audit-pack", "--all"],
        ["--change", "chg_none"],
    ):
        assert run("export", *asked, "-o", str(tmp_path / "b.zip")) == 2
        assert capsys.readouterr().err.startswith("formulary: ")
