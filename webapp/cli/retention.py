"""``formulary retention``: what is kept until when. Erasing and holding take two people on the page Retention, never the console."""

from __future__ import annotations

import json
from datetime import datetime

import click

from webapp.domain.workflow import Actor
from webapp.services.retention import RetentionView, retention_report

CONSOLE = Actor(id="console", name="Console", via="console")


@click.group()
def retention() -> None:
    """What is kept until when.

    \b
    Example:
      formulary retention report
    """


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def report(as_json: bool) -> None:
    """Print for each change and test set when it was last in effect and from when its texts may be erased; holds; erasures.

    \b
    Examples:
      formulary retention report
      formulary retention report --json
    """
    from webapp.assembly import build, require_prepared

    outside = build()
    require_prepared(outside)
    view = retention_report(outside, CONSOLE)
    outside.database.close()
    click.echo(json.dumps(_document(view), indent=2) if as_json else "\n".join(_lines(view)))


def _lines(view: RetentionView) -> list[str]:
    weaker = " (weaker than 45 CFR 164.316(b)(2), which asks for 6)" if view.is_weaker else ""
    said = [f"Evidence is kept for {view.years} years after it was last in effect{weaker}."]
    for line in view.lines:
        until = "in effect" if line.until is None else f"last in effect {_day(line.until)}"
        said.append(f"{line.title} ({line.detail}): {until}; {_may_be_erased(line.refusal, line.on, line.is_erased)}")
    said += [
        f"Legal hold on {hold.covers}, {_day(hold.placed_at)}: {hold.reason}"
        for hold in view.holds
        if not hold.lifted_at
    ]
    said += [f"Erasure of {one.preview.title}: {one.state}, {one.done} of {one.planned}" for one in view.erasures]
    return said


def _may_be_erased(refusal: str | None, on: datetime | None, is_erased: bool) -> str:
    if is_erased:
        return "erased"
    if refusal is None:
        return "may be erased now"
    return "kept" if on is None else f"may be erased from {_day(on)}" if "legal hold" not in refusal else "legal hold"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _document(view: RetentionView) -> dict[str, object]:
    return {
        "years": view.years,
        "weaker_than_six_years": view.is_weaker,
        "kept": [
            {
                "kind": line.kind,
                "id": line.subject,
                "title": line.title,
                "last_in_effect": line.until and line.until.isoformat(),
                "erasable_from": line.on and line.on.isoformat(),
                "why_not": line.refusal,
                "erased": line.is_erased,
            }
            for line in view.lines
        ],
        "holds": [
            {"on": hold.covers, "since": hold.placed_at.isoformat()} for hold in view.holds if not hold.lifted_at
        ],
        "erasures": [{"id": one.id, "state": one.state, "done": one.done, "of": one.planned} for one in view.erasures],
    }
