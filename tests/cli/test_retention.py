"""``formulary retention report``: as lines and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests import erasures
from tests.conftest import Staff
from webapp import assembly
from webapp.adapters.outside import Outside
from webapp.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["retention", "report", *arguments])
    assert ended.value.code in (0, None)
    return capsys.readouterr().out


def test_the_report_says_what_is_kept_until_when(
    outside: Outside, staff: Staff, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = erasures.ended(outside, staff)
    monkeypatch.setattr(assembly, "build", lambda: outside)
    said = run(capsys)
    assert "kept for 6 years" in said
    assert "last in effect 2026-03-02; may be erased from 2032-03-02" in said
    document = json.loads(run(capsys, "--json"))
    kept = {row["id"]: row for row in document["kept"]}
    assert kept[old.change]["erasable_from"].startswith("2032-03-02")
    assert not document["weaker_than_six_years"]
    short = replace(outside, settings=replace(outside.settings, retention_years=2))
    monkeypatch.setattr(assembly, "build", lambda: short)
    assert "weaker than 45 CFR 164.316(b)(2)" in run(capsys)
