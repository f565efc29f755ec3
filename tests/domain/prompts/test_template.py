"""Templates are filled once, literally."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompts.examples import PROMPT
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.prompts.suite import Case, Chunk
from webapp.domain.prompts.template import Message, fill, messages, placeholders, template_values
from webapp.errors import InvalidInput

BRACES = st.text("{}abz_0 A\n", max_size=40)


def test_placeholders_come_once_in_order_of_first_use() -> None:
    assert placeholders("{b} {a} {b} {A} {0} {} {{c}} {a-b} {a.b} {a!r}") == ("b", "a", "c")


def test_a_value_is_never_expanded_again() -> None:
    assert fill("{a}{b}", {"a": "{b}", "b": "{a}"}) == "{b}{a}"


def test_backslashes_and_group_references_in_values_are_literal() -> None:
    assert fill("{a}", {"a": r"\1 \g<0> \n"}) == r"\1 \g<0> \n"


def test_json_braces_in_a_template_survive() -> None:
    assert fill('{"dose": 5, "x": {}} {a}', {"a": "1"}) == '{"dose": 5, "x": {}} 1'


def test_a_missing_value_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="asks for b, c") as found:
        fill("{a} {b} {c}", {"a": "1"})
    assert found.value.details["missing"] == ["b", "c"]


def test_the_system_prompt_is_sent_as_written() -> None:
    prompt = read_prompt(PROMPT | {"system_prompt": "Keep {encounter_text} as it is."}, "p")
    assert messages(prompt, {"encounter_text": "X"}) == (
        Message("system", "Keep {encounter_text} as it is."),
        Message("user", "Summarize:\nX\n"),
    )


def test_retrieved_texts_fill_the_variable_context_with_their_ids() -> None:
    case = Case(
        "c", "unit", {"question": "Which dose?"}, (Chunk("dm 1", "500 mg {question}\n[dm 2] 5 g"), Chunk("dm 2", ""))
    )
    values = template_values(case)
    assert fill("{context}\nQ: {question}", values) == "[dm 1] 500 mg {question}\n  [dm 2] 5 g\n[dm 2] \nQ: Which dose?"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x85"])
def test_no_line_of_a_retrieved_text_can_pass_for_another_text(end: str) -> None:
    case = Case("c", "unit", {"question": "?"}, (Chunk("a", f"one{end}[b] two"), Chunk("c\nd", "three")))
    lines = template_values(case)["context"].splitlines()
    assert [line.split("]")[0] for line in lines if line.startswith("[")] == ["[a", "[c d"]


def test_an_input_named_context_stays_and_a_case_without_retrieved_texts_has_none() -> None:
    own = Case("c", "unit", {"context": "mine"}, (Chunk("a", "theirs"),))
    assert template_values(own)["context"] == "mine"
    assert "context" not in template_values(Case("c", "unit", {"question": "?"}))


@given(BRACES, BRACES)
def test_every_placeholder_takes_its_value_and_all_else_stays(template: str, value: str) -> None:
    names = placeholders(template)
    filled = fill(template, dict.fromkeys(names, value))
    pieces = [template]
    for name in names:
        pieces = [part for piece in pieces for part in piece.split(f"{{{name}}}")]
    assert filled == value.join(pieces)


@given(BRACES)
def test_a_template_filled_with_its_own_placeholders_is_itself(template: str) -> None:
    assert fill(template, {name: f"{{{name}}}" for name in placeholders(template)}) == template
