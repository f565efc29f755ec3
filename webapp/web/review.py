"""The review page and its moves. Asking for changes, rejecting and raising the class are also sent from sign-off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from webapp.acts.perform import Act
from webapp.domain.workflow.evidence import Approval
from webapp.domain.workflow.grants import Right
from webapp.services import evaluation, review
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, attempt, password, sign_move, typed
from webapp.web.decision_pages import review_page, signoff_page

room = Blueprint("review", __name__)


@room.get("/changes/<change_id>/review")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """The review as this person meets it."""
    return review_page(change_id, FRESH)


@room.post("/changes/<change_id>/review/cases/<case_id>")
@needs(Right.REVIEW_CASES)
def open_case(change_id: str, case_id: str) -> Any:
    """The case was opened by this person, and stands open on the page."""
    evaluation.open_case(outside(), actor(), change_id, case_id)
    return redirect(url_for("review.show", change_id=change_id, _anchor=f"case-{case_id}"), 303)


@room.post("/changes/<change_id>/review/checklist")
@takes_move("approve")
def tick(change_id: str) -> Any:
    """The ticks are kept as given; with scripts each one at once."""
    ticked = [name.removeprefix("item-") for name, value in request.form.items() if _is_tick(name, value)]
    digest = typed("expected_digest")
    tried = attempt(
        "checklist", change_id, lambda: review.tick_checklist(outside(), actor(), change_id, digest, ticked)
    )
    if request.headers.get("HX-Request"):
        return tried.sentence or "Saved.", tried.status
    if tried is not FRESH:
        return review_page(change_id, tried)
    return _to(change_id, "review.show", "The checklist is saved.", "checklist")


@room.post("/changes/<change_id>/moves/confirm_class")
@takes_move("confirm_class")
def confirm_class(change_id: str) -> Any:
    """The risk class is confirmed."""
    return _try(
        change_id,
        "confirm_class",
        lambda: review.confirm_class(outside(), actor(), change_id, typed("expected_digest"), password()),
        "The risk class is confirmed.",
        "review.show",
    )


@room.post("/changes/<change_id>/moves/raise_class")
@takes_move("raise_class")
def raise_class(change_id: str) -> Any:
    """The class is raised and the change is evaluated again."""
    return _try(
        change_id,
        "raise_class",
        lambda: review.raise_class(
            outside(), actor(), change_id, typed("expected_digest"), typed("risk_class"), password()
        ),
        "The risk class is raised; the change is evaluated again under the stricter rules.",
    )


@room.post("/changes/<change_id>/moves/reword")
@takes_move("reword")
def reword(change_id: str) -> Any:
    """What changes is said in other words."""
    return _try(
        change_id,
        "reword",
        lambda: review.reword(outside(), actor(), change_id, typed("expected_digest"), typed("changes")),
        "What changes is rewritten; the release contents have a new digest.",
        "review.show",
        {"reason": "changes"},
    )


@room.post("/changes/<change_id>/moves/approve")
@takes_move("approve")
def approve(change_id: str) -> Any:
    """The review is signed; the receipt follows."""
    return _approve(change_id, "approve", review.approve)


@room.post("/changes/<change_id>/moves/approve_for_rollout")
@takes_move("approve_for_rollout")
def approve_for_rollout(change_id: str) -> Any:
    """The review of an administrative change is signed; the receipt follows."""
    return _approve(change_id, "approve_for_rollout", review.approve_for_rollout)


@room.post("/changes/<change_id>/moves/ask_for_changes")
@takes_move("ask_for_changes")
def ask_for_changes(change_id: str) -> Any:
    """The change is back with its author."""
    return _try(
        change_id,
        "ask_for_changes",
        lambda: review.ask_for_changes(outside(), actor(), change_id, typed("expected_digest"), typed("reason")),
        "The author is asked for changes; the change is a draft again.",
    )


@room.post("/changes/<change_id>/moves/reject")
@takes_move("reject")
def reject(change_id: str) -> Any:
    """The change is over, and the reason recorded; the receipt of the signature follows."""
    return sign_move(
        "reject",
        change_id,
        lambda: review.reject(outside(), actor(), change_id, typed("expected_digest"), typed("reason"), password()),
        _page_of_form,
    )


Approve = Callable[..., Act]


def _approve(change_id: str, move: str, act: Approve) -> Any:
    approval = Approval(
        sentence=typed("sentence").strip(),
        exceptions_granted=tuple(request.form.getlist("exceptions")),
        changes_confirmed=typed("changes_confirmed") == "yes",
    )
    digest, seen = typed("expected_digest"), typed("seen")
    return sign_move(
        move,
        change_id,
        lambda: act(outside(), actor(), change_id, digest, approval, password(), seen=seen),
        review_page,
        {"reason": "sentence"},
    )


def _try(
    change_id: str,
    move: str,
    act: Callable[[], object],
    sentence: str,
    place: str = "change.show",
    renamed: dict[str, str] | None = None,
) -> Any:
    tried = attempt(move, change_id, act, renamed)
    if tried is FRESH:
        return _to(change_id, place, sentence)
    return _page_of_form(change_id, tried)


def _page_of_form(change_id: str, tried: Tried) -> Any:
    """The page that the form stood on, with what was typed."""
    return signoff_page(change_id, tried) if typed("back") == "signoff" else review_page(change_id, tried)


def _to(change_id: str, place: str, sentence: str, anchor: str | None = None) -> Any:
    flash(sentence, "good")
    return redirect(url_for(place, change_id=change_id, _anchor=anchor), 303)


def _is_tick(name: str, value: str) -> bool:
    return name.startswith("item-") and value == "yes"
