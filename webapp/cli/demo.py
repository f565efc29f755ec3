"""``formulary demo``: everything at once on this machine, for trying it out."""

from __future__ import annotations

import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from webapp.errors import InvalidInput
from webapp.settings import PACKAGE, Settings, environment_without_settings, read_settings

STATE = PACKAGE.parent / "var" / "demo"


@click.command()
@click.option("--reset", is_flag=True, help="Forget the demo's state and end.")
@click.option("--code", metavar="PERSON", help="Print the present one-time code of a demo person and end.")
def demo(reset: bool, code: str | None) -> None:
    """Run the whole product with invented people; Ctrl-C ends it, and the next start goes on where it was.

    \b
    Examples:
      formulary demo
      formulary demo --reset
      formulary demo --code osei
    """
    if code is not None:
        _print_code(code)
        return
    if reset:
        _reset()
        return
    _run()


def _print_code(key: str) -> None:
    """The one-time code that works now for this demo person stands on the terminal."""
    from webapp.assembly import build
    from webapp.demo.people import present_code

    if not (STATE / "formulary.sqlite").exists():
        raise InvalidInput("There is no demo yet; start it with `make demo` in another terminal first.")
    outside = build(read_settings({"FORMULARY_VAR_DIR": str(STATE)}))
    try:
        click.echo(present_code(outside, key))
    finally:
        outside.database.close()


def _reset() -> None:
    from webapp.demo import processes

    if STATE.exists():
        with processes.hold_alone(STATE):
            processes.end_left_over(STATE)
            shutil.rmtree(STATE)
    click.echo("The demo's state is gone; `make demo` starts anew.")


def _run() -> None:
    from webapp.demo import processes

    settings = read_settings()
    STATE.mkdir(parents=True, exist_ok=True)
    lock = processes.hold_alone(STATE)
    processes.end_left_over(STATE)
    processes.require_free(settings.port, "FORMULARY_PORT")
    processes.require_free(settings.delivery_port, "FORMULARY_DELIVERY_PORT")
    valkey = processes.start_valkey(STATE)
    environ = _environment(STATE, valkey.port, settings)
    house = processes.House(STATE, environ)
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, _interrupt)
    try:
        secrets = _make_history(environ)
        house.start()
        processes.wait_until_answering(settings.port, house)
        click.echo(_welcome(environ, secrets))
        while True:
            time.sleep(1)
            house.watch()
    except KeyboardInterrupt:
        click.echo("\nEnding the demo; `make demo` goes on where it was.")
    finally:
        house.stop()
        valkey.stop()
        lock.close()


def _environment(folder: Path, valkey_port: int, settings: Settings) -> dict[str, str]:
    """What every process of the demo gets: the caller's environment without its own formulary settings, and the demo's."""
    kept = environment_without_settings()
    return {
        **kept,
        "FORMULARY_VAR_DIR": str(folder),
        "FORMULARY_REDIS_URL": f"redis://127.0.0.1:{valkey_port}/0",
        "FORMULARY_BASE_URL": f"http://localhost:{settings.port}",
        "FORMULARY_PORT": str(settings.port),
        "FORMULARY_DELIVERY_PORT": str(settings.delivery_port),
        "FORMULARY_ORGANISATION": "Demo Hospital",
        "FORMULARY_DEMO": "1",
    }


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _make_history(environ: dict[str, str]) -> dict[str, str]:
    """The demo's database is there, complete: it is made under another name and only then moved to its place.

    Returns the secrets of the people's authenticator apps.
    """
    from webapp.assembly import build, prepare
    from webapp.demo.history import begin, tell_history, write_connection
    from webapp.demo.people import give_apps, secrets_of_apps
    from webapp.demo.story_notary import keep_story_notary, story_notary

    place, making = STATE / "formulary.sqlite", STATE / "making.sqlite"
    is_first = not place.exists()
    if is_first:
        for left_over in STATE.glob("making.sqlite*"):
            left_over.unlink()
    settings = read_settings(environ)
    outside = build(replace(settings, database_url=f"sqlite:///{making if is_first else place}"))
    if is_first:
        with story_notary(STATE, settings.log_origin) as notary:
            told, clock = begin(replace(outside, notary=notary))
            prepare(told)
            tell_history(told, clock, click.echo)
    else:
        prepare(outside)
        give_apps(outside)
        write_connection(settings)
    secrets = secrets_of_apps(outside)
    outside.database.close()
    if is_first:
        keep_story_notary(STATE)
        making.rename(place)
        click.echo("The demo's people and changes are made.")
    return secrets


def _welcome(environ: dict[str, str], secrets: dict[str, str]) -> str:
    from webapp.demo.people import PASSWORD, PEOPLE

    address = environ["FORMULARY_BASE_URL"]
    people = "\n".join(
        f"  {who.email:<22} {', '.join(who.roles):<15} {who.name:<14} {secrets.get(who.key, 'password only')}"
        for who in PEOPLE
    )
    token = (STATE / "cli.json").exists()
    submit = (
        "\n  formulary submit prompts/clinical-summarization/v2.0.yaml --wait   (uses var/demo/cli.json)"
        if token
        else ""
    )
    delivery = f"http://localhost:{environ['FORMULARY_DELIVERY_PORT']}"
    return (
        f"\nPrompt Formulary is at {address}\nApplications fetch signed releases from {delivery}\n"
        f"Where people stop a prompt when all else is down: {delivery}/emergency\n"
        f"\nSign in with any of these; the password of all is: {PASSWORD}\n{people}\n"
        "The last column is the secret of the person's authenticator app (TOTP): sign in and sign with the password and its code.\n"
        "`make demo-code osei` in another terminal prints the code that works now.\n"
        f"\nThen, as an author from another terminal:{submit}\n\nCtrl-C ends the demo."
    )
