"""The emergency page of a delivery host: what is live here, and a form that stops or holds it. No script, no session, one page.

A form is taken only with the token that this page gave to this browser, and from no other site: otherwise a page elsewhere could have the
browsers of a hospital try passwords here. What must not live here: who is believed (``services.delivery.emergency``).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from markupsafe import escape
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.sansio.utils import host_is_trusted

from webapp.adapters.stop_flags import EVERYTHING, HOLD, STOP
from webapp.errors import FormularyError, TooMany
from webapp.services.delivery import Board, Emergency, Shelves, Typed, read_board
from webapp.settings import PACKAGE
from webapp.web.access import public
from webapp.web.context import outside
from webapp.web.errors import status_of
from webapp.web.refusals import caller_address

room = Blueprint("emergency", __name__)
COOKIE, LIFE_SECONDS = "formulary_emergency", 30 * 60
LARGEST_FORM_BYTES = 16 * 1024
LONGEST_EMAIL, LONGEST_PASSWORD = 254, 200
ROOM_BYTES = 13_000
"""What the rows of one page may take, so that the whole page stays under 30 kB."""
LONGEST_SHOWN = 700
MOST_CHOICES = 60
INDENTATION = re.compile(r"\s*\n\s*")
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
TOO_OLD = "This form was too old, or came from elsewhere. Nothing was changed. Enter the password again and send it once more."
LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Tried:
    """A refused try: which form, what was typed (never a password), why not, and at which field."""

    form: str = ""
    sentence: str = ""
    at: str = ""
    status: int = 200
    typed: dict[str, str] = field(default_factory=dict)


@room.get("/")
@room.get("/emergency/stop")
@room.get("/emergency/lift")
@public
def home() -> Any:
    """On to the page, also for who loads again the answer to a form."""
    return redirect(url_for("emergency.show"), 303)


@room.get("/emergency")
@public
def show() -> Any:
    """What is live on this host and what is stopped, with the form to stop and hold."""
    return _page(Tried())


@room.post("/emergency/stop")
@public
def stop() -> Any:
    """A prompt, or everything, is stopped or held on this host."""
    kind, prompt = _field("kind"), _field("prompt")
    return _try("stop", lambda: _emergency().stop(kind, prompt, _field("reason"), _typed()).id)


@room.post("/emergency/lift")
@public
def lift() -> Any:
    """A stop or hold on this host is over."""
    ids = [_field("flag")] if _field("flag") else []
    return _try("lift", lambda: _emergency().lift(ids, _field("reason"), _typed()))


@room.get("/emergency/style.css")
@public
def style() -> Response:
    """The page's only other file: the colours of all pages, and its own few rules."""
    parts = (PACKAGE / "static" / f"{name}.css" for name in ("tokens", "emergency"))
    content = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return Response(content, mimetype="text/css", headers={"Cache-Control": "max-age=3600"})


@room.before_request
def refuse_odd_requests() -> None:
    """Forms are small, and the page answers by the names it was given."""
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM_BYTES
    names = outside().settings.allowed_hosts
    if names and not host_is_trusted(request.host, names):
        raise BadRequest("This host is not reached by that name.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none") and request.method == "POST":
        raise Forbidden("This form was sent by another site.")


