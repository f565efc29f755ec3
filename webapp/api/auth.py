"""Who calls the API: a bearer token in the Authorization header, never a cookie."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from webapp.errors import NotSignedIn
from webapp.services.tokens import SCOPE_WORDS, find_bearer, require_scope
from webapp.web.context import outside
from webapp.web.refusals import caller_address

View = TypeVar("View", bound=Callable[..., Any])
SCHEME = "bearer"
LONGEST_TOKEN = 200


def token(*scopes: str) -> Callable[[View], View]:
    """Only a good token with one of these scopes reaches the view; ``g.token`` and ``g.actor`` say whose it is."""
    assert scopes and set(scopes) <= set(SCOPE_WORDS)

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            bearer = find_bearer(outside(), sent_token(), place=caller_address())
            g.token, g.actor = bearer, bearer.actor  # first, so that a refusal says whose token it was
            require_scope(bearer, scopes)
            return view(*args, **kwargs)

        guarded.access = f"token:{'|'.join(scopes)}"  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def sent_token() -> str:
    """The text of the token that came with the request; NotSignedIn where there is none."""
    return read_bearer(request.headers.get("Authorization", ""))


def read_bearer(header: str) -> str:
    """The text of the token in an Authorization header; NotSignedIn where there is none."""
    scheme, _, sent = header.partition(" ")
    if scheme.lower() != SCHEME or not 1 <= len(sent.strip()) <= LONGEST_TOKEN:
        raise NotSignedIn("Send a token in the header: Authorization: Bearer TOKEN.")
    return sent.strip()
