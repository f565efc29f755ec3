"""The pages of people: the list, one person, inviting. Links are shown once, in the answer that made them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.acts.reauthentication import Given
from webapp.domain.workflow import Role
from webapp.domain.workflow.grants import Right
from webapp.domain.workflow.stages import ROLE_WORDS
from webapp.errors import Conflict, InvalidInput, Refused, TooMany
from webapp.services import alerts, people
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("people", __name__)


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite as what."""

    name = StringField(
        "Name", [InputRequired("Write the person's name.")], description="As it is printed on signatures."
    )
    email = EmailField("Mail address", [InputRequired("Write the person's mail address.")])
    roles = SelectMultipleField(
        "Roles",
        choices=[(role.value, ROLE_WORDS[role]) for role in Role],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="An administrator cannot also be clinical informaticist or physician.",
    )


@room.get("/people")
@needs(Right.READ_PEOPLE)
def index() -> str:
    """Everybody, and for administrators the way to invite."""
    return _page(InviteForm(formdata=None))


@room.post("/people")
@needs(Right.MANAGE_PEOPLE)
def invite() -> Any:
    """Somebody is invited; the page with the link is the only place where it ever stands."""
    form = InviteForm()
    if not form.validate():
        return _page(form), 422
    try:
        invited = people.invite(outside(), actor(), form.name.data, form.email.data, form.roles.data or [])
    except (InvalidInput, Conflict, Refused) as error:
        form.form_errors = [error.sentence]
        return _page(form), status_of(error)
    return render_template("people/invited.html", invited=invited), 201


@room.post("/people/notices/<alert_id>/seen")
@needs(Right.MANAGE_PEOPLE)
def see_alert(alert_id: str) -> Any:
    """Somebody looked into a notice of repeated failures."""
    alerts.mark_seen(outside(), actor(), alert_id)
    flash("Noted that you looked into it; the notice left all inboxes.", "good")
    return redirect(url_for("people.index"), 303)


@room.get("/people/<person_id>")
@needs(Right.READ_PEOPLE)
def show(person_id: str) -> str:
    """One person, and for administrators what can be done."""
    view = people.show_person(outside(), actor(), person_id)
    return render_template("people/person.html", view=view, access=people.show_access(outside(), actor(), person_id))


@room.post("/people/<person_id>/link")
@needs(Right.MANAGE_PEOPLE)
def renew(person_id: str) -> Any:
    """A new link instead of the old one."""
    invited = people.renew_invitation(outside(), actor(), person_id)
    return render_template("people/invited.html", invited=invited), 201


@room.post("/people/<person_id>/roles/grant")
@needs(Right.MANAGE_PEOPLE)
def grant(person_id: str) -> Any:
    """One more role."""
    people.grant_role(outside(), actor(), person_id, _field("role"))
    return _done(
        person_id,
        "The role is given; it counts from the next page on. What was asked for before, it signs once a second person has confirmed it.",
    )


@room.post("/people/<person_id>/roles/revoke")
@needs(Right.MANAGE_PEOPLE)
def revoke(person_id: str) -> Any:
    """One role less."""
    people.revoke_role(outside(), actor(), person_id, _field("role"))
    return _done(person_id, "The role is taken; it counts from the next page on.")


@room.post("/people/<person_id>/deactivate")
@needs(Right.MANAGE_PEOPLE)
def deactivate(person_id: str) -> Any:
    """Somebody left."""
    people.deactivate(outside(), actor(), person_id)
    return _done(person_id, "Deactivated: sessions and tokens are over.")


@room.post("/people/<person_id>/reactivate")
@needs(Right.MANAGE_PEOPLE)
def reactivate(person_id: str) -> Any:
    """Somebody is back."""
    people.reactivate(outside(), actor(), person_id)
    return _done(person_id, "Reactivated: the person can sign in again.")


@room.post("/people/<person_id>/confirm")
@needs(Right.MANAGE_PEOPLE)
def confirm(person_id: str) -> Any:
    """Title and credentials are vouched for."""
    people.confirm_credentials(outside(), actor(), person_id, _field("expected_digest"))
    return _done(person_id, "The credentials are confirmed; they stand on this person's signatures from now on.")


@room.get("/people/<person_id>/second-factors/take-away")
@needs(Right.MANAGE_PEOPLE)
def ask_reset(person_id: str) -> str:
    """What it means to take somebody's second factors away, before it is done."""
    return _reset_page(person_id, ())


@room.post("/people/<person_id>/second-factors/take-away")
@needs(Right.MANAGE_PEOPLE)
def reset(person_id: str) -> Any:
    """The second factors are taken away; a second person has to confirm the new ones."""
    try:
        people.reset_factors(outside(), actor(), _given(), person_id)
    except (Refused, TooMany) as error:
        if error.code not in ("wrong_password", "second_factor", "too_many"):
            raise
        return _reset_page(person_id, (error.sentence,)), 422
    return _done(
        person_id, "Taken away. The person adds a new second factor, and a second person confirms that it is theirs."
    )


def _reset_page(person_id: str, errors: tuple[str, ...]) -> str:
    view = people.show_person(outside(), actor(), person_id)
    access = people.show_access(outside(), actor(), person_id)
    confirmers = people.who_would_confirm(outside(), actor(), person_id)
    return render_template(
        "people/take_away.html",
        view=view,
        access=access,
        errors=errors,
        confirmers=confirmers,
        hours=people.ENROL_HOURS,
    )


def _given() -> Given:
    return Given(_field("password"), _field("code"))


def _page(form: InviteForm) -> str:
    everybody = people.list_people(outside(), actor())
    notices = alerts.list_alerts(outside(), actor())
    has_mail = outside().mail is not None
    return render_template("people/list.html", people=everybody, form=form, notices=notices, has_mail=has_mail)


def _field(name: str) -> str:
    return request.form.get(name, "")


def _done(person_id: str, sentence: str) -> Any:
    flash(sentence, "good")
    return redirect(url_for("people.show", person_id=person_id), 303)
