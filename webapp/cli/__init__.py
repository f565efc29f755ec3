"""The command ``formulary``: one module per command, loaded when it is called; a fault is one sentence on stderr."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from webapp import __version__
from webapp.errors import FormularyError

COMMANDS = {
    "db": "Prepare or migrate the database.",
    "deliver": "Serve signed releases to applications.",
    "demo": "Run everything with invented people, for trying it out.",
    "evaluate": "Evaluate a prompt file here, without a server.",
    "export": "Export the record as a signed bundle.",
    "keys": "Print, rotate and revoke the keys of the record.",
    "kill": "Stop serving a prompt, or everything, on this host.",
    "lint": "Check prompt files, test sets or a tree.",
    "notary": "Hold the log key and sign what continues the log.",
    "people": "Invite and list people, take away lost second factors.",
    "report": "Print the report of a change.",
    "restore": "Go on from an older copy of the database, with an entry that names the loss.",
    "retention": "Say what is kept until when.",
    "scheduler": "Run the scheduler: outbox, mail, sweeper, safety limits.",
    "serve": "Run the web application.",
    "simulate": "Simulate a rollout whose harm is known.",
    "status": "Say where a change stands.",
    "submit": "Submit a prompt file or a tree.",
    "suite": "Import test sets and fetch stored ones.",
    "verify": "Verify an export bundle, offline.",
    "worker": "Run a worker that evaluates, exports and erases.",
}


class Commands(click.Group):
    """A group that imports a command's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name, from the module of the same name."""
        del ctx
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"webapp.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="formulary")
def group() -> None:
    """Prompt Formulary: every prompt change evaluated, reviewed, signed, rolled out under watch and audited.

    \b
    Examples:
      formulary db upgrade
      formulary people add "Ruth Adler" --role administrator --email ruth@hospital.example
      formulary serve
    """


def main(arguments: list[str] | None = None) -> Any:
    """The command has run; exits with 2 and one sentence when it could not."""
    try:
        return group(args=arguments, prog_name="formulary")
    except FormularyError as error:
        click.echo(f"formulary: {error.sentence}", err=True)
        sys.exit(2)
