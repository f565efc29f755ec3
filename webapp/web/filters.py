"""Words for templates: stages, classes, roles, measures and moments as screens say them."""

from __future__ import annotations

from datetime import UTC

from flask import Flask

from webapp.domain.measures import BY_NAME
from webapp.domain.workflow.stages import CLASS_WORDS, ROLE_WORDS, STAGE_WORDS, RiskClass, Role, Stage
from webapp.web.parts import lay_out_parts


def register(app: Flask) -> None:
    """Every template has these filters and the parts' own."""
    lay_out_parts(app.jinja_env, UTC)
    app.jinja_env.filters.update(
        stage_words=lambda stage: STAGE_WORDS[Stage(stage)],
        class_words=lambda risk_class: CLASS_WORDS[RiskClass(risk_class)],
        role_words=lambda role: ROLE_WORDS[Role(role)],
        measure_words=measure_words,
        short=lambda digest: (digest or "")[:12],
        points=points,
    )


def measure_words(name: str) -> str:
    """The words of a measure on screen; an unknown one as it is."""
    return BY_NAME[name].words if name in BY_NAME else name


def points(ppm: int | None) -> str:
    """A share in parts per million as points of 100, with one decimal; a dash where unknown."""
    return "–" if ppm is None else f"{ppm / 10_000:.1f}"
