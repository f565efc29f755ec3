"""The door of hospital applications as an application of its own: no sessions; JSON, and one page for people who have to stop a prompt.

The same rooms stand in the web application; a host that only delivers runs this one. On a log that was rewound or edited it serves
nothing, as the web application does: an older database may name a release that was rolled back since. Only stops and holds made
here still reach those that decide from snapshots.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException

from webapp.adapters.outside import Outside
from webapp.api import interactions, shelved, shelved_ofrep
from webapp.api.shelved_front import put_in_front
from webapp.api.slots import Slots
from webapp.errors import FormularyError
from webapp.services.delivery import Emergency, Shelves
from webapp.settings import resource_dir
from webapp.web import emergency
from webapp.web.access import refuse_unmarked
from webapp.web.errors import error_body, status_of
from webapp.web.proxies import look_through_proxies
from webapp.web.standing import watch_log

NEED_THE_DATABASE = ("interactions_api.report", "interactions_api.problem")
LARGEST_REQUEST_BYTES = 12 * 1024 * 1024


def create_delivery_app(outside: Outside, shelves: Shelves | None = None, *, waits_for_log: bool = True) -> Flask:
    """The application that serves signed releases and takes reports; from these shelves, or from new ones that were just filled.

    Unless it ``waits_for_log`` the log is looked at by a thread beside the requests, so that a silent database holds up none.
    """
    app = Flask("webapp-delivery", static_folder=None, template_folder=str(resource_dir("templates")))
    app.extensions["formulary"] = outside
    filled = app.extensions["shelves"] = shelves or fill_shelves(outside)
    app.extensions["emergency"] = Emergency(filled)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES
    watch = watch_log(
        app,
        outside,
        has_pages=False,
        lets_pass=shelved.tells_of_stops,
        is_answering=filled.copy.answers,
        is_waited_for=waits_for_log,
    )
    app.register_error_handler(FormularyError, _ours)
    app.register_error_handler(HTTPException, _theirs)
    app.register_blueprint(shelved.room)
    app.register_blueprint(shelved_ofrep.room)
    app.register_blueprint(interactions.room)
    app.register_blueprint(emergency.room)
    slots = app.extensions["slots"] = Slots()
    for endpoint in NEED_THE_DATABASE:
        app.view_functions[endpoint] = slots.limit(app.view_functions[endpoint])
    refuse_unmarked(app)
    put_in_front(app, watch)
    look_through_proxies(app, outside.settings.trusted_proxies)
    return app


def fill_shelves(outside: Outside) -> Shelves:
    """Shelves as the database has them, or as they lie on the disk where it does not answer."""
    shelves = Shelves(outside)
    if not shelves.look() or shelves.stock.read_at is None:
        shelves.load()
    return shelves


def _ours(error: FormularyError) -> Any:
    return jsonify(error_body(error.code, error.sentence, error.details)), status_of(error)


def _theirs(error: HTTPException) -> Any:
    code = error.name.lower().replace(" ", "_")
    return jsonify(error_body(code, error.description or "This could not be answered.")), error.code or 500
