"""Following an evaluation until it has ended, with a progress bar on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

import click

from webapp.cli.client import Client, change_path
from webapp.domain.report import Report, read_report
from webapp.errors import Unavailable

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 120.0
GOING_ON = ("queued", "running")


@dataclass(frozen=True)
class Waiting:
    """How to wait; tests pass their own clock. ``longest_seconds`` for the whole, ``PATIENCE_SECONDS`` for a silent server."""

    longest_seconds: float
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic


def fetch_report(client: Client, change_id: str) -> Report:
    """The report as things stand now."""
    evaluation = client.get(change_path(change_id, "/evaluation"), limit="1")
    return read_report(client.get(change_path(change_id)), evaluation)


def follow(client: Client, change_id: str, waiting: Waiting) -> Report:
    """The report once the evaluation has ended, or as it stands when the time is over."""
    ends = waiting.monotonic() + waiting.longest_seconds
    run = _run(client, change_id, waiting)
    if run["state"] in GOING_ON:
        label = f"Evaluating {change_id}"
        shown: Any = click.progressbar(length=max(1, run["planned_calls"]), label=label, file=_stderr())
        with shown as bar:
            while run["state"] in GOING_ON and waiting.monotonic() < ends:
                bar.update(run["done_calls"] - bar.pos)
                waiting.sleep(POLL_SECONDS)
                run = _run(client, change_id, waiting)
            bar.update(run["done_calls"] - bar.pos)
    return fetch_report(client, change_id)


def _run(client: Client, change_id: str, waiting: Waiting) -> dict[str, Any]:
    """The run that counts now; a server that is silent for a short while is asked again."""
    gives_up = waiting.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            evaluation = client.get(change_path(change_id, "/evaluation"), limit="1")
            return evaluation.get("run") or {"state": "none", "planned_calls": 0, "done_calls": 0}
        except Unavailable:
            if waiting.monotonic() >= gives_up:
                raise
            waiting.sleep(POLL_SECONDS)


def _stderr() -> TextIO:
    return sys.stderr
