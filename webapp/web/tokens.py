"""The page of tokens: making, listing, revoking. A token is shown once, in the answer that made it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput, Refused
from webapp.services import tokens
from webapp.services.tokens import LONGEST_DAYS, TokenRequest, TokensView
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("tokens", __name__)


def _in_range(_form: FlaskForm, field: IntegerField) -> None:
    """The days are few enough; compared as whole numbers, which endless ones survive."""
    if field.data is None or not 1 <= field.data <= LONGEST_DAYS:
        raise ValidationError(f"Write 1 to {LONGEST_DAYS} days.")


class TokenForm(FlaskForm):  # type: ignore[misc]
    """What a new token is for; scopes and prompts are filled in by ``offering``."""

    name = StringField("Name", [InputRequired("Name the token by what uses it.")], description="What will use it.")
    scopes = SelectMultipleField("What it may do", widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    prompts = SelectMultipleField(
        "Only for these prompts",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description="None chosen means all prompts.",
    )
    contact = StringField("Whom to ask", [InputRequired("Write whom to ask about this token.")])
    phone = StringField(
        "Telephone", [InputRequired("Write a telephone number.")], description="For when mail is too slow."
    )
    days = IntegerField(
        "Days until it ends",
        [
            InputRequired(f"Write 1 to {LONGEST_DAYS} days."),
            _in_range,
        ],
        default=90,
    )

    def offering(self, view: TokensView) -> TokenForm:
        """The form with the scopes and prompts that this person can choose."""
        self.scopes.choices = list(view.scopes)
        self.prompts.choices = [(name, name) for name in view.prompts]
        return self


@room.get("/tokens")
@needs(Right.MANAGE_OWN_TOKENS)
def index() -> str:
    """The tokens this person may see, and a form for a new one."""
    view = tokens.show_tokens(outside(), actor())
    return _page(TokenForm(formdata=None).offering(view), view)


@room.post("/tokens")
@needs(Right.MANAGE_OWN_TOKENS)
def make() -> Any:
    """A token is made; the page that shows it is the only place where it ever stands."""
    view = tokens.show_tokens(outside(), actor())
    form = TokenForm().offering(view)
    if not form.validate():
        return _page(form, view), 422
    try:
        secret = tokens.make_token(outside(), actor(), _asked(form))
    except (InvalidInput, Refused) as error:
        form.form_errors = [error.sentence]
        return _page(form, view), status_of(error)
    return render_template("tokens/made.html", secret=secret, name=form.name.data, days=form.days.data), 201


@room.post("/tokens/<token_id>/revoke")
@needs(Right.MANAGE_OWN_TOKENS)
def revoke(token_id: str) -> Any:
    """The token opens nothing any more."""
    tokens.revoke_token(outside(), actor(), token_id)
    flash("The token is revoked; it opens nothing any more.", "good")
    return redirect(url_for("tokens.index"), 303)


def _asked(form: TokenForm) -> TokenRequest:
    return TokenRequest(
        name=form.name.data,
        scopes=tuple(form.scopes.data or ()),
        prompts=tuple(form.prompts.data or ()),
        contact=form.contact.data,
        phone=form.phone.data,
        days=form.days.data,
    )


def _page(form: TokenForm, view: TokensView) -> str:
    return render_template("tokens/page.html", form=form, view=view, scope_words=tokens.SCOPE_WORDS)
