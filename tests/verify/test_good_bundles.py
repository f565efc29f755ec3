"""What holds is found good, and what is good but weaker than policy is called so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.synthetic import (
    CHANGE,
    OTHER_CHANGE,
    SYSTEM,
    VERIFIER,
    VKEY,
    example_log,
    files_of,
    read_files,
    release_change,
    write_bundle,
)
from webapp import verify
from webapp.domain.record.bundle import Scope


def run(path: Path, *arguments: str) -> int:
    return verify.main([str(path), *arguments])


def test_a_whole_bundle_is_good_under_the_key_of_the_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = example_log()
    assert run(write_bundle(tmp_path / "b.zip", log, files_of(log)), "--key", VKEY) == verify.GOOD
    said = capsys.readouterr().out
    assert "GOOD." in said
    assert "What this cannot show" in said
    assert (
        said.index("safe unzip") < said.index("notes parsed") < said.index("workflow replayed") < said.index("releases")
    )


def test_without_a_key_it_says_unpinned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = example_log()
    assert run(write_bundle(tmp_path / "b.zip", log, files_of(log))) == verify.WEAK
    assert "UNPINNED" in capsys.readouterr().out


def test_a_sign_off_with_a_password_only_is_weaker_than_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = example_log(level="L0")
    assert run(write_bundle(tmp_path / "b.zip", log, files_of(log)), "--key", VKEY) == verify.WEAK
    assert "password only (L0)" in capsys.readouterr().out


def test_the_export_of_one_change_carries_the_whole_log_and_the_evidence_of_that_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, other = example_log(), example_log()
    release_change(log, OTHER_CHANGE)
    whole = files_of(log)
    evidence = ("payloads/", "signatures/")
    files = {
        name: content for name, content in whole.items() if not name.startswith(evidence) or name in files_of(other)
    }
    scope = Scope("change", CHANGE, (CHANGE,))
    assert run(write_bundle(tmp_path / "b.zip", log, files, scope=scope), "--key", VKEY) == verify.GOOD
    assert "1 outside of this export's scope" in capsys.readouterr().out
    widened = Scope("prompt", "notes", (CHANGE, OTHER_CHANGE))
    assert run(write_bundle(tmp_path / "c.zip", log, files, scope=widened), "--key", VKEY) == verify.BROKEN


def test_what_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = example_log()
    files = files_of(log)
    result = next(name for name in files if name.startswith("payloads/") and b'"kind":"result"' in files[name])
    files.pop(result)
    left_out = ((result.removeprefix("payloads/"), "case_text"),)
    assert run(write_bundle(tmp_path / "b.zip", log, files, left_out=left_out), "--key", VKEY) == verify.GOOD
    assert "1 payloads (case_text)" in capsys.readouterr().out


@pytest.mark.parametrize("size", [255, 256, 257, 600])
def test_a_log_of_any_size_has_its_tiles(tmp_path: Path, size: int) -> None:
    log = example_log()
    while len(log.leaves) < size:
        log.enter("session.opened", SYSTEM, ("session", "s"))
    assert run(write_bundle(tmp_path / "b.zip", log, files_of(log, older=(5, 254))), "--key", VKEY) == verify.GOOD


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    log = example_log()
    first = write_bundle(tmp_path / "a.zip", log, files_of(log)).read_bytes()
    turned = dict(reversed(list(files_of(log).items())))
    assert read_files(write_bundle(tmp_path / "b.zip", log, turned)) == read_files(tmp_path / "a.zip")
    assert write_bundle(tmp_path / "c.zip", log, files_of(log)).read_bytes() == first


def test_the_file_in_the_bundle_runs_by_itself(tmp_path: Path) -> None:
    """Without the application on the path, in isolated mode, as an auditor runs it."""
    log = example_log()
    bundle = write_bundle(tmp_path / "b.zip", log, files_of(log))
    copy = tmp_path / "verify.py"
    copy.write_bytes(read_files(bundle)["verify/verify.py"])
    assert copy.read_bytes() == VERIFIER.read_bytes()
    done = subprocess.run(
        [sys.executable, "-I", copy, bundle, "--key", VKEY], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == verify.GOOD, done.stdout + done.stderr


@pytest.mark.parametrize("key", ["", "kat.example/log", VKEY[:-3], VKEY.replace("kat", "cat"), "a+00000000+AA=="])
def test_a_key_that_was_copied_wrongly_is_a_fault_of_usage(tmp_path: Path, key: str) -> None:
    log = example_log()
    assert run(write_bundle(tmp_path / "b.zip", log, files_of(log)), "--key", key) == verify.UNUSABLE


def test_a_prior_checkpoint_that_cannot_be_read_is_a_fault_of_usage(tmp_path: Path) -> None:
    log = example_log()
    bundle = write_bundle(tmp_path / "b.zip", log, files_of(log))
    (tmp_path / "prior").write_text("no note")
    assert run(bundle, "--key", VKEY, "--prior-checkpoint", str(tmp_path / "prior")) == verify.UNUSABLE
    assert run(bundle, "--key", VKEY, "--prior-checkpoint", str(tmp_path / "missing")) == verify.UNUSABLE


def test_the_list_of_contents_names_every_file(tmp_path: Path) -> None:
    log = example_log()
    files = read_files(write_bundle(tmp_path / "b.zip", log, files_of(log)))
    listed = json.loads(files["manifest.json"])
    assert {row["path"] for row in listed["files"]} | {"manifest.json", "manifest.dsse.json"} == set(files)