@room.after_request
def secure(response: Response) -> Response:
    """No script runs here, no other site frames it or sends its forms, and nothing keeps a copy."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _try(form: str, act: Callable[[], str | None]) -> Any:
    """Done, and on to the page that shows it; or the page again with why not and what was typed."""
    if not _is_from_here():
        return _page(_tried(form, TOO_OLD, "password", 403))
    try:
        done = act()
    except FormularyError as error:
        at = error.details.get("field", "password" if status_of(error) in (401, 429) else "")
        return _page(_tried(form, error.sentence, str(at), status_of(error)), error)
    return redirect(url_for("emergency.show", done=done or "lifted"), 303)


def _tried(form: str, sentence: str, at: str, status: int) -> Tried:
    kept = {name: _field(name) for name in ("kind", "prompt", "reason", "email", "flag")}
    return Tried(form, sentence, at, status, kept)


def _page(tried: Tried, error: FormularyError | None = None) -> Response:
    shelves = _shelves()
    board = read_board(shelves, is_broken=current_app.extensions["log_watch"].is_broken)
    start = request.args.get("from", "")
    rows, after = _fitting(board, start)
    names = [row.name for row in board.rows]
    cookie = _good_cookie() or _fresh_cookie()
    page = render_template(
        "emergency/page.html",
        board=board,
        rows=rows,
        after=after,
        is_first=not start,
        names=sorted(names) if len(names) <= MOST_CHOICES else None,
        tried=tried,
        token=_token_of(cookie),
        done=_done(board),
        everything=EVERYTHING,
        stop_kind=STOP,
        hold_kind=HOLD,
        longest=LONGEST_SHOWN,
        organisation=outside().settings.organisation,
        main_url=outside().settings.base_url,
        is_open=not request.is_secure and caller_address() not in LOOPBACK,
    )
    response = make_response(INDENTATION.sub("\n", page), tried.status)
    response.set_cookie(
        COOKIE, cookie, LIFE_SECONDS, path="/emergency", secure=request.is_secure, httponly=True, samesite="Strict"
    )
    if isinstance(error, TooMany) and "retry_after_seconds" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_seconds"])
    return response


def _fitting(board: Board, start: str) -> tuple[list[Any], str]:
    """The rows from this prompt on that have room on one page, and the name of the first that has not."""
    names = [row.name for row in board.rows]
    rows = board.rows[names.index(start) :] if start in names else board.rows
    taken, fitting = 0, list[Any]()
    for row in rows:
        texts = (row.name, row.live, row.new, row.fault, row.downtime_text[:LONGEST_SHOWN], *row.calls)
        reasons = [f"{flag.reason[:LONGEST_SHOWN]}{flag.by}" for flag in row.flags]
        taken += 500 + sum(len(escape(text).encode()) for text in (*texts, *reasons))
        if fitting and taken > ROOM_BYTES:
            return fitting, row.name
        fitting.append(row)
    return fitting, ""


def _done(board: Board) -> Any:
    """The stop or hold that was just made, for the sentence on top; "lifted", or None."""
    asked = request.args.get("done", "")
    return "lifted" if asked == "lifted" else next((one for one in board.standing if one.id == asked), None)


def _is_from_here() -> bool:
    """Did this page give the form to this browser, and does the browser say that the form was sent from here?"""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        return False
    cookie = _good_cookie()
    return cookie is not None and hmac.compare_digest(_token_of(cookie).encode(), _field("token").encode())


def _fresh_cookie() -> str:
    body = f"{int(outside().now().timestamp())}.{outside().chance(16).hex()}"
    return f"{body}.{_mac('cookie', body)}"


def _good_cookie() -> str | None:
    """The browser's cookie, if this host made it not long ago."""
    cookie = request.cookies.get(COOKIE, "")
    body, _, mac = cookie.rpartition(".")
    if not hmac.compare_digest(_mac("cookie", body).encode(), mac.encode()):
        return None
    age = outside().now().timestamp() - int(body.partition(".")[0])
    return cookie if 0 <= age < LIFE_SECONDS else None


def _token_of(cookie: str) -> str:
    return _mac("form", cookie)


def _mac(purpose: str, text: str) -> str:
    return outside().keyring.mac(f"emergency {purpose}:{text}".encode())


def _typed() -> Typed:
    email, password = _field("email").strip().lower(), request.form.get("password", "")
    return Typed(email[:LONGEST_EMAIL], password[: LONGEST_PASSWORD + 1], caller_address(), _field("code")[:40])


def _field(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _shelves() -> Shelves:
    found: Shelves = current_app.extensions["shelves"]
    return found


def _emergency() -> Emergency:
    found: Emergency = current_app.extensions["emergency"]
    return found
