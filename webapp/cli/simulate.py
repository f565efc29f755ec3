"""``formulary simulate``: a rollout with invented encounters of known harm, through the real engine, in a house that is thrown away."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from webapp.adapters.yaml_source import read_yaml
from webapp.cli.files import read_file
from webapp.domain.plan import Plan, read_plan
from webapp.errors import InvalidInput
from webapp.simulator.course import FAULTS, SIGNS, Course, course_of

PLANS = {"default": "clinical", "clinical": "clinical", "high_risk": "high_risk", "administrative": "administrative"}
MOST_ROLLOUTS = 10_000


def _share(_context: click.Context, option: click.Parameter, value: str) -> float:
    """A share written like "4%", "4 %" or "0.04", as a number from 0 to 1."""
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})\s*(%?)", value.strip())
    share = float(found[1]) / (100 if found[2] else 1) if found else 2.0
    if share > 1:
        raise InvalidInput(f"{option.opts[0]}: {value[:20]} is no share of encounters; write it like 4% or 0.04.")
    return share


@click.command()
@click.option("--harm-live", callback=_share, default="4%", show_default=True, help="Of the live version's encounters.")
@click.option(
    "--harm-candidate", callback=_share, default="12%", show_default=True, help="Of the new version's encounters."
)
@click.option(
    "--shows-as", type=click.Choice(list(SIGNS)), default="failed-calls", show_default=True, help="How harm shows."
)
@click.option("--encounters-per-day", type=int, default=200, show_default=True)
@click.option(
    "--plan", default="default", show_default=True, help="default, high_risk, administrative, or a file (YAML or JSON)."
)
@click.option("--days", type=int, default=120, show_default=True, help="Where it is not over before.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed, the same encounters.")
@click.option("--missing-telemetry", is_flag=True, help="From the third day on no application reports.")
@click.option("--wrong-shares", is_flag=True, help="Half of the live version's reports get lost.")
@click.option("--dead-scheduler", is_flag=True, help="From the third day on nobody watches.")
@click.option("--repeat", type=int, metavar="N", help="Only rates, over N seeds: false roll backs, and caught.")
@click.option("--json", "as_json", is_flag=True, help="A document instead of words.")
def simulate(
    harm_live: float,
    harm_candidate: float,
    shows_as: str,
    encounters_per_day: int,
    plan: str,
    days: int,
    seed: int,
    repeat: int | None,
    as_json: bool,
    **faults: bool,
) -> None:
    """Simulate a rollout: what the watch does when the new version does this much harm. Nothing of it touches this installation.

    Everything is invented and thrown away; what decides is real: the plan, who gets which version, the reports, the watch.

    \b
    Examples:
      formulary simulate
      formulary simulate --harm-live 4% --harm-candidate 4% --encounters-per-day 500
      formulary simulate --harm-candidate 12% --shows-as thrown-away --plan plan.yaml --seed 7
      formulary simulate --missing-telemetry
      formulary simulate --repeat 400
    """
    chosen = [name for name in FAULTS if faults[name]]
    if len(chosen) > 1:
        raise InvalidInput("One fault at a time: choose --missing-telemetry, --wrong-shares or --dead-scheduler.")
    fault = chosen[0] if chosen else None
    course = course_of(harm_live, harm_candidate, encounters_per_day, _plan(plan), seed, shows_as, fault, days)
    if repeat is None:
        _tell(course, as_json)
    else:
        _count(course, repeat, as_json)


def _tell(course: Course, as_json: bool) -> None:
    """One rollout, day by day."""
    from webapp.simulator.house import throwaway_house
    from webapp.simulator.telling import Day, tell
    from webapp.simulator.words import course_words, day_words, end_words, told_document

    before: list[Day] = []

    def say(day: Day) -> None:
        """The day stands on the terminal, or only that it is over."""
        if as_json:
            click.echo(f"\rday {day.number}", nl=False, err=True)
        else:
            click.echo(day_words(day, before[-1] if before else None))
        before.append(day)

    if not as_json:
        click.echo(course_words(course))
    click.echo(
        "Making a throwaway house: people, a live version, and a new one evaluated, reviewed and signed ...", err=True
    )
    with throwaway_house(course.seed, course.plan) as house:
        told = tell(house, course, say)
    if as_json:
        click.echo("", err=True)
        click.echo(json.dumps(told_document(course, told), indent=2))
    else:
        click.echo(end_words(told))


def _count(course: Course, repeat: int, as_json: bool) -> None:
    """Rates over consecutive seeds."""
    from webapp.simulator.many import rates
    from webapp.simulator.words import course_document, course_words, rates_words

    if not 1 <= repeat <= MOST_ROLLOUTS:
        raise InvalidInput(f"Repeat a whole number of times from 1 to {MOST_ROLLOUTS:,}.")
    if not as_json:
        click.echo(course_words(course))
    with click.progressbar(length=repeat, label="Rollouts", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        found = rates(course, repeat, lambda done: bar.update(done - bar.pos))
    if as_json:
        click.echo(json.dumps({"course": course_document(course), "seeds": repeat, "rates": found}, indent=2))
    else:
        click.echo(rates_words(course, found))


def _plan(name: str) -> Plan:
    """The plan that the shipped policy has for a class, or the one in the file."""
    if name not in PLANS:
        path = Path(name)
        if not path.is_file():
            raise InvalidInput(f"There is no plan {name}: name one of {', '.join(PLANS)}, or a file.")
        return read_plan(read_yaml(read_file(path), path.name))
    from webapp.simulator.house import shipped_policy

    return read_plan(shipped_policy()["classes"][PLANS[name]]["plan"])
