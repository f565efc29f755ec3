"""The rollout page and its moves. Hold and roll back always stand on top."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.workflow.grants import Right
from webapp.services import rollout
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside

room = Blueprint("rollout", __name__)


@room.get("/changes/<change_id>/rollout")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> str:
    """Steps, safety limits and what is open to this person."""
    return render_template("rollout/page.html", view=rollout.show_rollout(outside(), actor(), change_id))


@room.post("/changes/<change_id>/moves/start")
@takes_move("start")
def start(change_id: str) -> Any:
    """The first step is entered."""
    rollout.start(outside(), actor(), change_id, _field("expected_digest"))
    return _done(change_id, "The rollout has started.")


@room.post("/changes/<change_id>/moves/advance")
@takes_move("advance")
def advance(change_id: str) -> Any:
    """The next step is entered."""
    rollout.advance(outside(), actor(), change_id, _field("expected_digest"), _field("reason"), _field("password"))
    return _done(change_id, "The rollout is in its next step.")


@room.post("/changes/<change_id>/moves/complete")
@takes_move("complete")
def complete(change_id: str) -> Any:
    """The rollout is over; the follow-up audit begins."""
    rollout.complete(outside(), actor(), change_id, _field("expected_digest"), _field("reason"), _field("password"))
    flash("The rollout is complete; the sample of the follow-up audit is drawn.", "good")
    return redirect(url_for("post_audit.show", change_id=change_id), 303)


@room.post("/changes/<change_id>/moves/hold")
@takes_move("hold")
def hold(change_id: str) -> Any:
    """Nobody new, or nobody at all, gets the new version."""
    mode = request.form.get("mode", "freeze")
    rollout.hold(outside(), actor(), change_id, _field("expected_digest"), mode, _field("reason"), _field("password"))
    return _done(change_id, "The rollout is held.")


@room.post("/changes/<change_id>/moves/resume")
@takes_move("resume")
def resume(change_id: str) -> Any:
    """The step goes on."""
    rollout.resume(outside(), actor(), change_id, _field("expected_digest"), _field("reason"), _field("password"))
    return _done(change_id, "The rollout goes on.")


@room.post("/changes/<change_id>/moves/roll_back")
@takes_move("roll_back")
def roll_back(change_id: str) -> Any:
    """What was live before is live again."""
    rollout.roll_back(outside(), actor(), change_id, _field("expected_digest"), _field("reason"), _field("password"))
    return _done(change_id, "The release is rolled back; nobody is served the new version any more.")


def _field(name: str) -> str:
    return request.form.get(name, "")


def _done(change_id: str, sentence: str) -> Any:
    flash(sentence, "good")
    return redirect(url_for("rollout.show", change_id=change_id), 303)
