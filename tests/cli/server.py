"""A real application behind the command's own HTTP client, without a network."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from tests.api.caller import issue
from tests.conftest import Staff
from tests.services.submissions import PROMPT, prompt_bytes, suite_bytes
from webapp.adapters.outside import Outside
from webapp.cli import group
from webapp.web.app import create_app

SERVER = "http://formulary.example"


class Shell:
    """Runs ``formulary`` commands against one application, with a token of Ada's in the environment."""

    def __init__(self, outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outside, self.staff = outside, staff
        transport = httpx.WSGITransport(app=create_app(outside))
        monkeypatch.setattr("webapp.cli.client.open_http", lambda _: httpx.Client(transport=transport))
        monkeypatch.setenv("FORMULARY_SERVER", SERVER)
        monkeypatch.setenv("FORMULARY_TOKEN", issue(outside, staff, "ada", "submit", "read"))

    def run(self, *words: str | Path) -> Result:
        return CliRunner().invoke(group, [str(word) for word in words])


def prompt_folder(root: Path, name: str = str(PROMPT["name"]), label: str = "1.0", **fields: object) -> Path:
    """A prompt's folder as the guide lays it out; returns the version's file."""
    folder = root / name
    (folder / "evaluation").mkdir(parents=True, exist_ok=True)
    (folder / "evaluation" / "test-cases.jsonl").write_bytes(suite_bytes())
    path = folder / f"v{label}.yaml"
    path.write_bytes(prompt_bytes(name=name, version=label, **fields))
    return path
