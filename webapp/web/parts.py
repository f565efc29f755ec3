"""What the shared macros of ``templates/parts/`` need from Python: charts, odd characters, moments in words.

Without these names a macro that shows signed text fails instead of showing it without badges.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from jinja2 import Environment
from markupsafe import Markup

from webapp.domain.prompts.characters import segments
from webapp.domain.record.levels import LEVEL_WORDS
from webapp.web.charts import interval_chart, series_chart
from webapp.web.histogram import histogram
from webapp.web.limit_chart import limit_chart


def lay_out_parts(environment: Environment, zone: tzinfo = UTC) -> None:
    """The environment can render every macro of ``templates/parts/``; moments are shown in ``zone``, named."""
    environment.globals.update(
        histogram=histogram,
        interval_chart=interval_chart,
        limit_chart=limit_chart,
        series_chart=series_chart,
        odd_segments=segments,
    )
    environment.globals.setdefault("asks_for_code", lambda *_: False)
    environment.globals.setdefault("may_use_passkey", lambda: False)
    environment.filters.update(level_words=lambda level: LEVEL_WORDS[level])
    environment.filters["moment"] = lambda at: moment(at, zone)


def moment(at: datetime | date | str, zone: tzinfo = UTC) -> Markup:
    """A <time> element in words: day, minute and zone of an aware moment, a day alone, or the words as they are."""
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError(f"The moment {at} has no time zone.")
        local = at.astimezone(zone)
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), f"{local:%-d %b %Y, %H:%M %Z}")
    if isinstance(at, date):
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%-d %b %Y}")
    return Markup('<span class="at">{}</span>').format(at)
