"""Invented values for every shared macro, each call as template text; no real patient, no real person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from wtforms import BooleanField, Form, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.domain.guardrails import TABLE
from webapp.domain.plan import read_plan
from webapp.domain.plan_words import KINDS, UNITS
from webapp.domain.prompts.difference import FieldChange, compare_texts
from webapp.web.charts import Point
from webapp.web.parts import lay_out_parts
from webapp.web.plan_form import fields_of

TEMPLATES = Path(__file__).parents[2] / "templates"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
AT = datetime(2025, 11, 12, 14, 5, tzinfo=UTC)
DIGEST = "3f8a91c24be07d556a1e0c9b7d2f4e8813aa5c60d94bb7e2f10c6d8e95a4b372"

OLD = """You are a clinical documentation assistant.
Write a SOAP note from the encounter below.

Sections: Subjective, Objective, Assessment, Plan.
List every medication with its dose.
Use the words of the clinician where you can.
Do not add what was not said.
Keep numbers and units exactly as spoken.
Write laterality in full.
Mark quotations of the patient.
Write in the present tense.
Write drug names as generic names.
Write times in 24 hours.
Leave a section empty rather than guess.
Answer in English.
Do not give advice that nobody gave in the encounter.
Keep the note under one page.
"""
NEW = """You are a clinical documentation assistant.
Write a SOAP note from the encounter below.
Do not give advice that nobody gave in the encounter.

Sections: Subjective, Objective, Assessment, Plan.
List every medication with dose, route and frequency.
Use the words of the clinician where you can.
Do not add what was not said.
Keep numbers and units exactly as spoken.
Write laterality in full.
Mark quotations of the patient.
Write in the present tense.
Write drug names as generic names.
Write times in 24 hours.
Leave a section empty rather than guess.
Answer in English.
Leave out names, dates of birth and record\u200bnumbers.
Keep the note under one page.
"""


PLAN = read_plan({"steps": [{"kind": "canary", "share_basis_points": 500, "min_units": 50}, {"kind": "direct"}]})


class SampleForm(Form):
    """A form with one field of every kind."""

    name = StringField("Name of the prompt", [DataRequired("Write a name.")], description="Small letters and hyphens.")
    changes = TextAreaField("What changes for patients and clinicians", [DataRequired(), Length(max=300)])
    kind = RadioField(
        "Risk class", choices=[SelectChoice("clinical", "Clinical"), SelectChoice("high_risk", "High risk")]
    )
    agreed = BooleanField("I have read the downtime text")


def environment() -> Environment:
    """A plain environment, autoescape on, in which a name that is missing is an error."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    lay_out_parts(made)
    made.globals.update(
        url_for=lambda _endpoint, filename, **_more: f"/static/{filename}",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda with_categories: [("good", "Comment saved.")],
    )
    return made


def refused_form(name: str = "") -> SampleForm:
    """The sample form after a try that was not accepted."""
    form = SampleForm(name=name, changes="x" * 301)
    form.process(formdata=None, name=name, changes="x" * 301, kind="clinical")
    form.validate()
    return form


def offer(name: str, label: str, *reasons: str, meaning: str | None = None) -> Thing:
    """A move as the workflow offers it; closed when reasons are given."""
    return Thing(
        move=Thing(name=name, label=label, meaning=meaning),
        is_open=not reasons,
        refusals=tuple(Thing(code="c", sentence=reason) for reason in reasons),
        level="L1",
    )


def measure(**more: Any) -> Thing:
    """One primary measure that holds."""
    usual: dict[str, Any] = {
        "name": "medication_extracted", "words": "Medicines right", "live": "91.2 %", "new": "93.0 %",
        "difference": "4 cases worse, 11 better, 223 the same; could be up to 0.4 points worse.",
        "low": -0.6, "estimate": 1.8, "high": 4.2, "bound": -0.4, "margin": 3.0, "better": "higher", "unit": " points",
        "verdict": "pass", "cases_needed": None, "n": "238 of 240 cases", "url": "?measure=medicines", "selected": False,
        "note": None,
    }  # fmt: skip
    return Thing(**(usual | more))


def comment(**more: Any) -> Thing:
    """One comment that must be fixed."""
    usual: dict[str, Any] = {
        "id": "1", "author": "Kim Aldous", "at": AT, "kind": "must_fix", "text": "The dose needs its unit in every line.",
        "anchor": "system prompt, line 6", "anchor_url": "#line-2", "quote": "with dose, route and frequency",
        "outdated": False, "suggestion": None, "resolved": None, "answers": (),
    }  # fmt: skip
    return Thing(**(usual | more))


