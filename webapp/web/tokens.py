"""The pages of tokens: making, listing, changing, revoking. A token is shown once, in the answer that made it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.domain.workflow.grants import Right
from webapp.errors import Conflict, InvalidInput, Refused, Stale
from webapp.services import tokens
from webapp.services.tokens import LONGEST_DAYS, TokenChange, TokenRequest, TokenRow, TokensView
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("tokens", __name__)


def _in_range(_form: FlaskForm, field: IntegerField) -> None:
    """The days are few enough; compared as whole numbers, which endless ones survive."""
    if field.data is None or not 1 <= field.data <= LONGEST_DAYS:
        raise ValidationError(f"Write 1 to {LONGEST_DAYS} days.")


def _choices(label: str, about: str = "") -> Field:
    return SelectMultipleField(
        label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), description=about
    )


class OwnerForm(FlaskForm):  # type: ignore[misc]
    """Who answers for what uses the token, and which prompts it is for."""

    owner = StringField(
        "Owner",
        [InputRequired("Write who owns the application: whom to ask about it.")],
        description="A name or a person: whom to ask about what uses the token.",
    )
    phone = StringField(
        "Telephone",
        [InputRequired("Write a telephone number.")],
        description="Somebody calls it when a prompt has to stop and the application was not heard.",
    )
    prompts = _choices("Only for these prompts", "None chosen means all prompts, also those to come.")

    def offering_prompts(self, prompts: tuple[str, ...]) -> OwnerForm:
        """The form with the prompts that there are."""
        self.prompts.choices = [(name, name) for name in prompts]
        return self


class LinkedForm(OwnerForm):
    """The same with the application's link to where its calls are recorded."""

    link = StringField(
        "Link to the record",
        description="Where a reported call is found, like https://ehr.example/encounter/{ref}; empty for no link. "
        "{ref} becomes the reference that the application reports.",
    )


class TokenForm(OwnerForm):
    """What a new token is for; scopes and prompts are filled in by ``offering``."""

    name = StringField("Name", [InputRequired("Name the token by what uses it.")], description="What will use it.")
    scopes = _choices("What it may do")
    days = IntegerField(
        "Days until it ends",
        [InputRequired(f"Write 1 to {LONGEST_DAYS} days."), _in_range],
        default=90,
    )

    def offering(self, view: TokensView) -> TokenForm:
        """The form with the scopes and prompts that this person can choose."""
        self.scopes.choices = list(view.scopes)
        self.offering_prompts(view.prompts)
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


@room.get("/tokens/<token_id>")
@needs(Right.MANAGE_OWN_TOKENS)
def show(token_id: str) -> str:
    """One token, with a form for its owner, telephone number and prompts."""
    row, prompts = tokens.show_token(outside(), actor(), token_id)
    now = {"owner": row.owner, "phone": row.phone, "prompts": list(row.prompts), "link": row.link}
    return _token_page(_form_for(row)(formdata=None, **now).offering_prompts(prompts), row)


@room.post("/tokens/<token_id>")
@needs(Right.MANAGE_OWN_TOKENS)
def change(token_id: str) -> Any:
    """Owner, telephone number, prompts and link are as written now."""
    row, prompts = tokens.show_token(outside(), actor(), token_id)
    form = _form_for(row)().offering_prompts(prompts)
    if not form.validate():
        return _token_page(form, row), 422
    try:
        is_new = tokens.change_token(outside(), actor(), token_id, _wanted(form))
    except (InvalidInput, Conflict, Stale) as error:
        form.form_errors = [error.sentence]
        return _token_page(form, row), status_of(error)
    flash("The token is changed." if is_new else "Nothing was different, so nothing was changed.", "good")
    return redirect(url_for("tokens.index"), 303)


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
        owner=form.owner.data,
        phone=form.phone.data,
        days=form.days.data,
    )


def _form_for(row: TokenRow) -> type[OwnerForm]:
    return LinkedForm if row.may_link else OwnerForm


def _wanted(form: OwnerForm) -> TokenChange:
    link = form.link.data or "" if isinstance(form, LinkedForm) else None
    prompts = tuple(form.prompts.data or ())
    return TokenChange(form.owner.data, form.phone.data, prompts, request.form.get("seen", ""), link)


def _page(form: TokenForm, view: TokensView) -> str:
    return render_template("tokens/page.html", form=form, view=view)


def _token_page(form: OwnerForm, row: TokenRow) -> str:
    return render_template("tokens/token.html", form=form, row=row, scope_words=tokens.SCOPE_WORDS)
