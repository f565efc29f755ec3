"""The release route of the delivery process on the short way: what memory can answer at once does not go round through Flask.

Whoever may not, nothing to serve, a broken log, anything odd: all that is ``webapp.api.shelved``'s to decide and to put into words, as
if nobody had asked here. What is served is decided by the same functions on both ways. What must not live here: refusals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask
from werkzeug.http import parse_etags

from webapp.acts.standing import State
from webapp.acts.watching import Watch
from webapp.api.auth import read_bearer
from webapp.api.delivery import headers_of, require_prompt
from webapp.domain.cohorts import Place
from webapp.errors import FormularyError
from webapp.services.delivery import Served, Shelves

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BEFORE, AFTER = "/api/v1/prompts/", "/release"


def put_in_front(app: Flask, watch: Watch) -> None:
    """Requests for a release are answered before Flask, while the log is whole and nothing has to be refused."""
    round_about: WSGIApplication = app.wsgi_app

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_asked = _asks_for_release(
            environ
        )  # first, so that nothing else, a stop least of all, waits for the database
        is_whole = is_asked and watch.look().state is not State.BROKEN
        served = _served(app.extensions["shelves"], environ) if is_whole else None
        if served is None:
            return round_about(environ, start_response)
        headers = headers_of(served.etag)
        if _has(environ, served.etag):
            start_response("304 NOT MODIFIED", headers)
            return [b""]
        body = served.to_json()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
        return [body]

    app.wsgi_app = front  # type: ignore[method-assign]


def _asks_for_release(environ: WSGIEnvironment) -> bool:
    path: str = environ["PATH_INFO"]
    return environ["REQUEST_METHOD"] == "GET" and path.startswith(BEFORE) and path.endswith(AFTER)


def _served(shelves: Shelves, environ: WSGIEnvironment) -> Served | None:
    """The release for this request; None where nothing is served."""
    path: str = environ["PATH_INFO"]
    name = path[len(BEFORE) : -len(AFTER)]
    try:
        token = shelves.find_token(read_bearer(environ.get("HTTP_AUTHORIZATION", "")))
        if token is None:
            return None
        require_prompt(name, token.prompts)
        return shelves.serve(name, _place_of(environ.get("QUERY_STRING", ""), token.application))
    except (FormularyError, UnicodeError):
        return None


def _place_of(query: str, application: str) -> Place:
    """Where the request says it comes from; of what is said twice the first counts. UnicodeError for what is no UTF-8, or not encoded."""
    query.encode("ascii")
    said = dict(reversed(parse_qsl(query, keep_blank_values=True, errors="strict")))
    return Place(said.get("unit", ""), said.get("site", ""), said.get("department", ""), application)


def _has(environ: WSGIEnvironment, etag: str) -> bool:
    """Has the application said that it holds this one? Mostly it names this one alone."""
    held: str = environ.get("HTTP_IF_NONE_MATCH", "")
    return held == f'"{etag}"' or parse_etags(held).contains_weak(etag)
