"""Every shared macro: says its words, escapes what people typed, and needs neither inline style nor script."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from types import SimpleNamespace as Thing
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.web.samples import CALLS, DIGEST, HOSTILE, SampleForm, environment, offer, samples
from webapp.web.parts import moment

ENVIRONMENT = environment()
VOID = {"meta", "link", "input", "img", "br", "hr"}
WORDS = {
    "stepper": ["Sign-off", 'aria-current="step"', "done:", "Withdrawn"],
    "decision_bar": ["live v14", "new v15", "Due 14 Nov 2025", "Still missing: 2", "Approve and pass to a physician"],
    "move_form": ["not open yet", "another physician has to sign it", "This is not your password."],
    "form_field": ["Nothing was saved yet", "Small letters and hyphens.", "Risk class"],
    "result_card": ["Holds", "Worse", "about 240 more needed", "Could not be measured", "238 of 240 cases"],
    "verdict": ["Holds", "Worse", "Too few cases to tell (about 240 more needed)", "Could not be measured"],
    "class_chip": ["Administrative", "Clinical", "High risk", "not proposed yet"],
    "case_table": ["new critical", "233", "Dose 5000 mg", "not yet"],
    "side_by_side": ["Live v14", "critical finding", "only here", "No answer here."],
    "finding": ["Critical:"],
    "difference_rows": ["moved away from here:", "<ins>", "<del>", "U+200B", "equal lines"],
    "field_changes": ["parameters.temperature", "not stated", "no change"],
    "odd_text": ["U+200B", "U+202E", "bidirectional character", "confusable character"],
    "timeline": ["(system)", "12 Nov 2025, 14:05 UTC", "finished run 3 of 3"],
    "comments": ["Must fix", "Question", "Outdated", "Solved by Rafael Lund", "Suggested wording"],
    "comment_form": ["you become a contributor", "Save the comment"],
    "checklist": ["Run 3, 240 cases.", "Save the checklist"],
    "definition_list": ["Intended use", "3f8a91c2", "not there yet"],
    "table": ['data-label="Role"', 'role="region"'],
    "empty_state": ["Nothing waits for you.", "See all changes"],
    "progress": ["<progress", "about 3 minutes left", "X-Polling"],
    "signature_block": ["recorded with password (L0)", "signed with a passkey (L2)", "Meaning: approval", "Voided", "14:05 UTC"],
    "step_verdict": ["Holds", "Worse", "Too few to tell (about 40 more encounters needed)", "Could not be measured"],
    "steps_row": ["Silent run (nobody sees the output)", "Running", "<span> of 300 needed</span>", "Not before", "Stops by itself"],
    "banner": ["Read why"],
    "page_header": ["<h1>", "revision 3"],
    "plan_editor": ["93 encounters at 5 % of 60 a day take 31 days.", "Step 2: Everyone", "calls that failed", "Suggest a plan"],
    "inbox_list": ["Overdue:", "Read and sign", "High risk"],
    "pager": ["Next", "Entries 1 to 50"],
    "series_chart": ["safety limit", "could not be measured"],
}  # fmt: skip


class Reader(HTMLParser):
    """Collects ids and what a strict policy forbids, and holds that elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.forbidden: list[str] = []
        self.elements: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        names = dict(attrs)
        self.ids += [names["id"] or ""] if "id" in names else []
        if tag == "style" or (tag == "script" and "src" not in names):
            self.forbidden.append(tag)
        self.forbidden += [f"{tag} {name}" for name in names if name == "style" or name.startswith(("on", "hx-on"))]
        if tag not in VOID and not self._is_self_closed():
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _is_self_closed(self) -> bool:
        return (self.get_starttag_text() or "").endswith("/>")


def show(name: str, **more: Any) -> str:
    return ENVIRONMENT.from_string(CALLS[name]).render(samples() | more)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader._open
    return reader


@pytest.mark.parametrize("name", CALLS)
def test_each_part_says_its_words(name: str) -> None:
    html = show(name)
    assert [words for words in WORDS[name] if words not in html] == []


@pytest.mark.parametrize("name", CALLS)
def test_each_part_fits_a_strict_content_security_policy(name: str) -> None:
    assert read(show(name)).forbidden == []


@pytest.mark.parametrize("name", CALLS)
def test_what_people_typed_never_becomes_markup(name: str) -> None:
    html = ENVIRONMENT.from_string(CALLS[name]).render(samples(HOSTILE))
    reader = read(html)
    assert "<script" not in html
    assert not {"script", "img"} & set(reader.elements)
    assert reader.forbidden == []


def test_the_hostile_text_is_really_shown_somewhere_in_nearly_every_part() -> None:
    quiet = {n for n in CALLS if "&lt;script" not in ENVIRONMENT.from_string(CALLS[n]).render(samples(HOSTILE))}
    typed = {"stepper", "verdict", "step_verdict", "class_chip", "progress", "pager", "series_chart", "difference_rows"}
    assert quiet <= typed


@pytest.mark.parametrize("name", CALLS)
def test_ids_are_unique_within_a_part(name: str) -> None:
    ids = read(show(name)).ids
    assert len(ids) == len(set(ids))


def test_every_part_of_the_templates_is_in_the_gallery() -> None:
    written = {
        macro
        for path in ENVIRONMENT.list_templates()
        if path.startswith("parts/")
        for macro in re.findall(r"macro (\w+)\(", ENVIRONMENT.loader.get_source(ENVIRONMENT, path)[0])  # type: ignore[union-attr]
    }
    inner = {"icon", "chip", "shown", "plain_value", "digest", "field_frame", "field_errors", "described_by", "text_area",
             "code_field", "passkey_button", "sign_with",
             "password_field", "move_facts", "closed_move", "to_decision", "answer", "jumps", "equal_stretch", "same_row",
             "changed_row", "line", "error_summary", "step_units", "step_dates",
             "text_field", "choice_field"}  # fmt: skip
    assert written - inner == set(CALLS) - {"series_chart"}


