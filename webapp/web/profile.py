"""A person's own page: the words on signatures, and the password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.domain.workflow.grants import Right
from webapp.errors import AlreadyDone, InvalidInput, Refused, TooMany
from webapp.services import factors, profile
from webapp.web import signed_in
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("profile", __name__)
TOO_LONG = f"At most {profile.LONGEST} characters."


class CredentialsForm(FlaskForm):  # type: ignore[misc]
    """The words that stand on this person's signatures."""

    title = StringField(
        "Title", [Length(max=profile.LONGEST, message=TOO_LONG)], description="Such as Attending physician."
    )
    credentials = StringField(
        "Credentials", [Length(max=profile.LONGEST, message=TOO_LONG)], description="Such as MD, PhD."
    )
    specialty = StringField("Specialty", [Length(max=profile.LONGEST, message=TOO_LONG)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, against the present one."""

    present = PasswordField(
        "Present password",
        [InputRequired("Enter your present password.")],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password",
        [InputRequired("Choose a new password.")],
        description="12 characters or more; a sentence is a good one.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [
            InputRequired("Enter the new password again."),
            EqualTo("new", "The two new passwords differ; enter them again."),
        ],
        render_kw={"autocomplete": "new-password"},
    )


@room.get("/profile")
@needs(Right.MANAGE_OWN_PROFILE)
def show() -> str:
    """What stands on my signatures, and how I change my password."""
    return _page()


@room.post("/profile/credentials")
@needs(Right.MANAGE_OWN_PROFILE)
def change_credentials() -> Any:
    """New words, to be confirmed by an administrator."""
    form = CredentialsForm()
    if not form.validate():
        return _page(credentials=form), 422
    try:
        words = (form.title.data or "", form.credentials.data or "", form.specialty.data or "")
        profile.change_credentials(outside(), actor(), *words)
    except (InvalidInput, AlreadyDone) as error:
        form.form_errors = [error.sentence]
        return _page(credentials=form), status_of(error)
    flash("Saved. An administrator has to confirm these words before they can stand on a signature.", "good")
    return redirect(url_for("profile.show"), 303)


@room.post("/profile/password")
@needs(Right.MANAGE_OWN_PROFILE)
def change_password() -> Any:
    """A new password; this browser goes on under a new session id, all others are signed out."""
    form = PasswordForm()
    if not form.validate():
        return _page(password=form), 422
    try:
        profile.change_password(outside(), actor(), form.present.data, form.new.data)
    except (InvalidInput, Refused, TooMany) as error:
        form.form_errors = [error.sentence]
        return _page(password=form), status_of(error)
    signed_in.rotate()
    flash("Your password is changed; you are signed out everywhere else.", "good")
    return redirect(url_for("profile.show"), 303)


def _page(credentials: CredentialsForm | None = None, password: PasswordForm | None = None) -> str:
    view = profile.show_profile(outside(), actor())
    return render_template(
        "profile/page.html",
        view=view,
        factors=factors.show_factors(outside(), actor()),
        credentials=credentials or CredentialsForm(formdata=None, obj=view),
        password=password or PasswordForm(formdata=None),
    )
