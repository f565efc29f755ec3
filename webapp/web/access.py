"""Who may call a route. Every view says so with one of these marks; the application does not start with an unmarked one.

Deny by default: what is neither public, nor a right, nor a move of the table is a fault of the program, found at start.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask
from flask_login import current_user

from webapp.domain.workflow import MOVES
from webapp.domain.workflow.grants import GRANTS, Right, may
from webapp.errors import NotSignedIn, Refused

ENROL_FIRST = "Your second factors were taken away. Add one here first; then everything else is open to you again."
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody may call this view, also without being signed in."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def needs(right: Right) -> Callable[[View], View]:
    """Only a signed-in person with this right reaches the view."""
    assert right in GRANTS

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require_right(right)
            return view(*args, **kwargs)

        guarded.access = right.value  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def takes_move(name: str) -> Callable[[View], View]:
    """Only a signed-in person reaches the view; whether the move is theirs, ``perform`` decides from the table."""
    assert any(move.name == name for move in MOVES)

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require_person()
            return view(*args, **kwargs)

        guarded.access = f"move:{name}"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def takes_any_move(view: View) -> View:
    """Only a signed-in person reaches the view, for whichever move its address names; whether it is theirs, the table decides."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        require_person()
        return view(*args, **kwargs)

    guarded.access = "move:any"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def require_person() -> None:
    """Somebody is signed in, and not only to add a second factor."""
    _require_signed_in()
    if current_user.actor.enrols_only:
        raise Refused(ENROL_FIRST, code="enrol_first")


def _require_signed_in() -> None:
    if not current_user.is_authenticated:
        raise NotSignedIn("Sign in first.")


def require_right(right: Right) -> None:
    """Somebody is signed in and holds the right; Refused says which right is missing."""
    if right is Right.MANAGE_OWN_PROFILE:
        _require_signed_in()
    else:
        require_person()
    if not may(current_user.actor.roles, right):
        raise Refused(f"Your roles do not let you {right.value.replace('_', ' ')}; ask an administrator.", code="role")


def refuse_unmarked(app: Flask) -> None:
    """Every route of the application says who may call it; RuntimeError names those that do not."""
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    if unmarked:
        raise RuntimeError(f"routes without an access mark: {', '.join(sorted(set(unmarked)))}")
