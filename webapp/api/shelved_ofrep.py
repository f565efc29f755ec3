"""The protocol of OpenFeature in the delivery process: answered from memory, as the release route is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.exceptions import HTTPException

from webapp.api.delivery import require_prompt
from webapp.api.ofrep import ADDRESS, evaluated, failed, turned_away
from webapp.api.shelved import known_token, shelves
from webapp.errors import FormularyError

room = Blueprint("shelved_ofrep", __name__)


@room.post(ADDRESS)
def evaluate(key: str) -> Any:
    """What an OpenFeature SDK gets for this prompt and unit: the document of the release route as the flag's value."""
    token = known_token()
    require_prompt(key, token.prompts)
    return evaluated(key, lambda place: shelves().serve(key, place), token.application)


evaluate.access = "token:deliver"  # type: ignore[attr-defined]


@room.errorhandler(FormularyError)
def refuse(error: FormularyError) -> Any:
    """The error in the protocol's form."""
    return failed(error)


@room.errorhandler(HTTPException)
def turn_away(error: HTTPException) -> Any:
    """A request that was not taken at all, or what nobody foresaw, in the protocol's form."""
    return turned_away(error)
