"""Idempotency-Key on writes: the same request again gets the answer of the first, and nothing is done twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, make_response, request

from webapp.services import repeats
from webapp.web.context import outside

View = TypeVar("View", bound=Callable[..., Any])
HEADER = "Idempotency-Key"
SERVER_FAULT = 500


def once(view: View) -> View:
    """With a key, the view runs once for a token; stands below ``token``, which says who asks."""

    @wraps(view)
    def repeated(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **kwargs)
        before = repeats.begin(outside(), g.token.id, key, _digest())
        if before is not None:
            response = make_response(before.body, before.status)
            response.headers.update({"Content-Type": "application/json", "Idempotency-Replayed": "true"})
            return response
        return _answer(view, key, *args, **kwargs)

    repeated.answers_once = True  # type: ignore[attr-defined]
    return repeated  # type: ignore[return-value]


def _answer(view: View, key: str, *args: Any, **kwargs: Any) -> Any:
    """The view's answer, remembered; a refusal frees the key, because nothing was done."""
    try:
        response = make_response(view(*args, **kwargs))
    except Exception:
        repeats.forget(outside(), g.token.id, key)
        raise
    if response.status_code >= SERVER_FAULT:
        repeats.forget(outside(), g.token.id, key)
    else:
        repeats.remember(outside(), g.token.id, key, response.status_code, response.get_data(as_text=True))
    return response


def _digest() -> str:
    """What makes two requests the same: method, address with query, body and its type."""
    head = f"{request.method} {request.full_path} {request.mimetype}\n".encode()
    return hashlib.sha256(head + request.get_data()).hexdigest()