def signature(**more: Any) -> Thing:
    """A physician's signature that is good."""
    usual: dict[str, Any] = {
        "name": "Adaeze Osei", "title": "Consultant, internal medicine", "credentials": "MD", "meaning": "approval",
        "at": AT, "level": "L0", "digest": DIGEST, "valid": True, "validity": "Valid", "entry": "entry 1,204, sealed",
        "role_held": "physician since 2 March 2026, 09:00 UTC, granted by Ruth Adler",
    }  # fmt: skip
    return Thing(**(usual | more))


def step(**changed: Any) -> Thing:
    """A step of a rollout."""
    plain = {
        "share": "all encounters", "entry": "the author starts the rollout", "ends": ["every safety limit is shown to hold"],
        "otherwise": ["pauses when nobody reports for 1 day"], "since": AT, "until": None, "not_before": None, "earliest": None,
        "latest": None, "has_waited": False, "new_seen": 0, "live_seen": None, "units_needed": 300, "unit": "encounters", "verdict": None,
    }  # fmt: skip
    return Thing(**{**plain, **changed})


def samples(text: str = "Writes every medicine with dose, route and frequency.") -> dict[str, Any]:
    """The names the calls below use; ``text`` stands wherever somebody typed something."""
    return {
        "text": text,
        "at": AT,
        "sha256": DIGEST,
        "stages": [
            ("draft", "Draft"), ("evaluation", "Evaluation"), ("review", "Review"), ("signoff", "Sign-off"),
            ("rollout", "Rollout"), ("post_audit", "Follow-up audit"), ("closed", "Closed"),
        ],
        "open_now": offer("run_again", "Run again"),
        "approve": offer("approve", "Approve and pass to a physician", meaning="review"),
        "ask": offer("ask_for_changes", "Ask for changes"),
        "closed": offer("sign", "Sign", f"You reviewed this change, so another physician has to sign it. {text}"),
        "measures": [
            measure(difference=text),
            measure(words="Complete sections and key facts", live="88.0 %", new="81.5 %", low=-9.1, estimate=-6.5, high=-3.9,
                    bound=-8.7, verdict="fail", selected=True),
            measure(words="Identifiers left out", low=-7.5, estimate=-1.0, high=5.5, bound=-6.4, verdict="insufficient",
                    cases_needed=240, n="60 of 60 cases"),
            measure(words="Time to answer", live=None, new=None, low=None, estimate=None, high=None, bound=None,
                    better="lower", unit=" ms", verdict="unmeasured", n="0 of 240 cases", note="offline model"),
        ],
        "groups": [("new critical", 1, "?kind=critical", True), ("worse", 4, "?kind=worse", False),
                   ("disagreement", 2, "?kind=other", False), ("the rest", 233, "?kind=rest", False)],
        "cases": [
            Thing(name="enc-0142", url="/cases/1", category="safety", kind_words="New critical",
                  findings=[("Dose 5000 mg; the encounter says 500 mg", True), (text, False)],
                  live="right", new="wrong", opened=True),
            Thing(name="enc-0087", url="/cases/2", category="regression", kind_words="Worse", findings=[],
                  live="5 of 5", new="4 of 5", opened=False),
        ],
        "live_answer": [("Plan\nMetformin ", None), ("500 mg", "finding"), (" by mouth twice daily.\nRecheck in 3 months.", None)],
        "new_answer": [("Plan\nMetformin ", None), ("5000 mg", "critical"), (" by mouth twice daily.\n", None), (text, "only")],
        "rows": compare_texts(OLD, NEW + text + "\n"),
        "fields": [FieldChange("parameters.temperature", 0.2, 0), FieldChange("model_compatibility", ["a"], ["a", text]),
                   FieldChange("description", None, text)],
        "events": [
            Thing(at=AT, actor="Rafael Lund", what="submitted revision 2", system=False, detail=text, link=None),
            Thing(at=AT, actor="Prompt Formulary", what="finished run 3 of 3", system=True, detail=None, link=("Results", "/r")),
        ],
        "remarks": [
            comment(text=text, suggestion=text, quote=text,
                    answers=(Thing(author="Rafael Lund", at=AT, text=text),)),
            comment(id="2", kind="question", outdated=True, resolved="Solved by Rafael Lund", anchor=None, quote=None),
        ],
        "items": [
            Thing(id="run", words="A complete run against what is live", computed=True, answer=True, because="Run 3, 240 cases."),
            Thing(id="worst", words="Every worst case was opened", computed=True, answer=False, because=text),
            Thing(id="tone", words="The note reads as our department writes notes", computed=False, answer=None, because=None),
        ],
        "signatures": [signature(name=text, meaning="review"), signature(level="L2"),
                       signature(level="L1", valid=False, validity="Voided on 14 Nov 2025: a new revision arrived")],
        "steps": [
            step(words="Silent run (nobody sees the output)", state="done", state_words="Done", until=AT, new_seen=312,
                 live_seen=312, verdict="pass"),
            step(words="Limited release", share="5 % of encounters", state="current", state_words="Running", entry=text,
                 ends=[text], earliest=AT, latest=AT, new_seen=104, live_seen=1987, verdict="insufficient"),
            step(words="Everyone", state="waiting", state_words="Not begun", since=None, not_before=AT, otherwise=[]),
        ],
        "inbox": [
            Thing(prompt="clinical-summarization", version="1.2", changes=text, risk_class="clinical", ask="Review and approve",
                  age="waiting 2 days", due="14 Nov 2025", overdue=False, url="/changes/1"),
            Thing(prompt="dose-check", version="1.2", changes="Names the source of every limit.", risk_class="high_risk",
                  ask="Read and sign", age="waiting 6 days", due="10 Nov 2025", overdue=True, url="/changes/2"),
            Thing(prompt="appointment-letter", version="1.2", changes="Shorter greeting.", risk_class="administrative",
                  ask="Answer Kim's question", age="waiting 3 hours", due=None, overdue=False, url="/changes/3"),
        ],
        "looks": [Point("6 Nov", 1.1, 0.2, 2.8, 40), Point("7 Nov", 1.6, 0.8, 2.9, 71), Point("8 Nov", None),
                  Point("9 Nov", 1.2, 0.7, 2.0, 104)],
        "form": refused_form(text),
        "plan": fields_of(PLAN.document(), is_usual=True),
        "plan_look": Thing(
            volume="Computed from 60 encounters a day, as reported in the last 28 days.", faults=(text,),
            outlook=Thing(steps=[Thing(dates="About 12 Dec - 12 Jan", pace="93 encounters at 5 % of 60 a day take 31 days."),
                                 Thing(dates="About 12 Jan - 14 Jan", pace="93 encounters at 60 a day take 2 days.")]),
        ),
        "kinds": KINDS, "units": UNITS, "limits": TABLE,
        "odd": "Leave out record\u200bnumbers, р\u0430tient \u202enames",
    }  # fmt: skip


