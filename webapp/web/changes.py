"""The list of all changes."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from webapp.domain.workflow.grants import Right
from webapp.domain.workflow.stages import STAGE_WORDS, Stage
from webapp.services.change import list_changes
from webapp.web.access import needs
from webapp.web.context import actor, outside

room = Blueprint("changes", __name__)


@room.get("/changes")
@needs(Right.READ_CHANGES)
def index() -> str:
    """One page of the list, narrowed by stage and prompt."""
    stage, prompt = request.args.get("stage", ""), request.args.get("prompt", "")
    page = request.args.get("page", 1, type=int)
    view = list_changes(outside(), actor(), stage=stage, prompt=prompt, page=page)
    stages = [(one.value, STAGE_WORDS[one]) for one in Stage]

    def link(number: int) -> str:
        """The address of another page of the same list."""
        return url_for("changes.index", stage=stage or None, prompt=prompt or None, page=number)

    return render_template(
        "changes/list.html",
        view=view,
        stage=stage,
        prompt=prompt,
        stages=stages,
        previous_url=link(view.page - 1) if view.page > 1 else None,
        next_url=link(view.page + 1) if view.has_next else None,
    )
