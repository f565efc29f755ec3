"""Words for templates: stages, classes, roles, measures and moments as screens say them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask, g
from flask_login import current_user

from webapp.domain.measures import BY_NAME
from webapp.domain.record.levels import YOUR_LEVEL_WORDS
from webapp.domain.verdict import Verdict, words_for
from webapp.domain.workflow import MOVES
from webapp.domain.workflow.stages import CLASS_WORDS, ROLE_WORDS, STAGE_WORDS, RiskClass, Role, Stage
from webapp.services.factors import has_app, has_passkey
from webapp.web.context import outside
from webapp.web.navigation import record_links
from webapp.web.parts import lay_out_parts

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


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
        at=at,
        on=on,
        duration=duration,
        verdict_words=verdict_words,
        your_level_words=lambda level: YOUR_LEVEL_WORDS[level],
        move_words=move_words,
        counted=counted,
        grouped=grouped,
        dialled=dialled,
        without=lambda chosen, name: {key: value for key, value in chosen.items() if key != name},
    )
    app.jinja_env.globals["asks_for_code"] = asks_for_code
    app.jinja_env.globals["may_use_passkey"] = may_use_passkey
    app.jinja_env.globals["record_links"] = record_links


def asks_for_code(recovery: bool = False) -> bool:
    """Does a form that asks for the password ask for a code too? With an app always; with a passkey where recovery codes count."""
    if not current_user.is_authenticated:
        return False
    return has_app(outside(), current_user.actor) or (recovery and has_passkey(outside(), current_user.actor.id))


def may_use_passkey() -> bool:
    """Has the person who looks a passkey to sign with? Asked once a page."""
    if not current_user.is_authenticated:
        return False
    if "may_use_passkey" not in g:
        g.may_use_passkey = has_passkey(outside(), current_user.actor.id)
    return bool(g.may_use_passkey)


def measure_words(name: str) -> str:
    """The words of a measure on screen; an unknown one as it is."""
    return BY_NAME[name].words if name in BY_NAME else name


def points(ppm: int | None) -> str:
    """A share in parts per million as points of 100, with one decimal; a dash where unknown."""
    return "–" if ppm is None else f"{ppm / 10_000:.1f}"


def at(moment: datetime | None) -> str:
    """``2 March 2026, 09:00 UTC`` of an aware moment; "never" for None."""
    return "never" if moment is None else f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def on(day: date | None) -> str:
    """``2 March 2026``; "never" for None."""
    if isinstance(day, datetime):
        day = day.astimezone(UTC)
    return "never" if day is None else f"{day:%-d %B %Y}"


def duration(seconds: int) -> str:
    """A time span in its largest whole unit and, where something is left, the next one: ``1 day 12 hours``."""
    parts = []
    for size, unit in UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(counted(count, unit))
    return " ".join(parts[:2]) or "no time"


def verdict_words(verdict: str | None, cases_needed: int | None = None) -> str:
    """A verdict as screens call it."""
    if verdict == "not_asked":
        return "Not asked for by these cases"
    return "Not there yet" if not verdict else words_for(Verdict(verdict), cases_needed)


def move_words(name: str) -> str:
    """What the move's button says; the name itself with spaces for what is no move."""
    return next((move.label for move in MOVES if move.name == name), name.replace("_", " "))


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 case``, ``1,203 cases``."""
    return f"{grouped(count)} {one if count == 1 else many or one + 's'}"


def dialled(number: str) -> str:
    """A telephone number as a link dials it: digits, and a plus in front where there is one."""
    return "".join(sign for at, sign in enumerate(number.strip()) if sign in "0123456789" or (sign == "+" and at == 0))


def grouped(count: int) -> str:
    """``1,203``."""
    return f"{count:,}"
