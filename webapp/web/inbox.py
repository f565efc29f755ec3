"""The first page after signing in: what waits for me, for others, and what I did."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right
from webapp.services.alerts import list_alerts
from webapp.services.inbox import InboxRow, show_inbox
from webapp.services.interactions import AlertView, open_alerts
from webapp.web.access import needs
from webapp.web.context import actor, outside

room = Blueprint("inbox", __name__)


@room.get("/")
@needs(Right.READ_CHANGES)
def show() -> str:
    """The three lists, and what people are told of: releases in use for who decides and administers, failures for administrators."""
    view = show_inbox(outside(), actor())
    mine, others = ([_with_url(row) for row in rows] for rows in (view.mine, view.others))
    notices = list_alerts(outside(), actor(), only_open=True)
    return render_template(
        "inbox/page.html",
        access=view.access,
        mine=mine,
        others=others,
        done=view.done,
        notices=notices,
        alerts=_alerts(actor()),
        trail=view.trail,
    )


def _alerts(person: Actor) -> tuple[AlertView, ...]:
    told = {Role.INFORMATICIST, Role.PHYSICIAN, Role.ADMINISTRATOR}
    return open_alerts(outside(), person) if told & person.roles else ()


def _with_url(row: InboxRow) -> dict[str, object]:
    due = None if row.due is None else f"{row.due:%-d %b %Y}"
    return {**vars(row), "due": due, "url": url_for(row.place, change_id=row.change_id)}
