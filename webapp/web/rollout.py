"""The rollout page and its moves. Hold and roll back always stand on top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from jinja2_fragments.flask import render_block

from webapp.domain.workflow.grants import Right
from webapp.services import rollout
from webapp.services.rollout import ConfirmationsView, HostStopsView
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, attempt, password, typed

room = Blueprint("rollout", __name__)
CONFIRMATIONS = "rollout.confirmations"


@room.get("/changes/<change_id>/rollout")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """Steps, safety limits and what is open to this person."""
    return _page(change_id, FRESH)


@room.get("/changes/<change_id>/rollout/confirmations")
@needs(Right.READ_CHANGES)
def confirmations(change_id: str) -> Any:
    """Which applications have the stop; with ``poll=1`` the list alone, and nothing while it says what ``seen`` says."""
    view = rollout.show_confirmations(outside(), change_id)
    return _list("rollout/confirmations.html", view, url_for(CONFIRMATIONS, change_id=change_id), view.new_label)


@room.get("/prompts/<name>/host-stops")
@needs(Right.READ_PROMPTS)
def host_stops(name: str) -> Any:
    """Stops of this prompt that stand on delivery hosts, and which applications have met the newest; polls likewise."""
    view = rollout.show_host_stops(outside(), name)
    return _list("rollout/host_stops.html", view, url_for("rollout.host_stops", name=name), "it")


def _list(template: str, view: ConfirmationsView | HostStopsView, address: str, what: str) -> Any:
    """The page with its list of applications, the list alone, or nothing new."""
    facts = {"view": view, "arrivals": view.arrivals, "address": address, "what": what}
    if request.args.get("poll") != "1":
        return render_template(template, **facts)
    if request.args.get("seen") == view.arrivals.mark:
        return "", 204
    return render_block(template, "list", **facts)


@room.post("/changes/<change_id>/moves/start")
@takes_move("start")
def start(change_id: str) -> Any:
    """The first step is entered."""
    return _try(
        "start",
        change_id,
        lambda: rollout.start(outside(), actor(), change_id, typed("expected_digest")),
        "The rollout has started.",
    )


@room.post("/changes/<change_id>/moves/advance")
@takes_move("advance")
def advance(change_id: str) -> Any:
    """The next step is entered."""
    return _try("advance", change_id, _signed(rollout.advance, change_id), "The rollout is in its next step.")


@room.post("/changes/<change_id>/moves/complete")
@takes_move("complete")
def complete(change_id: str) -> Any:
    """The rollout is over; the follow-up audit begins."""
    done = "The rollout is complete; the sample of the follow-up audit is drawn."
    return _try("complete", change_id, _signed(rollout.complete, change_id), done, "post_audit.show")


@room.post("/changes/<change_id>/moves/hold")
@takes_move("hold")
def hold(change_id: str) -> Any:
    """Nobody new, or nobody at all, gets the new version."""
    digest, mode, reason = typed("expected_digest"), typed("mode"), typed("reason")
    return _try(
        "hold",
        change_id,
        lambda: rollout.hold(outside(), actor(), change_id, digest, mode, reason, password()),
        "The rollout is held. Below: which applications have it.",
        CONFIRMATIONS,
    )


@room.post("/changes/<change_id>/moves/resume")
@takes_move("resume")
def resume(change_id: str) -> Any:
    """The step goes on."""
    return _try("resume", change_id, _signed(rollout.resume, change_id), "The rollout goes on.")


@room.post("/changes/<change_id>/moves/roll_back")
@takes_move("roll_back")
def roll_back(change_id: str) -> Any:
    """What was live before is live again."""
    done = "The release is rolled back; nobody is served the new version any more. Below: which applications have it."
    return _try("roll_back", change_id, _signed(rollout.roll_back, change_id), done, CONFIRMATIONS)


def _signed(act: Callable[..., object], change_id: str) -> Callable[[], object]:
    """An act that takes digest, reason and password from the form."""
    return lambda: act(outside(), actor(), change_id, typed("expected_digest"), typed("reason"), password())


def _try(name: str, change_id: str, act: Callable[[], object], done: str, target: str = "rollout.show") -> Any:
    """On to the target with a sentence, or the page again with what was typed and why not."""
    tried = attempt(name, change_id, act)
    if tried is not FRESH:
        return _page(change_id, tried)
    flash(done, "good")
    return redirect(url_for(target, change_id=change_id), 303)


def _page(change_id: str, tried: Tried) -> Any:
    view = rollout.show_rollout(outside(), actor(), change_id)
    forecast = rollout.forecast(outside(), change_id)
    return render_template("rollout/page.html", view=view, forecast=forecast, tried=tried), tried.status
