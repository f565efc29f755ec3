"""The page of a change: where it stands, its difference, people, comments and timeline."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.workflow.grants import Right, may
from webapp.services import comments, submission
from webapp.services.change import show_change
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, attempt, typed

room = Blueprint("change", __name__)
BACK = {"review": "review.show", "signoff": "signoff.show", "asked": "signoff.show"}
ASKED = "Your question is asked. The clock stands until it is settled; settle it below when you have the answer."


@room.get("/changes/<change_id>")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """The whole change; ``digest`` in the address says which page the reader comes from."""
    return _page(change_id, FRESH)


@room.post("/changes/<change_id>/comments")
@needs(Right.COMMENT)
def comment(change_id: str) -> Any:
    """The comment stands; a faulty one comes back as it was typed."""
    draft = comments.Draft(
        kind=typed("kind") or "note",
        text=typed("text"),
        anchor=_anchor(),
        suggestion=typed("suggestion"),
        digest=typed("expected_digest"),
        answers=typed("answers"),
    )
    tried = attempt("comment", change_id, lambda: comments.write(outside(), actor(), change_id, draft))
    if tried is not FRESH:
        return _page(change_id, tried)
    return _back(change_id, ASKED if typed("back") == "asked" else "The comment is saved.", "comments")


@room.post("/changes/<change_id>/comments/<comment_id>/resolve")
@needs(Right.COMMENT)
def resolve_comment(change_id: str, comment_id: str) -> Any:
    """The comment is settled."""
    comments.resolve(outside(), actor(), change_id, comment_id)
    return _back(change_id, "The comment is settled.", "comments")


@room.post("/changes/<change_id>/comments/<comment_id>/accept")
@needs(Right.COMMENT)
def accept_suggestion(change_id: str, comment_id: str) -> Any:
    """The suggestion is taken up, and its writer is a contributor."""
    comments.accept_suggestion(outside(), actor(), change_id, comment_id)
    return _back(change_id, "The suggestion is accepted. Its writer is a contributor and decides no more.", "comments")


@room.post("/changes/<change_id>/contributors/<contributor_id>")
@needs(Right.MAP_CONTRIBUTOR)
def map_contributor(change_id: str, contributor_id: str) -> Any:
    """It is said who a git author is."""
    chosen = request.form.get("person", "")
    if not chosen:
        flash("Choose a person, or declare the author external.", "warn")
        return redirect(url_for("change.show", change_id=change_id, _anchor="people"), 303)
    person_id = None if chosen == "external" else chosen
    submission.map_contributor(outside(), actor(), change_id, contributor_id, person_id)
    return _back(change_id, "Noted, and remembered for later submissions.", "people")


def _anchor() -> str:
    """What the comment belongs to; a text with the number of its line."""
    about = typed("about")
    return f"{about}:{typed('line').strip()}" if about.startswith("line:") else about


def _page(change_id: str, tried: Tried) -> Any:
    view = show_change(
        outside(), actor(), change_id, was=request.args.get("digest"), against=request.args.get("against", "live")
    )
    may_export = may(actor().roles, Right.EXPORT_RECORD)
    return render_template(
        "change/page.html", view=view, frame=view.frame, tried=tried, may_export=may_export
    ), tried.status


def _back(change_id: str, sentence: str, anchor: str) -> Any:
    """To the page that the form stood on."""
    flash(sentence, "good")
    place = BACK.get(request.form.get("back", ""), "change.show")
    return redirect(url_for(place, change_id=change_id, _anchor=anchor), 303)