CALLS: dict[str, str] = {
    "stepper": """{% from "parts/change.html" import stepper %}
{{ stepper(stages, "review") }}{{ stepper(stages, "signoff", "Withdrawn") }}""",
    "decision_bar": """{% from "parts/change.html" import decision_bar, stepper, to_decision %}
{% from "parts/forms.html" import move_form %}
{% call(place) decision_bar("clinical-summarization", "v14", "v15", "Your part: read the evidence and approve, or ask for changes.",
  due="14 Nov 2025", missing=["One worst case is not opened yet.", text]) %}
{% if place == "stepper" %}{{ stepper(stages, "review") }}{% else %}
{{ move_form(approve, "/changes/1/moves", sha256, "token", reason="One sentence for the physician", password=true, kind="primary",
  values={"reason": text}) }}
{{ move_form(ask, "/changes/1/moves", sha256, "token", reason="What has to change") }}{% endif %}{% endcall %}""",
    "move_form": """{% from "parts/forms.html" import move_form %}<div class="moves">
{{ move_form(open_now, "/m", sha256, "token") }}{{ move_form(closed, "/m", sha256, "token") }}</div>
{{ move_form(ask, "/m", sha256, "token", reason="What has to change", kind="danger", password=true,
  values={"reason": text}, errors={"reason": [text], "password": ["This is not your password."]}) }}""",
    "form_field": """{% from "parts/forms.html" import form_field, error_summary %}{{ error_summary(form) }}
<form class="fields">{% for field in form %}{{ form_field(field) }}{% endfor %}</form>""",
    "result_card": """{% from "parts/evidence.html" import result_card %}
<div class="cards">{% for m in measures %}
{{ result_card(m) }}{% endfor %}</div>""",
    "verdict": """{% from "parts/marks.html" import verdict %}
<p class="row">{{ verdict("pass") }}{{ verdict("fail") }}{{ verdict("insufficient", 240) }}
{{ verdict("unmeasured") }}</p>""",
    "class_chip": """{% from "parts/marks.html" import class_chip %}
<p class="row">{{ class_chip("administrative") }}{{ class_chip("clinical") }}
{{ class_chip("high_risk") }}{{ class_chip(none) }}</p>""",
    "case_table": """{% from "parts/evidence.html" import case_table %}{{ case_table(groups, cases) }}""",
    "side_by_side": """{% from "parts/evidence.html" import side_by_side %}
{{ side_by_side(live_answer, new_answer, "Live v14", "New v15") }}
{{ side_by_side(none, new_answer) }}""",
    "finding": """{% from "parts/evidence.html" import finding %}{{ finding(text, true) }}{{ finding(text) }}""",
    "difference_rows": """{% from "parts/difference.html" import difference_rows %}{{ difference_rows(rows) }}""",
    "field_changes": """{% from "parts/difference.html" import field_changes %}
{{ field_changes(fields) }}{{ field_changes([]) }}""",
    "odd_text": """{% from "parts/marks.html" import shown %}<p class="raw">{{ shown(odd) }} {{ shown(text) }}</p>""",
    "timeline": """{% from "parts/record.html" import timeline %}{{ timeline(events) }}""",
    "comments": """{% from "parts/record.html" import comments %}{{ comments(remarks) }}""",
    "comment_form": """{% from "parts/record.html" import comment_form %}
{{ comment_form("/c", "token", sha256, text, "line:6",
  {"text": text, "suggestion": text}, {"text": [text]}) }}""",
    "checklist": """{% from "parts/record.html" import checklist %}{{ checklist(items, "/list", "token", sha256) }}""",
    "definition_list": """{% from "parts/page.html" import definition_list %}{% from "parts/marks.html" import digest %}
{{ definition_list([("Intended use", text), ("Release contents", digest(sha256)), ("Sealed", digest(none))]) }}""",
    "table": """{% from "parts/page.html" import table %}
{{ table(["Person", "Role", "Signed"], [[text, "physician", 12]], "People", figures=[2]) }}
{{ table(["Time", "Entry"], [["12 Nov", text]], "Entries", shape="scroll") }}""",
    "empty_state": """{% from "parts/page.html" import empty_state %}
{{ empty_state("Nothing waits for you.", text, ("See all changes", "/changes")) }}""",
    "progress": """{% from "parts/page.html" import progress %}
{{ progress(120, 480, "Calls 120 of 480, about 3 minutes left", "/runs/1/progress") }}""",
    "signature_block": """{% from "parts/record.html" import signature_block %}
<div class="stack close">{% for s in signatures %}
{{ signature_block(s) }}
{% endfor %}</div>""",
    "step_verdict": """{% from "parts/rollout.html" import step_verdict %}
{% for word in ("pass", "fail", "unmeasured") %}{{ step_verdict(word) }}{% endfor %}{{ step_verdict("insufficient", 40, "encounters") }}""",
    "steps_row": """{% from "parts/rollout.html" import steps_row %}{{ steps_row(steps) }}""",
    "banner": """{% from "parts/page.html" import banner %}
<div class="stack close">{% for kind in ("info", "good", "warn", "bad", "message") %}
{{ banner(kind, text, ("Read why", "/why")) }}{% endfor %}</div>""",
    "page_header": """{% from "parts/page.html" import page_header %}
{% from "parts/marks.html" import class_chip, verdict %}
{{ page_header("clinical-summarization, revision 3", text, [class_chip("clinical"), verdict("pass")]) }}""",
    "plan_editor": """{% from "parts/plan.html" import plan_editor %}
<form>{{ plan_editor(plan, plan_look, "The policy's plan for the risk class.", kinds, units, limits) }}</form>""",
    "inbox_list": """{% from "parts/page.html" import inbox_list %}{{ inbox_list(inbox) }}""",
    "pager": """{% from "parts/page.html" import pager %}{{ pager("Entries 1 to 50 of 1,203", none, "?page=2") }}""",
    "series_chart": """{{ series_chart(looks, 2.5, words="Edited by the clinician", unit=" %", limit_words="safety limit") }}""",
}
