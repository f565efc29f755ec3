"""Files of a folder come into memory within limits, and never from outside the folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from webapp.adapters import prompt_tree
from webapp.adapters.prompt_tree import collect_files
from webapp.errors import InvalidInput


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "prompts"
    (folder / "notes" / "evaluation").mkdir(parents=True)
    (folder / "notes" / "v1.0.yaml").write_bytes(b"name: notes\n")
    (folder / "notes" / "evaluation" / "test-cases.jsonl").write_bytes(b"{}\n")
    (folder / "prompt-config.yaml").write_bytes(b"a: b\n")
    return folder


def test_prompts_cases_and_the_mapping_are_collected_by_path(root: Path) -> None:
    assert collect_files(root) == {
        "prompt-config.yaml": b"a: b\n",
        "notes/v1.0.yaml": b"name: notes\n",
        "notes/evaluation/test-cases.jsonl": b"{}\n",
    }


def test_results_hidden_files_and_other_files_are_left_out(root: Path) -> None:
    before = collect_files(root)
    (root / ".git").mkdir()
    (root / ".git" / "v1.yaml").write_bytes(b"x")
    (root / ".hidden.yaml").write_bytes(b"x")
    (root / "notes" / "evaluation" / "results-v1.0.json").write_bytes(b"x")
    (root / "notes" / "evaluation" / "results-v1.0.jsonl").write_bytes(b"x")
    (root / "README.md").write_bytes(b"x")
    assert collect_files(root) == before


def test_a_link_that_leads_out_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_bytes(b"secret")
    (root / "notes" / "v2.0.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(InvalidInput, match=r"notes/v2\.0\.yaml is a link that leads out"):
        collect_files(root)


def test_a_link_inside_the_folder_is_read(root: Path) -> None:
    (root / "notes" / "v2.0.yaml").symlink_to("v1.0.yaml")
    assert collect_files(root)["notes/v2.0.yaml"] == b"name: notes\n"


def test_a_linked_folder_is_refused(root: Path) -> None:
    (root / "loop").symlink_to(root, target_is_directory=True)
    with pytest.raises(InvalidInput, match="loop is a link"):
        collect_files(root)


def test_a_link_to_nowhere_is_refused(root: Path) -> None:
    (root / "notes" / "v2.0.yaml").symlink_to("v9.yaml")
    with pytest.raises(InvalidInput, match="leads nowhere"):
        collect_files(root)


def test_a_pipe_is_refused_instead_of_waited_for(root: Path) -> None:
    os.mkfifo(root / "notes" / "v2.0.yaml")
    with pytest.raises(InvalidInput, match="not a regular file"):
        collect_files(root)


def test_a_file_without_permission_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InvalidInput, match=r"prompt-config\.yaml cannot be read \(Permission denied\)"):
        collect_files(root)


def test_a_folder_without_permission_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path).name == "notes":
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InvalidInput, match=r"folder notes cannot be read \(Permission denied\)"):
        collect_files(root)


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("LIMIT_FILES", 2, "more than 2 files"),
        ("LIMIT_FILE_BYTES", 4, "more than 4 bytes; split it"),
        ("LIMIT_TREE_BYTES", 10, "more than 10 bytes; name a smaller one"),
    ],
)
def test_the_limits_hold(root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str) -> None:
    monkeypatch.setattr(prompt_tree, limit, value)
    with pytest.raises(InvalidInput, match=words):
        collect_files(root)


def test_what_is_no_folder_is_refused(root: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder"):
        collect_files(root / "missing")
