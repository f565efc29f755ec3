"""The formulary: the list of prompts, and the page of one."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.domain.workflow.grants import Right
from webapp.services.interactions import open_alerts
from webapp.services.prompts import list_prompts, show_prompt
from webapp.web.access import needs
from webapp.web.context import actor, outside

room = Blueprint("prompts", __name__)


@room.get("/prompts")
@needs(Right.READ_PROMPTS)
def index() -> str:
    """Every prompt with what is live."""
    return render_template("prompts/list.html", rows=list_prompts(outside(), actor()))


@room.get("/prompts/<name>")
@needs(Right.READ_PROMPTS)
def show(name: str) -> str:
    """What is live and why, and what was before."""
    view = show_prompt(outside(), actor(), name)
    return render_template("prompts/page.html", view=view, alerts=open_alerts(outside(), actor(), name))
