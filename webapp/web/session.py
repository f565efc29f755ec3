"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from webapp.domain.workflow.grants import Right
from webapp.errors import NotSignedIn, TooMany
from webapp.services.sessions import close_session, open_session
from webapp.web.access import needs, public
from webapp.web.context import outside
from webapp.web.signed_in import load_signed_in

room = Blueprint("session", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Mail address and password."""

    email = EmailField("Mail address", [InputRequired("Enter your mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])


@room.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The sign-in page; after signing in, the inbox."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("session/sign_in.html", form=form), 422 if form.is_submitted() else 200
    try:
        raw = open_session(outside(), form.email.data, form.password.data)
    except (NotSignedIn, TooMany) as error:
        form.password.errors = [error.sentence]
        return render_template("session/sign_in.html", form=form), 429 if isinstance(error, TooMany) else 401
    session.clear()
    session.permanent = True
    login_user(load_signed_in(raw))
    return redirect(url_for("inbox.show"), 303)


@room.get("/stay")
@needs(Right.MANAGE_OWN_PROFILE)
def stay() -> Any:
    """Still here: the session goes on, and forms that stand open get a token that is good."""
    return {"csrf_token": generate_csrf()}


@room.post("/sign-out")
@public
def sign_out() -> Any:
    """Nobody is signed in by this browser any more."""
    if current_user.is_authenticated:
        close_session(outside(), current_user.get_id())
        logout_user()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("session.sign_in"), 303)
