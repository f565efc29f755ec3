"""Signing in and out, and joining by an invitation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput, NotSignedIn, Refused, TooMany
from webapp.services import factors, people
from webapp.web import signed_in
from webapp.web.access import needs, public
from webapp.web.context import outside
from webapp.web.errors import as_json
from webapp.web.navigation import home_url

room = Blueprint("session", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Mail address and password."""

    email = EmailField("Mail address", [InputRequired("Enter your mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])


class JoinForm(FlaskForm):  # type: ignore[misc]
    """The first password, twice."""

    new = PasswordField(
        "Password",
        [InputRequired("Choose a password.")],
        description="12 characters or more; a sentence is a good one.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "Password again",
        [InputRequired("Enter the password again."), EqualTo("new", "The two passwords differ; enter them again.")],
        render_kw={"autocomplete": "new-password"},
    )


@room.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Any:
    """The sign-in page; after signing in, the first page. Nothing in the request says where to."""
    form = SignInForm()
    if current_user.is_authenticated and not form.is_submitted():
        return redirect(home_url(), 303)
    if not form.validate_on_submit():
        return render_template("session/sign_in.html", form=form), 422 if form.is_submitted() else 200
    try:
        signed_in.sign_in(form.email.data, form.password.data)
    except (NotSignedIn, TooMany) as error:
        form.password.errors = [error.sentence]
        return render_template("session/sign_in.html", form=form), 429 if isinstance(error, TooMany) else 401
    if signed_in.awaits_factor():
        return redirect(url_for("session.second_factor"), 303)
    return redirect(home_url(), 303)


@room.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
def second_factor() -> Any:
    """After the password: the code; then the first page."""
    if not signed_in.awaits_factor():
        return redirect(url_for("session.sign_in"), 303)
    if request.method == "GET":
        return _second_page(())
    try:
        signed_in.finish_sign_in(request.form.get("code", ""), request.form.get("passkey", ""))
    except (NotSignedIn, TooMany, Refused, InvalidInput) as error:
        return _second_page((error.sentence,)), 429 if isinstance(error, TooMany) else 401
    return redirect(home_url(), 303)


@room.post("/sign-in/second-factor/passkey")
@public
def ask_passkey() -> Any:
    """What the browser's passkey is to sign, as JSON for our script."""
    return as_json(signed_in.ask_passkey)


def _second_page(errors: tuple[str, ...]) -> str:
    has_passkey = factors.has_passkey(outside(), signed_in.who_awaits())
    return render_template("session/second.html", errors=errors, has_passkey=has_passkey)


@room.get("/stay")
@needs(Right.MANAGE_OWN_PROFILE)
def stay() -> Any:
    """Still here: the session goes on, and forms that stand open get a token that is good."""
    return {"csrf_token": generate_csrf()}


@room.post("/sign-out")
@public
def sign_out() -> Any:
    """Nobody is signed in by this browser any more."""
    signed_in.sign_out()
    flash("You are signed out.", "good")
    return redirect(url_for("session.sign_in"), 303)


@room.route("/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> Any:
    """The invited person chooses a password; afterwards the link is worth nothing."""
    invitee, form = people.show_invitation(outside(), token), JoinForm()
    if not form.validate_on_submit():
        return _join_page(invitee, form), 422 if form.is_submitted() else 200
    try:
        people.join(outside(), token, form.new.data)
    except InvalidInput as error:
        form.new.errors = [error.sentence]
        return _join_page(invitee, form), 422
    flash("Your password is set. Sign in with it.", "good")
    return redirect(url_for("session.sign_in"), 303)


def _join_page(invitee: people.Invitee, form: JoinForm) -> str:
    return render_template("session/join.html", invitee=invitee, form=form)
