"""What each check sees and does not see, in words: the page that stands behind every mark."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.domain.measures import JUDGE, MEASURES
from webapp.domain.scorers import judge
from webapp.domain.scorers.table import SCORERS
from webapp.domain.workflow.grants import Right
from webapp.web.access import needs

room = Blueprint("evaluation_checks", __name__)


@room.get("/checks")
@needs(Right.READ_CHANGES)
def show() -> str:
    """Every check with its version and its known limits."""
    return render_template("evaluation/checks.html", checks=known_limits())


def known_limits() -> list[tuple[str, str, str]]:
    """Measure, check with version, and what it sees and does not see, in the order of the table of checks; the judge last."""
    words = {measure.scorer: measure.words for measure in MEASURES}
    checks = [(words[check.name], f"{check.name}, version {check.version}", check.limits) for check in SCORERS]
    where = "Only where the policy names a judge. "
    return [*checks, (JUDGE.words, f"{judge.NAME}, version {judge.VERSION}", where + judge.LIMITS)]
