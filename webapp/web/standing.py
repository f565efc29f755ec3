"""The page that stands in for every other one while the log is not the log that was signed.

What must not live here: how that is found out (``acts.standing``), and how often it is asked (``acts.watching``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, render_template, request

from webapp.acts.standing import BROKEN_LOG, Standing, State, standing_of
from webapp.acts.watching import LOOK_EVERY, Watch
from webapp.adapters.outside import Outside
from webapp.errors import Unavailable
from webapp.web.errors import error_body, wants_json

ALWAYS_ANSWERED = ("/static/", "/log/", "/healthz", "/readyz", "/emergency")
"""What a person needs on a wrong log too; whoever stops a prompt waits for nothing."""


def _begin(outside: Outside, *, has_pages: bool, is_answering: bool) -> Watch:
    """The log was read from its bytes. Where the database does not answer only what needs it, the pages, waits for it (Unavailable)."""
    try:
        if is_answering:
            return Watch(outside, standing_of(outside, from_bytes=True), outside.now())
    except Unavailable:
        if has_pages:
            raise
    unread = Standing(State.UNWATCHED, "The database has not answered yet.")
    return Watch(outside, unread, outside.now() - LOOK_EVERY, has_read_bytes=False)


def watch_log(
    app: Flask,
    outside: Outside,
    *,
    has_pages: bool = True,
    lets_pass: Callable[[], bool] = lambda: False,
    is_answering: bool = True,
    is_waited_for: bool = True,
) -> Watch:
    """The log is recomputed once from its bytes; while it is not the one that was signed, no page opens and nothing is stored.

    Without pages every answer is JSON; ``lets_pass``: is this request answered all the same? A database that is not ``is_answering`` is
    asked later; unless a look ``is_waited_for``, requests are answered by the last one meanwhile. Returns who is asked how the log stands.
    """
    watch = app.extensions["log_watch"] = _begin(outside, has_pages=has_pages, is_answering=is_answering)
    watch.is_waited_for = is_waited_for

    @app.before_request
    def refuse_broken_log() -> Any:
        """Nothing happens on a log that was rewound or edited."""
        if request.path.startswith(ALWAYS_ANSWERED):
            return None
        standing = watch.look()
        if standing.state is not State.BROKEN or lets_pass():
            return None
        if wants_json() or not has_pages:
            return jsonify(error_body(BROKEN_LOG, standing.sentence)), 503
        return render_template("standing/broken.html", standing=standing), 503

    return watch
