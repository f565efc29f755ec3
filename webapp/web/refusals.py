"""Refused requests as entries of the audit log: who was refused which right, and from where. The answer stays the refusal."""

from __future__ import annotations

import logging

from flask import current_app, g, request
from flask_login import current_user

from webapp.acts.refusals import Attempt, note_refusal
from webapp.domain.workflow import Actor
from webapp.errors import FormularyError, Refused
from webapp.web.context import outside

ACCESS_CODES = frozenset({"role", "scope", "prompt_not_allowed", "withheld"})
log = logging.getLogger("formulary")


def caller_address() -> str:
    """The network address that asks, as far as the trusted proxies tell it."""
    return request.remote_addr or ""


def enter_refused_access(error: FormularyError) -> None:
    """A refusal for want of a right is entered; what ``perform`` refused is entered there."""
    if not isinstance(error, Refused) or error.code not in ACCESS_CODES or "refusals" in error.details:
        return
    actor = _asking()
    if actor is None:
        return
    attempt = Attempt("access.refused", actor.id, ("right", _asked_for()), error.code, caller_address())
    try:
        note_refusal(outside(), attempt, actor)
    except FormularyError as fault:  # the refusal stands, also where it cannot be entered
        log.error("a refused access could not be entered: %s", fault.code)


def _asking() -> Actor | None:
    """The token's owner, or the person behind the session; None for strangers."""
    bearer: Actor | None = g.get("actor")
    if bearer is not None:
        return bearer
    return current_user.actor if current_user.is_authenticated else None


def _asked_for() -> str:
    """What was asked for, as a closed code: the access mark of the view."""
    view = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "access", "unknown"))[:70]
