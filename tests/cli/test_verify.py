"""``formulary verify`` gives the verifier's own exit codes."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tests.verify.synthetic import VKEY, checkpoint_of, example_log, files_of, pack, read_files, write_bundle
from webapp import verify
from webapp.cli import group


def run(*arguments: str) -> int:
    return CliRunner().invoke(group, ["verify", *arguments]).exit_code


def test_the_command_says_good_broken_unusable_and_weak(tmp_path: Path) -> None:
    log = example_log()
    bundle = write_bundle(tmp_path / "b.zip", log, files_of(log))
    (tmp_path / "prior").write_bytes(checkpoint_of(log.leaves[:4]))
    assert run(str(bundle), "--key", VKEY, "--prior-checkpoint", str(tmp_path / "prior")) == verify.GOOD
    assert run(str(bundle)) == verify.WEAK
    assert run(str(tmp_path / "missing.zip")) == verify.UNUSABLE
    broken = pack(tmp_path / "c.zip", {**read_files(bundle), "README.txt": b"x"})
    assert run(str(broken), "--key", VKEY) == verify.BROKEN
