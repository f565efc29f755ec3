"""Asking people at the terminal who they are: mail address, password and code, for one act that they sign here."""

from __future__ import annotations

from collections.abc import Callable

import click

from webapp.acts.at_console import Present
from webapp.acts.reauthentication import Given

ORDER = ("First administrator", "Second administrator")


def asking(why: str) -> Callable[[int], Present]:
    """A function that asks the first, second, ... person; ``why`` is said once, before the first question."""

    def ask(turn: int) -> Present:
        """One person's mail address, password (not shown) and code."""
        if turn == 0:
            click.echo(why, err=True)
        email = click.prompt(f"{ORDER[turn]}, mail address", err=True)
        password = click.prompt("Password", hide_input=True, err=True)
        code = click.prompt(
            "Code of the authenticator app (empty without one)", default="", show_default=False, err=True
        )
        return Present(email, Given(password, code))

    return ask
