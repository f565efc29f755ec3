"""Retrieved texts of a case reach the model through the variable {context}, and what is cited is checked."""

from __future__ import annotations

from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ScoreRow
from webapp.services.submission import submit

TEMPLATE = "Texts:\n{context}\nEncounter: {encounter_text}\n"
CONTEXT = [{"id": "dm-2.1", "text": "Metformin is the first medicine."}, {"id": "lip-7", "text": "Offer a statin."}]


def test_retrieved_texts_are_sent_with_their_ids_and_citations_are_scored(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    models.say = lambda call: "Plan: Metformin is the first medicine [dm-2.1]. Give insulin 5 units [lip-7]."
    sent = submit(
        house,
        staff.act_as("ada"),
        good(prompt=prompt_bytes(user_template=TEMPLATE), suite=suite_bytes(2, context=CONTEXT)),
    )
    execute(house, sent.run_id)
    asked = models.calls[0].messages[-1][1]
    assert asked.startswith(
        "Texts:\n[dm-2.1] Metformin is the first medicine.\n[lip-7] Offer a statin.\nEncounter: Visit"
    )
    with house.database.reading() as session:
        rows = session.scalars(select(ScoreRow).where(ScoreRow.metric == "retrieval")).all()
    assert [(row.state, row.value) for row in rows] == [("scored", 0.5)] * 2
    assert [row.findings["findings"][0]["code"] for row in rows] == ["unsupported_number"] * 2
