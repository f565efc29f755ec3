"""A person's second factors: adding, confirming and revoking them. Secrets and recovery codes are shown once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.acts.reauthentication import Given
from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput
from webapp.services import factors
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import as_json

room = Blueprint("factors", __name__)


@room.post("/profile/factors/app")
@needs(Right.MANAGE_OWN_PROFILE)
def begin_app() -> Any:
    """An authenticator app is to be confirmed; the next page shows its secret."""
    factor_id = factors.begin_app(outside(), actor(), given(), request.form.get("name", ""))
    return redirect(url_for("factors.show_app", factor_id=factor_id), 303)


@room.get("/profile/factors/app/<factor_id>")
@needs(Right.MANAGE_OWN_PROFILE)
def show_app(factor_id: str) -> str:
    """Secret and picture, until the app is confirmed."""
    return _app_page(factor_id, None)


@room.post("/profile/factors/app/<factor_id>")
@needs(Right.MANAGE_OWN_PROFILE)
def confirm_app(factor_id: str) -> Any:
    """The app's code was given; with the first factor come recovery codes."""
    try:
        codes = factors.confirm_app(outside(), actor(), factor_id, request.form.get("code", ""))
    except InvalidInput as error:
        return _app_page(factor_id, error.sentence), 422
    if codes:
        return _codes_page(codes)
    flash("The authenticator app is added.", "good")
    return redirect(url_for("profile.show"), 303)


@room.post("/profile/factors/passkey/options")
@needs(Right.MANAGE_OWN_PROFILE)
def begin_passkey() -> Any:
    """What the browser is told to make a passkey, as JSON for our script."""
    return as_json(lambda: factors.begin_passkey(outside(), actor(), given(), request.form.get("name", "")))


@room.post("/profile/factors/passkey")
@needs(Right.MANAGE_OWN_PROFILE)
def add_passkey() -> Any:
    """The browser made a passkey; with the first factor come recovery codes."""
    answer = request.form.get("passkey", "")
    if not answer:
        raise InvalidInput(
            "A passkey is made by this page's script; allow scripts of this site and press the button again."
        )
    codes = factors.add_passkey(outside(), actor(), answer, request.form.get("name", ""))
    if codes:
        return _codes_page(codes)
    flash("The passkey is added.", "good")
    return redirect(url_for("profile.show"), 303)


@room.post("/profile/factors/<factor_id>/revoke")
@needs(Right.MANAGE_OWN_PROFILE)
def revoke(factor_id: str) -> Any:
    """This factor counts no more."""
    factors.revoke(outside(), actor(), given(), factor_id)
    flash("Revoked; it opens nothing and signs nothing any more.", "good")
    return redirect(url_for("profile.show"), 303)


@room.post("/profile/factors/recovery")
@needs(Right.MANAGE_OWN_PROFILE)
def renew_recovery_codes() -> Any:
    """New recovery codes, on the only page that ever shows them."""
    return _codes_page(factors.renew_recovery_codes(outside(), actor(), given()))


def given() -> Given:
    """Password and code as they were typed."""
    return Given(request.form.get("password", ""), request.form.get("code", ""))


def _app_page(factor_id: str, fault: str | None) -> str:
    enrolment = factors.show_enrolment(outside(), actor(), factor_id)
    return render_template("factors/app.html", enrolment=enrolment, errors=(fault,) if fault else ())


def _codes_page(codes: tuple[str, ...]) -> str:
    return render_template("factors/recovery.html", codes=codes)
