"""The pages on which people decide, rendered from what the services show; review and sign-off answer with them.

What must not live here: taking decisions (their rooms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for

from webapp.acts.worst_cases import WorstCase
from webapp.services import evaluation
from webapp.services.evaluation import CaseView
from webapp.services.review import ReviewView, show_review
from webapp.services.signoff import SignoffView, show_signoff
from webapp.web.context import actor, outside
from webapp.web.deciding import Tried


def review_page(change_id: str, tried: Tried) -> Any:
    """The review page with what was typed, and its status."""
    view = show_review(outside(), actor(), change_id, against=request.args.get("against", "live"))
    return _page("review/page.html", change_id, view, tried)


def signoff_page(change_id: str, tried: Tried) -> Any:
    """The sign-off page with what was typed, and its status."""
    view = show_signoff(outside(), actor(), change_id)
    return _page("signoff/page.html", change_id, view, tried)


def _page(template: str, change_id: str, view: ReviewView | SignoffView, tried: Tried) -> Any:
    """The template over the service's view, with the result and the opened cases of the evaluation."""
    result = evaluation.show_evaluation(outside(), actor(), change_id)
    address = url_for("evaluation.show", change_id=change_id)
    page = render_template(
        template,
        view=view,
        frame=view.frame,
        result=result,
        cards=[replace(card, url=f"{address}?measure={card.name}") for card in result.primary],
        answers=_answers(change_id, view.cases),
        tried=tried,
    )
    return page, tried.status


def _answers(change_id: str, cases: Sequence[WorstCase]) -> dict[str, CaseView]:
    """Both answers of each worst case that this person has opened."""
    opened = [case.case_id for case in cases if case.is_opened]
    return evaluation.show_opened(outside(), actor(), change_id, opened)
