"""``formulary people``: inviting, listing and taking away lost second factors at the console, for the first administrator and emergencies."""

from __future__ import annotations

import click

from webapp.domain.workflow import Role
from webapp.domain.workflow.situation import CONSOLE
from webapp.domain.workflow.stages import ROLE_WORDS
from webapp.errors import NotFound


@click.group()
def people() -> None:
    """Invite and list people, take away lost second factors; each act enters the audit log as made at the console.

    \b
    Examples:
      formulary people add "Ruth Adler" --role administrator --email ruth@hospital.example
      formulary people list
      formulary people reset-factors ruth@hospital.example
    """


@people.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be repeated.",
)
@click.option("--email", required=True, help="The address the person signs in with.")
def add(name: str, roles: tuple[str, ...], email: str) -> None:
    """Invite NAME and print the link that works once; no password is ever set here.

    \b
    Examples:
      formulary people add "Kim Doe" --role informaticist --email kim@hospital.example
      formulary people add "Ada Roe" --role author --role auditor --email ada@hospital.example
    """
    from webapp.cli.house import open_to_write
    from webapp.services.people import invite

    outside = open_to_write()
    invited = invite(outside, CONSOLE, name, email, roles)
    click.echo(
        f"{invited.name} is invited. The link works once, until {invited.expires_at:%-d %B %Y, %H:%M} UTC:", err=True
    )
    click.echo(invited.link)


@people.command("reset-factors")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
def reset_factors(email: str, yes: bool) -> None:
    """Take away the second factors of the person who signs in with EMAIL: for a house whose only administrator lost theirs.

    The password alone then opens the profile for a day, so that a new one is added; the person signs nothing until an
    administrator or auditor confirms, in the browser, that it is theirs. All of it stands in the audit log as made at the console.

    \b
    Example:
      formulary people reset-factors ruth@hospital.example
    """
    from webapp.cli.house import open_to_write
    from webapp.services import people as acts

    outside = open_to_write()
    found = next((one for one in acts.list_people(outside, CONSOLE) if one.email == email.strip().lower()), None)
    if found is None:
        raise NotFound("Nobody signs in with this mail address; formulary people list shows who does.")
    if not yes:
        click.confirm(
            f"Did you speak with {found.name} in person? Take away their second factors?", abort=True, err=True
        )
    acts.reset_factors(outside, CONSOLE, None, found.id)
    names = ", ".join(acts.who_would_confirm(outside, CONSOLE, found.id))
    click.echo(f"Taken away. Once {found.name} has added a new one, it is confirmed by: {names or 'nobody here yet'}.")
    if not names:
        click.echo(acts.NOBODY_CONFIRMS, err=True)


@people.command("list")
def list_all() -> None:
    """Print everybody: id, name, mail address, roles, state.

    \b
    Example:
      formulary people list
    """
    from webapp.assembly import build, require_prepared
    from webapp.services.people import list_people

    outside = build()
    require_prepared(outside)
    for person in list_people(outside, CONSOLE):
        roles = ", ".join(ROLE_WORDS[Role(role)] for role in person.roles) or "no role"
        click.echo("\t".join((person.id, person.name, person.email, roles, person.state.replace("_", " "))))