def test_every_changed_line_is_counted_and_can_be_reached() -> None:
    html = show("difference_rows")
    rows = samples()["rows"]
    changed = [row for row in rows if row.kind != "same"]
    assert f"{len(changed)} changed lines in" in html
    targets = re.findall(r'href="#(line-\d+)"', html)
    assert targets and all(f'id="{target}"' in html for target in targets)
    assert html.count('class="line out"') == sum(row.kind in ("changed", "removed") for row in rows)
    assert html.count('class="line in"') == sum(row.kind in ("changed", "added") for row in rows)


def test_folded_lines_are_still_there() -> None:
    html = show("difference_rows")
    assert html.count('class="line ') == sum(2 if row.kind == "changed" else 1 for row in samples()["rows"])


def test_enter_in_a_field_never_sends_a_decision() -> None:
    html = show("move_form")
    folded = html[html.index("<details") :]
    assert folded.index("disabled hidden") < folded.index('class="button danger"')


def test_a_decision_carries_the_digest_of_what_was_read() -> None:
    assert f'name="expected_digest" value="{DIGEST}"' in show("move_form")


def test_a_refused_move_keeps_the_reason_and_names_the_fault() -> None:
    html = show("move_form")
    assert samples()["text"] + "</textarea>" in html
    assert 'aria-invalid="true"' in html and 'aria-describedby="move-ask_for_changes-reason-counter move-ask' in html


def test_a_password_is_never_filled_in() -> None:
    field = re.search(r'<input type="password"[^>]*>', show("move_form"))
    assert field and "value=" not in field[0] and 'autocomplete="current-password"' in field[0]


def test_a_closed_move_has_no_form() -> None:
    source = '{% from "parts/forms.html" import move_form %}{{ move_form(o, "/m", "d", "t", password=true) }}'
    html = ENVIRONMENT.from_string(source).render(o=offer("sign", "Sign", "Open the worst cases first."))
    assert "<form" not in html and "Open the worst cases first." in html


def test_a_form_keeps_what_was_typed_and_points_to_its_errors() -> None:
    html = show("form_field")
    assert "x" * 301 in html
    assert 'href="#changes"' in html and 'id="changes-error"' in html
    assert "maxlength" not in html and 'data-longest="300"' in html


def test_a_field_without_errors_is_described_by_its_hint() -> None:
    source = '{% from "parts/forms.html" import form_field %}{{ form_field(form.name) }}'
    html = ENVIRONMENT.from_string(source).render(form=SampleForm())
    assert 'aria-describedby="name-hint"' in html and "aria-invalid" not in html


def test_a_confusable_letter_is_shown_with_its_code_point() -> None:
    assert "U+0430" in show("odd_text")


def test_moments_name_their_zone() -> None:
    at = datetime(2025, 7, 1, 22, 30, tzinfo=UTC)
    assert "2 Jul 2025, 00:30 CEST" in moment(at, ZoneInfo("Europe/Berlin"))
    assert 'datetime="2025-07-02"' in moment(date(2025, 7, 2))
    assert "&lt;b&gt;" in moment("<b>")


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        moment(datetime(2025, 7, 1, 22, 30))  # noqa: DTZ001


def page(**more: Any) -> str:
    """The frame with a small page in it."""
    source = '{% extends "base.html" %}{% block title %}Inbox{% endblock %}{% block main %}<h1>Inbox</h1>{% endblock %}'
    return ENVIRONMENT.from_string(source).render(frame() | more)


def frame() -> dict[str, Any]:
    return {
        "organisation": "Marienhof Hospital", "version": "0.1.0", "level_line": "Signatures: password (L0)",
        "navigation": [("Inbox", "/", True), ("Audit log", "/ledger", False)], "home_url": "/", "emergency_url": "/",
        "person": Thing(name="Kim Aldous", roles=["clinical informaticist"]), "sign_out_url": "/sign-out",
        "page_banners": [("info", "Offline model: not an LLM; for trying the workflow.", None)],
        "session_idle": Thing(seconds=900, stay_url="/stay", sign_in_url="/sign-in"),
    }  # fmt: skip


def test_the_frame_fits_a_strict_policy_and_says_who_is_signed_in() -> None:
    html = page()
    assert read(html).forbidden == []
    for words in ("Kim Aldous", "clinical informaticist", "Skip to the content", "Offline model: not an LLM",
                  "Comment saved.", "Signatures: password (L0)", "after 15 minutes"):  # fmt: skip
        assert words in html
    assert re.search(r'href="/"\s+aria-current="page"', html)


def test_nobody_signed_in_sees_no_sign_out() -> None:
    html = page(person=None, navigation=[], session_idle=None, page_banners=[])
    assert "Sign out" not in html and "data-idle-seconds" not in html


def test_htmx_may_neither_evaluate_nor_leave_nor_keep_pages() -> None:
    html = page()
    for rule in ('"allowEval":false', '"selfRequestsOnly":true', '"includeIndicatorStyles":false', '"historyCacheSize":0',
                 '"code":"(409|422)","swap":true'):  # fmt: skip
        assert rule in html


def test_an_error_page_says_the_next_step() -> None:
    more = {"heading": "This page is older", "sentence": "A newer revision arrived; read it first.", "reference": "r-7",
            "links": [("Read the new revision", "/changes/1")]}  # fmt: skip
    html = ENVIRONMENT.get_template("error.html").render(frame() | more)
    assert "read it first" in html and "r-7" in html and read(html).forbidden == []
