"""Rules of the house that a linter does not know."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.domain.workflow.stages import WAY

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "webapp").rglob("*.py"))


def files_with(pattern: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix() for path in SOURCES if re.search(pattern, path.read_text(encoding="utf-8"))
    }


def test_commit_stands_in_one_file() -> None:
    assert files_with(r"\.commit\(") == {"webapp/adapters/store/database.py"}


def test_the_clock_is_asked_in_one_file() -> None:
    assert files_with(r"datetime\.(now|utcnow|today)\(|date\.today\(") == {"webapp/adapters/clock.py"}


def test_the_environment_is_read_in_one_file() -> None:
    readers = files_with(r"os\.(environ|getenv)\b")
    assert readers - {"webapp/adapters/llm/library.py"} == {"webapp/settings.py"}


def test_only_perform_writes_a_stage() -> None:
    writers = files_with(r"change\.stage(,[^=!\n]*)?\s=\s")
    assert writers == {"webapp/acts/perform.py"}


def test_only_one_file_moves_the_live_pointer() -> None:
    assert files_with(r"\.live_release_id\s*=[^=]") == {"webapp/acts/live.py"}


def test_random_bytes_are_drawn_in_one_file() -> None:
    assert files_with(r"^import (random|secrets)|^from (random|secrets) ") <= {
        "webapp/adapters/chance.py"
    } | files_with("zzz")


def test_templates_never_mark_text_as_safe() -> None:
    pages = (ROOT / "templates").rglob("*.html")
    assert [
        page.name for page in pages if re.search(r"\|\s*safe\b|autoescape false", page.read_text(encoding="utf-8"))
    ] == []


def test_templates_have_no_inline_style_script_or_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    pages = (ROOT / "templates").rglob("*.html")
    assert [page.name for page in pages if inline.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("stage", [stage.value for stage in WAY if stage.value not in ("draft", "closed")])
def test_every_stage_has_its_service_its_door_and_its_page(stage: str) -> None:
    service = [ROOT / "webapp/services" / f"{stage}.py", ROOT / "webapp/services" / stage / "__init__.py"]
    assert any(path.exists() for path in service)
    assert (ROOT / "webapp/web" / f"{stage}.py").exists()
    assert (ROOT / "templates" / stage).is_dir()


def test_the_command_starts_without_loading_litellm() -> None:
    code = "import sys, webapp.cli, webapp.assembly; sys.exit('litellm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
