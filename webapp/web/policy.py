"""The pages of the policy: in force, proposed, and what differs between two versions; in words, and as YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.plan_words import step_words
from webapp.domain.policy_difference import AFTER_WORDS
from webapp.domain.workflow.grants import Right
from webapp.errors import (
    AlreadyDone,
    Conflict,
    FormularyError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Refused,
    Stale,
    TooMany,
)
from webapp.services import policy
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FIELDS, WRONG_PASSWORD, password, typed
from webapp.web.errors import as_json, status_of

room = Blueprint("policy", __name__)


@dataclass(frozen=True)
class Unsigned:
    """Why nothing was stored: a sentence for the top, or at the field of password or code; the faults of the text; the status."""

    sentence: str = ""
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()
    status: int = 200


FRESH = Unsigned()


@room.get("/policy")
@needs(Right.READ_POLICY)
def show() -> Any:
    """What is in force, what is proposed, and how it came so."""
    return _page(FRESH)


@room.get("/policy/difference")
@needs(Right.READ_POLICY)
def difference() -> str:
    """What differs between two versions, in words and as text."""
    old, new = _version("old"), _version("new")
    found = policy.compare_versions(outside(), actor(), old, new)
    return render_template("policy/difference.html", difference=found, old=old, new=new)


@room.post("/policy/preview")
@needs(Right.PROPOSE_POLICY)
def preview() -> Any:
    """What the text would change, before anybody signs it; its faults by field where it is no policy."""
    return _preview(_source(), FRESH)


@room.post("/policy/proposals")
@needs(Right.PROPOSE_POLICY)
def propose() -> Any:
    """The version is proposed and signed. A second click leads to the same page."""
    tried = _attempt(
        lambda: policy.propose(
            outside(), actor(), _source(), typed("base"), password(), is_urgent=request.form.get("urgent") == "yes"
        )
    )
    if tried is not FRESH:
        return _preview(_source(), tried)
    flash("The version is proposed, with your signature.", "good")
    return redirect(url_for("policy.show", _anchor="proposed"), 303)


@room.post("/policy/proposals/passkey")
@needs(Right.PROPOSE_POLICY)
def ask_passkey_to_propose() -> Any:
    """What the proposer's passkey is to sign, as JSON for our script."""
    is_urgent = request.form.get("urgent") == "yes"
    return as_json(
        lambda: policy.ask_passkey_to_propose(outside(), actor(), _source(), typed("base"), is_urgent=is_urgent)
    )


@room.post("/policy/proposals/<proposal_id>/second")
@needs(Right.PROPOSE_POLICY)
def second(proposal_id: str) -> Any:
    """The proposed version is in force."""
    tried = _attempt(lambda: policy.second(outside(), actor(), proposal_id, typed("expected_digest"), password()))
    if tried is not FRESH:
        return _page(tried)
    flash("The version is in force, with both signatures.", "good")
    return redirect(url_for("policy.show"), 303)


@room.post("/policy/proposals/<proposal_id>/passkey")
@needs(Right.PROPOSE_POLICY)
def ask_passkey_to_second(proposal_id: str) -> Any:
    """What the second administrator's passkey is to sign, as JSON for our script."""
    return as_json(lambda: policy.ask_passkey_to_second(outside(), actor(), proposal_id, typed("expected_digest")))


@room.post("/policy/proposals/<proposal_id>/withdraw")
@needs(Right.PROPOSE_POLICY)
def withdraw(proposal_id: str) -> Any:
    """The proposal comes to nothing."""
    with suppress(AlreadyDone):
        policy.withdraw_proposal(outside(), actor(), proposal_id)
    flash("The proposal is withdrawn; what is in force stays in force.", "good")
    return redirect(url_for("policy.show"), 303)


def _page(tried: Unsigned) -> Any:
    view = policy.show_policy(outside(), actor())
    page = render_template("policy/page.html", view=view, tried=tried, step_words=step_words, after_rollout=AFTER_WORDS)
    return (page, tried.status) if tried.status != 200 else page


def _preview(source: str, tried: Unsigned) -> Any:
    """What the text would change; where it is no policy or cannot be proposed now, the text with the reasons."""
    seen = None
    try:
        seen = policy.preview(outside(), actor(), source)
    except (InvalidInput, Conflict) as error:
        tried = _refusal(error)
    is_urgent = request.form.get("urgent") == "yes"
    page = render_template("policy/propose.html", source=source, seen=seen, urgent=is_urgent, tried=tried)
    return page, tried.status


def _source() -> str:
    """The text of the uploaded file, else of the text area."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return typed("source")
    try:
        return str(file.read(), "utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("The file is not UTF-8; save it as UTF-8 and choose it again.") from None


def _attempt(act: Callable[[], object]) -> Unsigned:
    """``act`` is done (the fresh value comes back, also where it was done before), or why not, to stand on the same page."""
    try:
        act()
    except AlreadyDone:
        return FRESH
    except (InvalidInput, Conflict, Stale, NotSignedIn, TooMany) as error:
        return _refusal(error)
    except Refused as error:
        if error.code in ("needs_session", "role"):
            raise
        return _refusal(error)
    return FRESH


def _refusal(error: FormularyError) -> Unsigned:
    is_wrong = isinstance(error, NotSignedIn) and error.code not in ("wrong_code", "wrong_passkey")
    sentence = WRONG_PASSWORD if is_wrong else error.sentence
    name = FIELDS.get("wrong_password" if is_wrong else error.code, "")
    status = 422 if name and status_of(error) != 429 else status_of(error)
    return Unsigned(sentence, {name: (sentence,)} if name else {}, tuple(error.details.get("faults", ())), status)


def _version(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise NotFound("Choose two versions of the list on the page Policy.")
    return int(text)
