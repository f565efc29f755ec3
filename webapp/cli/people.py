"""``formulary people``: inviting and listing people at the console, for the first administrator and for emergencies."""

from __future__ import annotations

import click

from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.stages import ROLE_WORDS

CONSOLE = Actor(id="console", name="Console", via="console")


@click.group()
def people() -> None:
    """Invite and list people; every invitation enters the audit log as made at the console.

    \b
    Examples:
      formulary people add "Ruth Adler" --role administrator --email ruth@hospital.example
      formulary people list
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
    from webapp.acts.standing import require_whole_log
    from webapp.assembly import build, require_prepared
    from webapp.services.people import invite

    outside = build()
    require_prepared(outside)
    require_whole_log(outside, from_bytes=True)
    invited = invite(outside, CONSOLE, name, email, roles)
    click.echo(
        f"{invited.name} is invited. The link works once, until {invited.expires_at:%-d %B %Y, %H:%M} UTC:", err=True
    )
    click.echo(invited.link)


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
