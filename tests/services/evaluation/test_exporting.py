"""Exporting an evaluation: every answer with its marks, patient data left out, the export itself in the audit log."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts.case_text import FOR_PROGRAMS_PHI
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf
from webapp.domain.measures import MEASURES
from webapp.errors import NotFound
from webapp.services import evaluation
from webapp.services.evaluation import exporting
from webapp.services.submission import submit

CASES = 7


@pytest.fixture
def change(house: Outside, staff: Staff) -> str:
    expected = {"must_include": ["500 mg"], "must_not_include": ["50 g"]}
    wanted = good(suite=suite_bytes(CASES, category="safety", expected=expected))
    made = submit(house, staff.act_as("ada"), wanted)
    execute(house, made.run_id)
    return made.change_id


def exported(house: Outside, staff: Staff, change: str, form: str) -> str:
    made = evaluation.export_run(house, staff.act_as("kim"), change, None, form)
    return b"".join(made.lines).decode()


def as_document(house: Outside, staff: Staff, change: str) -> dict[str, Any]:
    return dict(json.loads(exported(house, staff, change, "json")))


def test_the_json_holds_every_answer_with_its_marks(house: Outside, staff: Staff, change: str) -> None:
    document = as_document(house, staff, change)
    assert len(document["answers"]) == CASES
    first = document["answers"][0]
    assert first["version"] == "new"
    assert "metformin 500 mg" in first["text"]
    assert 0 <= first["marks"]["completeness"] <= 1
    assert document["run"]["planned_calls"] == CASES


def test_the_csv_has_a_line_for_each_answer_and_a_column_for_each_measure(
    house: Outside, staff: Staff, change: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(house, staff, change, "csv"), newline="")))
    assert len(rows) == CASES
    assert {measure.name for measure in MEASURES} <= set(rows[0])
    marks = [row["marks"]["safety_language"] for row in as_document(house, staff, change)["answers"]]
    assert [float(row["safety_language"]) for row in rows] == marks


def test_answers_come_in_portions_without_loss(
    house: Outside, staff: Staff, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = as_document(house, staff, change)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 3)
    assert as_document(house, staff, change) == whole


def test_patient_data_is_left_out_of_both_files(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {"may_receive_phi": True}
    asked = {"must_include": ["500 mg"]}
    wanted = good(suite=suite_bytes(4, category="safety", expected=asked), suite_contains_phi=True)
    made = submit(house, staff.act_as("ada"), wanted)
    execute(house, made.run_id)
    document = as_document(house, staff, made.change_id)
    assert {row["text"] for row in document["answers"]} == {FOR_PROGRAMS_PHI}
    assert "metformin" not in exported(house, staff, made.change_id, "csv")


def test_a_failed_call_is_a_row_with_its_error(
    house: Outside, staff: Staff, models: ScriptedModels, change: str
) -> None:
    del change
    models.say = lambda call: Failure("server_error")
    made = submit(
        house, staff.act_as("ben"), good(suite=suite_bytes(3), prompt=prompt_bytes(name="discharge", version="2.0"))
    )
    execute(house, made.run_id)
    rows = as_document(house, staff, made.change_id)["answers"]
    assert {row["error"] for row in rows} == {"server_error"}
    assert {row["text"] for row in rows} == {""}


def test_an_export_is_an_entry_without_any_text(house: Outside, staff: Staff, change: str) -> None:
    exported(house, staff, change, "csv")
    with house.database.reading() as session:
        entries = [json.loads(leaf.content) for leaf in session.scalars(select(Leaf))]
    made = [entry for entry in entries if entry["type"] == "export.made"]
    assert [entry["reason"] for entry in made] == ["evaluation_csv"]


def test_another_form_or_run_is_refused_in_words(house: Outside, staff: Staff, change: str) -> None:
    with pytest.raises(NotFound, match="as json or as csv"):
        evaluation.export_run(house, staff.act_as("kim"), change, None, "xml")
    with pytest.raises(NotFound, match="no such run"):
        evaluation.export_run(house, staff.act_as("kim"), change, 99, "json")
