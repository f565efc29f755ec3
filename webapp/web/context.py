"""What every view needs of its surroundings: the outside world and the signed-in actor."""

from __future__ import annotations

from typing import cast

from flask import current_app
from flask_login import current_user

from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor


def outside() -> Outside:
    """The bundle that the application was made with."""
    return cast(Outside, current_app.extensions["formulary"])


def actor() -> Actor:
    """The signed-in person with the roles held at this request; only behind ``needs`` or ``takes_move``."""
    return cast(Actor, current_user.actor)
