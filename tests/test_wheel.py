"""The wheel works elsewhere: it carries its templates, migrations and defaults, and needs no checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FETCH = """
import pathlib, webapp
from webapp.assembly import build, prepare
from webapp.web.app import create_app
assert pathlib.Path(webapp.__file__).is_relative_to({installed!r}), webapp.__file__
outside = build()
prepare(outside)
answer = create_app(outside).test_client().get("/sign-in")
assert answer.status_code == 200, answer.status_code
assert "Sign in" in answer.get_data(as_text=True)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the installed wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    wheel = next(folder.glob("*.whl"))
    target = folder / "installed"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return target


def test_the_installed_wheel_migrates_and_shows_the_sign_in_page(installed: Path, tmp_path: Path) -> None:
    environ = {"PATH": "", "PYTHONPATH": str(installed), "FORMULARY_VAR_DIR": str(tmp_path / "var")}
    command = [sys.executable, "-c", FETCH.format(installed=str(installed))]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_wheel_carries_what_pages_and_policies_need(installed: Path) -> None:
    for name in (
        "_resources/templates/base.html",
        "_resources/migrations/env.py",
        "defaults/policy.yaml",
        "static/tokens.css",
    ):
        assert (installed / "webapp" / name).is_file(), name
