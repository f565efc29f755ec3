"""Reviewing the audit log: what waits, what stands out, the signed conclusion, and every review so far."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.workflow.grants import Right
from webapp.errors import Conflict, InvalidInput, NotSignedIn, Refused, Stale, TooMany
from webapp.services import trail
from webapp.services.trail import Reviewing
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FIELDS, WRONG_PASSWORD, password, typed
from webapp.web.errors import as_json, status_of

HERE = "reauthenticate", "second_factor"
room = Blueprint("trail", __name__)


@room.get("/ledger/reviews")
@needs(Right.READ_LEDGER)
def show() -> str:
    """What waits for a review, and the reviews so far."""
    return _page({})


@room.post("/ledger/reviews")
@needs(Right.REVIEW_TRAIL)
def review() -> Any:
    """An auditor signs that these entries were reviewed."""
    try:
        trail.review_trail(outside(), actor(), _given(), password())
    except (InvalidInput, NotSignedIn, TooMany, Stale, Conflict) as error:
        is_password = isinstance(error, NotSignedIn) and error.code not in ("wrong_code", "wrong_passkey")
        field = str(error.details.get("field") or ("password" if is_password else FIELDS.get(error.code, "")))
        return _page({field: (WRONG_PASSWORD if is_password else error.sentence,)}), status_of(error)
    except Refused as error:
        if error.code not in HERE:
            raise
        return _page({FIELDS[error.code]: (error.sentence,)}), 422
    flash("Your review is signed and entered in the log; the next one begins where it ended.", "good")
    return redirect(url_for("trail.show"), 303)


@room.post("/ledger/reviews/passkey")
@needs(Right.REVIEW_TRAIL)
def ask_passkey() -> Any:
    """What the auditor's passkey is to sign, as JSON for our script."""
    return as_json(lambda: trail.ask_passkey_to_review(outside(), actor(), _given()))


def _given() -> Reviewing:
    return Reviewing(
        first=_number("first"),
        size=_number("size"),
        nonce=typed("nonce"),
        conclusion=typed("conclusion"),
        findings=typed("findings"),
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _page(errors: dict[str, tuple[str, ...]]) -> str:
    return render_template(
        "trail/page.html",
        view=trail.show_trail(outside(), actor()),
        errors=errors,
        values={name: typed(name) for name in ("conclusion", "findings")},
        conclusions=trail.CONCLUSIONS,
        longest=trail.LONGEST_FINDINGS,
    )
