"""The commands of docs/verify.md do what they say, with openssl and with Go's note tools, on good and on broken bundles."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import required
from tests.verify.synthetic import (
    OTHER_CHANGE,
    STRANGER_SEED,
    VKEY,
    Signer,
    checkpoint_of,
    example_log,
    files_of,
    pack,
    read_files,
    release_change,
    write_bundle,
)
from tests.verify.test_passkeys import passkey_log
from webapp import verify

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "verify.md").read_text()
GO_SOURCES = Path("/usr/share/gocode")


def block(name: str) -> str:
    found = re.search(rf"<!-- run: {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return found[1]


def tools(*names: str) -> None:
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        say_missing("openssl", ", ".join(missing))


def say_missing(part: str, what: str) -> None:
    if required(part):
        pytest.fail(f"{what} is not here, and TEST_REQUIRE names {part}")
    pytest.skip(f"{what} is not installed")


def run_shell(script: str, bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    environment = {**os.environ, "BUNDLE": str(bundle)}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, cwd=folder, env=environment
    )


def test_openssl_finds_the_signatures_good_and_a_changed_one_bad(tmp_path: Path) -> None:
    tools("openssl", "unzip", "xxd", "bash")
    log = example_log()
    bundle = write_bundle(tmp_path / "b.zip", log, files_of(log))
    done = run_shell(block("openssl"), bundle, tmp_path / "good")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 1 + len(log.envelopes)
    files = read_files(bundle)
    files["manifest.dsse.json"] = files["manifest.dsse.json"].replace(b'"sig":"', b'"sig":"AAAA')
    assert run_shell(block("openssl"), pack(tmp_path / "c.zip", files), tmp_path / "bad").returncode != 0


def test_openssl_finds_a_passkeys_signature_good_and_that_of_another_key_bad(tmp_path: Path) -> None:
    tools("openssl", "unzip", "bash")
    log = passkey_log()
    done = run_shell(block("passkey"), write_bundle(tmp_path / "b.zip", log, files_of(log)), tmp_path / "good")
    assert done.returncode == 0, done.stderr
    assert "Verified OK" in done.stdout
    other = passkey_log(challenged=b"something else")
    done = run_shell(block("passkey"), write_bundle(tmp_path / "c.zip", other, files_of(other)), tmp_path / "bad")
    assert done.returncode != 0


@pytest.fixture(scope="module")
def go_build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Compiles the documented program of this name."""
    if shutil.which("go") is None or not (GO_SOURCES / "src/golang.org/x/mod/sumdb/note").is_dir():
        say_missing("go", "Go with golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOCACHE": str(folder / "cache")}

    def build(name: str) -> Path:
        (folder / f"{name}.go").write_text(block(name))
        command = ["go", "build", "-o", name, f"{name}.go"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
        assert done.returncode == 0, done.stderr
        return folder / name

    return build


@pytest.fixture(scope="module")
def go_check(go_build: Callable[[str], Path]) -> Path:
    """The documented program for a whole bundle, compiled once."""
    return go_build("go")


def test_go_opens_the_checkpoint_and_finds_its_root(tmp_path: Path, go_check: Path) -> None:
    true, cut = example_log(), example_log()
    release_change(true, OTHER_CHANGE)
    (tmp_path / "prior").write_bytes(checkpoint_of(cut.leaves))
    with zipfile.ZipFile(write_bundle(tmp_path / "b.zip", true, files_of(true))) as archive:
        archive.extractall(tmp_path / "bundle")
    stranger = Signer(STRANGER_SEED).note_key.to_vkey()
    done = subprocess.run([go_check, tmp_path / "bundle", VKEY, tmp_path / "prior"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"the {len(true.leaves)} entries have its root" in done.stdout
    assert "begins this log" in done.stdout
    assert subprocess.run([go_check, tmp_path / "bundle", stranger], capture_output=True).returncode != 0
    entries = tmp_path / "bundle/log/entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"Ada Roe", b"Ada Row", 1))
    assert subprocess.run([go_check, tmp_path / "bundle", VKEY], capture_output=True).returncode != 0


def test_one_entry_is_checked_with_go_and_with_verify_py(tmp_path: Path, go_build: Callable[[str], Path]) -> None:
    log = example_log()
    files = files_of(log)
    lines = files["log/entries.jsonl"].splitlines()
    name = next(name for name in files if name.endswith(".tlog-proof"))
    entry, proof = tmp_path / "entry.json", tmp_path / "entry.tlog-proof"
    entry.write_bytes(lines[int(Path(name).stem)])
    proof.write_bytes(files[name])
    asked = [f"--entry={entry}", f"--proof={proof}", f"--key={VKEY}"]
    stranger = Signer(STRANGER_SEED).note_key.to_vkey()
    program = go_build("entry")
    done = subprocess.run([program, entry, proof, VKEY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "stands under the signed checkpoint" in done.stdout
    assert verify.main(asked) == verify.GOOD
    assert subprocess.run([program, entry, proof, stranger], capture_output=True).returncode != 0
    assert verify.main([*asked[:2], f"--key={stranger}"]) == verify.BROKEN
    entry.write_bytes(lines[0] if int(Path(name).stem) else lines[1])
    assert subprocess.run([program, entry, proof, VKEY], capture_output=True).returncode != 0
    assert verify.main(asked) == verify.BROKEN
    assert verify.main([asked[0]]) == verify.UNUSABLE
