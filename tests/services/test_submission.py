"""Submitting: what is good is stored once, what is bad is one sentence and no row."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests import rollouts
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.submissions import PROMPT, good, hand_in, prompt_bytes, rows_of, suite_bytes
from tests.stages import change_in, pass_evaluation
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.llm.gateway import Models, Surroundings
from webapp.adapters.llm.models_file import read_models
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Contributor, Job, Leaf, Prompt, Revision, Run, SuiteRow, Version
from webapp.assembly import DEFAULTS
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import RiskClass
from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, Refused, Stale
from webapp.services import review, rollout
from webapp.services.submission import (
    Submission,
    Submitted,
    map_contributor,
    revise,
    run_again,
    submit,
    submit_again,
    withdraw,
)

BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
HIDDEN = "Take \u200bone tablet."
RIGHT_TO_LEFT = "Take \u202eone tablet."
BAD_PLAN = {"steps": [{"kind": "canary", "share_basis_points": 500}]}
AUTO_PLAN = {"steps": [{"kind": "direct", "advance": "auto"}]}

BAD: dict[str, tuple[Submission, str]] = {
    "malformed yaml": (good(prompt=b"name: [unclosed"), "is not YAML"),
    "alias bomb": (good(prompt=BOMB), "line 1"),
    "deep nesting": (good(prompt=b"a: " + b"[" * 500 + b"]" * 500), "nested"),
    "duplicate key": (good(prompt=prompt_bytes() + b"name: other-prompt\n"), "a second time"),
    "python object": (good(prompt=b"name: !!python/object/apply:os.system ['true']\n"), "tag"),
    "a list": (good(prompt=b"- one\n- two\n"), "the prompt file"),
    "empty": (good(prompt=b""), "is empty"),
    "10 MB": (good(prompt=b"#" * 10_000_000), "bytes; at most"),
    "not UTF-8": (good(prompt=b"name: caf\xe9\n"), "not UTF-8"),
    "byte order mark": (good(prompt=b"\xef\xbb\xbf" + prompt_bytes()), "byte order mark"),
    "wrong type": (good(prompt=prompt_bytes().replace(b"max_tokens: 800", b"max_tokens: many")), "max_tokens"),
    "number as text": (good(prompt=prompt_bytes().replace(b'version: "1.0"', b"version: 1.0")), "version"),
    "unknown field": (good(prompt=prompt_bytes() + b"sytem_prompt: x\n"), "sytem_prompt"),
    "hidden character": (good(prompt=prompt_bytes(system_prompt=HIDDEN)), "hidden character U+200B"),
    "right to left": (good(prompt=prompt_bytes(system_prompt=RIGHT_TO_LEFT)), "U+202E"),
    "a secret": (good(prompt=prompt_bytes(system_prompt="Use AKIAABCDEFGHIJKLMNOP here.")), "an API key"),
    "undeclared variable": (good(prompt=prompt_bytes(variables=["other"])), "does not declare"),
    "variable without input": (good(prompt=prompt_bytes(user_template="{encounter_text} {age}")), "{age}"),
    "another prompt": (good(prompt_name="discharge-letter"), "not for discharge-letter"),
    "no test set": (good(suite=None), "Hand in a test set"),
    "unknown test set": (good(suite=None, suite_digest="0" * 64), "Hand in a test set"),
    "empty test set": (good(suite=b"\n\n"), "the suite is empty"),
    "test set not JSON": (good(suite=suite_bytes(2) + b"{broken\n"), "line 3"),
    "duplicate case": (good(suite=suite_bytes(1) + suite_bytes(1)), "is used in line 1 already"),
    "duplicate key in a case": (good(suite=b'{"id":"a","id":"b","category":"unit","inputs":{"x":"y"}}\n'), "twice"),
    "unknown category": (good(suite=suite_bytes(category="fun")), "category"),
    "10 MB test set": (good(suite=b"x" * 10_000_000), "bytes; at most"),
    "test set not UTF-8": (good(suite=b'{"id": "\xff"}\n'), "not UTF-8"),
    "unknown class": (good(risk_class="harmless"), "administrative, clinical or high_risk"),
    "no class": (good(prompt=prompt_bytes(risk_class=...)), "Propose a risk class"),
    "unknown model": (good(model="gpt-99"), "gpt-99"),
    "unconfigured model": (good(prompt=prompt_bytes(model_compatibility=["gpt-4o"])), "configured here"),
    "incompatible model": (good(model="gemini-2.0-pro"), "gemini-2.0-pro"),
    "unknown fallback": (good(fallbacks=["gpt-99"]), "gpt-99"),
    "bad plan": (good(plan=BAD_PLAN), "ends with one direct step"),
    "plan of text": (good(plan="at once"), "not a mapping"),
    "clinical plan by itself": (good(plan=AUTO_PLAN), "administrative prompts only"),
    "long changes": (good(changes="x" * 301), "at most 300 characters"),
    "long title": (good(title="x" * 201), "at most 200 characters"),
    "long intended use": (good(intended_use="x" * 2001), "at most 2000 characters"),
    "hidden in changes": (good(changes=HIDDEN), "U+200B"),
    "half a character in changes": (good(changes="a\ud800b"), "U+D800"),
    "no changes": (good(prompt=prompt_bytes(changes=...)), "write what changes"),
    "no intended use": (good(prompt=prompt_bytes(intended_use=...)), "write the intended use"),
    "no downtime text": (good(prompt=prompt_bytes(downtime_text=...)), "downtime"),
    "contributor without address": (good(contributors=[("Ada", " ")]), "mail address"),
    "too many contributors": (good(contributors=[("A", f"a{n}@example.org") for n in range(201)]), "At most 200"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_stores_nothing(outside: Outside, staff: Staff, name: str) -> None:
    submission, words = BAD[name]
    before = rows_of(outside)
    with pytest.raises(InvalidInput) as refused:
        submit(outside, staff.act_as("ada"), submission)
    assert words in refused.value.sentence
    assert "\n" not in refused.value.sentence
    assert rows_of(outside) == before


def test_a_good_submission_stands_in_evaluation_with_a_queued_run(outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    assert (done.stage, done.revision) == ("evaluation", 1)
    with outside.database.reading() as session:
        case = load_change(session, done.change_id)
        run = session.get_one(Run, done.run_id)
        assert (case.change.stage, case.change.digest) == ("evaluation", done.digest)
        assert (run.state, run.planned_calls) == ("queued", 3)
        assert session.scalars(select(Job.subject_id)).all() == [run.id]
        version = session.scalars(select(Version)).one()
        assert (version.number, version.content, version.sha256) == (1, prompt_bytes(), sha256_hex(prompt_bytes()))
        kinds = session.scalars(select(Leaf.type).order_by(Leaf.seq)).all()
    for kind in ("prompt.registered", "version.stored", "suite.stored", "change.opened", "run.queued", "change.submit"):
        assert kind in kinds


def test_texts_of_the_submission_win_over_those_of_the_file(outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good(changes="Shorter notes.", title="Shorter"))
    with outside.database.reading() as session:
        revision = load_change(session, done.change_id).revision
        assert revision is not None
        assert (revision.changes, revision.intended_use) == ("Shorter notes.", PROMPT["intended_use"])
        assert session.get_one(Change, done.change_id).title == "Shorter"


def test_a_test_set_stored_before_is_named_by_its_digest(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    suite = hand_in(outside, ada, suite_bytes(4), "notes")
    done = submit(outside, ada, good(suite=None, suite_digest=suite.digest))
    with outside.database.reading() as session:
        assert session.get_one(Run, done.run_id).suite_sha256 == suite.digest


def test_a_bad_line_of_a_test_set_on_its_own_is_named_and_nothing_is_stored(outside: Outside, staff: Staff) -> None:
    before = rows_of(outside)
    with pytest.raises(InvalidInput, match="line 2"):
        hand_in(outside, staff.act_as("ada"), suite_bytes(1) + b"[]\n" + suite_bytes(1), "notes")
    assert rows_of(outside) == before


def test_a_stored_test_set_cannot_be_marked_as_patient_data_later(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    hand_in(outside, ada, suite_bytes(), "notes")
    with pytest.raises(Conflict, match="without the mark"):
        hand_in(outside, ada, suite_bytes(), "notes", contains_phi=True)
    hand_in(outside, ada, suite_bytes(5), "patients", contains_phi=True)
    hand_in(outside, ada, suite_bytes(5), "patients")
    with outside.database.reading() as session:
        marks = {row.case_count: row.contains_phi for row in session.scalars(select(SuiteRow))}
    assert marks == {3: False, 5: True}


def test_patient_data_goes_to_a_model_of_this_machine(outside: Outside, staff: Staff) -> None:
    assert submit(outside, staff.act_as("ada"), good(suite_contains_phi=True)).stage == "evaluation"


def test_patient_data_never_goes_to_a_provider_without_agreement(outside: Outside, staff: Staff) -> None:
    around = Surroundings(
        secret_of=lambda _: "a key",
        today=lambda: outside.now().date(),
        monotonic=lambda: 0.0,
        sleep=asyncio.sleep,
        chance=lambda: 0.5,
    )
    house = replace(outside, models=Models(read_models(DEFAULTS / "models.yaml"), around))
    submission = good(prompt=prompt_bytes(model_compatibility=["gpt-4o"]), suite_contains_phi=True)
    before = rows_of(outside)
    with pytest.raises(InvalidInput, match="may not receive patient data"):
        submit(house, staff.act_as("ada"), submission)
    assert rows_of(outside) == before
    assert submit(house, staff.act_as("ada"), replace(submission, suite_contains_phi=False)).stage == "evaluation"


def test_fallback_models_that_cannot_be_asked_here_are_left_out_with_a_word(outside: Outside, staff: Staff) -> None:
    compatible = ["offline-clinical-1", "gpt-4o"]
    prompt = prompt_bytes(model_compatibility=compatible, model="offline-clinical-1", fallbacks=["gpt-4o"])
    done = submit(outside, staff.act_as("ada"), good(prompt=prompt))
    assert any("gpt-4o" in warning for warning in done.warnings)
    with outside.database.reading() as session:
        assert session.scalars(select(Revision.fallbacks)).one() == {"models": []}


@pytest.mark.parametrize("name", ["kim", "osei", "quinn", "ruth"])
def test_only_an_author_submits(outside: Outside, staff: Staff, name: str) -> None:
    before = rows_of(outside)
    with pytest.raises(Refused, match="role AI team"):
        submit(outside, staff.act_as(name), good())
    assert rows_of(outside) == before


def test_the_same_bytes_again_are_refused_and_name_the_open_change(outside: Outside, staff: Staff) -> None:
    first = submit(outside, staff.act_as("ada"), good())
    before = rows_of(outside)
    with pytest.raises(Conflict, match="Nothing changed") as refused:
        submit(outside, staff.act_as("ben"), good(changes="Other words."))
    assert refused.value.code == "nothing_changed"
    assert refused.value.details["change"] == first.change_id
    assert rows_of(outside) == before


def test_withdrawn_bytes_may_be_proposed_again_as_the_same_version(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())
    withdraw(outside, ada, first.change_id, first.digest, "Wrong branch.")
    submit(outside, ada, good())
    with outside.database.reading() as session:
        assert session.scalars(select(Version.number)).all() == [1]


def test_two_at_once_with_the_same_bytes_make_one_change(outside: Outside, staff: Staff) -> None:
    outcomes = _at_once(lambda name: submit(outside, staff.act_as(name), good()), ["ada", "ben"])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Submitted"]
    with outside.database.reading() as session:
        assert len(session.scalars(select(Change.id)).all()) == 1
        assert len(session.scalars(select(Prompt.id)).all()) == 1


def test_two_revisions_at_once_on_one_digest_make_one_revision(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())

    def hand_in(label: str) -> Submitted:
        return revise(outside, ada, first.change_id, first.digest, good(prompt=prompt_bytes(version=label)))

    outcomes = _at_once(hand_in, ["1.1", "1.2"])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Stale", "Submitted"]


def _at_once(act: Any, names: list[str]) -> list[object]:
    outcomes: list[object] = []
    gate = threading.Barrier(len(names))

    def run(name: str) -> None:
        gate.wait()
        try:
            outcomes.append(act(name))
        except FormularyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_revision_cancels_the_older_run_and_moves_the_digest(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())
    second = revise(outside, ada, first.change_id, first.digest, good(prompt=prompt_bytes(version="1.1")))
    assert (second.revision, second.change_id) == (2, first.change_id)
    assert second.digest != first.digest
    with outside.database.reading() as session:
        states = session.scalars(select(Run.state).order_by(Run.number)).all()
        assert session.get_one(Change, first.change_id).digest == second.digest
    assert states == ["cancelled", "queued"]


def test_a_revision_on_a_stale_digest_stores_nothing_but_says_where_it_stands(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())
    before = rows_of(outside)
    with pytest.raises(Stale) as refused:
        revise(outside, ada, first.change_id, "0" * 64, good(prompt=prompt_bytes(version="1.1")))
    assert refused.value.details == {"stage": "evaluation", "digest": first.digest, "revision": 1}
    assert rows_of(outside) == before


def test_the_same_revision_again_is_nothing_but_more_cases_are_something(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())
    with pytest.raises(Conflict, match="present content"):
        revise(outside, ada, first.change_id, first.digest, good())
    second = revise(outside, ada, first.change_id, first.digest, good(suite=suite_bytes(6)))
    with outside.database.reading() as session:
        assert session.get_one(Run, second.run_id).planned_calls == 6


def test_a_revision_for_another_prompt_is_refused(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good())
    with pytest.raises(InvalidInput, match="This change is for clinical-summarization"):
        revise(outside, ada, first.change_id, first.digest, good(prompt=prompt_bytes(name="discharge-letter")))


def test_only_those_who_work_on_the_change_revise_it(outside: Outside, staff: Staff) -> None:
    first = submit(outside, staff.act_as("ada"), good())
    with pytest.raises(Refused, match="people who work on this change"):
        revise(outside, staff.act_as("ben"), first.change_id, first.digest, good(prompt=prompt_bytes(version="1.1")))


def test_a_revision_of_no_change_is_not_found(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound):
        revise(outside, staff.act_as("ada"), "chg_none", "0" * 64, good())


def test_a_revision_keeps_the_plan_until_the_class_changes(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    plan = {"steps": [{"kind": "direct", "bake_seconds": 7200, "min_units": 5}]}
    first = submit(outside, ada, good(plan=plan))
    second = revise(outside, ada, first.change_id, first.digest, good(prompt=prompt_bytes(version="1.1")))
    third = revise(
        outside,
        ada,
        first.change_id,
        second.digest,
        good(prompt=prompt_bytes(version="1.1"), risk_class="high_risk"),
    )
    assert third.revision == 3
    with outside.database.reading() as session:
        rows = session.scalars(select(Revision).order_by(Revision.number)).all()
        assert [len(row.plan["steps"]) for row in rows] == [1, 1, 4]
        assert session.get_one(Change, first.change_id).risk_class == "high_risk"


def test_a_class_below_the_confirmed_one_is_refused(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good(risk_class="high_risk"))
    withdraw(outside, ada, first.change_id, first.digest, "Later.")
    with outside.database.writing() as session:
        prompt = session.scalars(select(Prompt)).one()
        prompt.class_confirmed_by, prompt.class_confirmed_at = staff.ids["kim"], outside.now()
    before = rows_of(outside)
    with pytest.raises(InvalidInput, match="a submission cannot"):
        submit(outside, ada, good(risk_class="clinical"))
    assert rows_of(outside) == before


def test_git_authors_are_contributors_and_unknown_ones_wait_to_be_mapped(outside: Outside, staff: Staff) -> None:
    people = [("Ben", "BEN@example.org"), ("Kim", "kim@example.org"), ("Guest", "guest@example.net")]
    done = submit(outside, staff.act_as("ada"), good(contributors=people))
    with outside.database.reading() as session:
        situation = read_situation(outside, session, load_change(session, done.change_id), staff.act_as("kim"))
    assert situation.contributors == {staff.ids["ada"], staff.ids["ben"], staff.ids["kim"]}
    assert situation.unmapped_contributors == ("Guest",)


def test_a_mapped_address_is_remembered_for_the_next_change(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    first = submit(outside, ada, good(contributors=[("Lee", "lee@laptop")]))
    map_contributor(outside, ada, first.change_id, _contributor(outside, "lee@laptop"), staff.ids["lee"])
    other = prompt_bytes(name="discharge-letter")
    second = submit(outside, ada, good(prompt=other, contributors=[("Lee", "lee@laptop")]))
    with outside.database.reading() as session:
        situation = read_situation(outside, session, load_change(session, second.change_id), ada)
    assert staff.ids["lee"] in situation.contributors


def test_a_known_address_cannot_be_declared_somebody_else_s(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    done = submit(outside, ada, good(contributors=[("Kim", "kim@example.org")]))
    row = _contributor(outside, "kim@example.org")
    for person in (None, staff.ids["ben"]):
        with pytest.raises(Conflict, match="address of Kim"):
            map_contributor(outside, ada, done.change_id, row, person)


def test_deciders_do_not_say_who_a_git_author_is(outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good(contributors=[("Guest", "guest@example.net")]))
    row = _contributor(outside, "guest@example.net")
    with pytest.raises(Refused):
        map_contributor(outside, staff.act_as("kim"), done.change_id, row, None)


def _contributor(outside: Outside, email: str) -> str:
    with outside.database.reading() as session:
        return session.scalars(select(Contributor.id).where(Contributor.email == email)).one()


def test_an_author_runs_again_once_the_run_has_ended(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    done = submit(outside, ada, good())
    with pytest.raises(Conflict, match="still running"):
        run_again(outside, ada, done.change_id, done.digest)
    with outside.database.writing() as session:
        session.get_one(Run, done.run_id).state = "incomplete"
    run_again(outside, ada, done.change_id, done.digest)
    with outside.database.reading() as session:
        assert session.scalars(select(Run.state).order_by(Run.number)).all() == ["incomplete", "queued"]


def test_withdrawing_needs_a_reason(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    done = submit(outside, ada, good())
    with pytest.raises(InvalidInput, match="Write the reason"):
        withdraw(outside, ada, done.change_id, done.digest, " ")
    withdraw(outside, ada, done.change_id, done.digest, "Wrong branch.")
    with outside.database.reading() as session:
        assert session.get_one(Change, done.change_id).stage == "withdrawn"


def test_a_withdrawn_change_asks_no_model_any_more(outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    withdraw(outside, staff.act_as("ada"), done.change_id, done.digest, "Wrong branch.")
    with outside.database.reading() as session:
        run = session.get_one(Run, done.run_id)
    assert (run.state, run.concluded_at) == ("cancelled", outside.now())


def test_a_change_that_was_sent_back_goes_again_as_a_further_revision(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest = _digest(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Say more.")
    ada = staff.act_as("ada")
    submit_again(outside, ada, change_id, _digest(outside, change_id))
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        assert (case.change.stage, case.change.revision, case.change.manifest_sha256) == ("evaluation", 2, None)
        assert case.run is not None
        assert (case.run.state, case.run.revision) == ("queued", 2)


def _digest(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).digest


def test_what_is_live_is_no_change_but_its_texts_and_test_set_are_inherited(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    _release(outside, staff)
    with pytest.raises(Conflict, match="bytes that are live now"):
        submit(outside, ada, good())
    bare = prompt_bytes(version="1.1", intended_use=..., not_for=..., downtime_text=..., risk_class=...)
    done = submit(outside, ada, Submission(prompt=bare))
    with outside.database.reading() as session:
        case = load_change(session, done.change_id)
        assert case.revision is not None
        assert case.revision.intended_use == PROMPT["intended_use"]
        assert case.change.risk_class == "clinical"
        assert case.change.is_first_change is False
        run = session.get_one(Run, done.run_id)
        assert (run.planned_calls, run.baseline_model) == (6, "offline-clinical-1")


def test_what_changes_is_never_inherited_from_what_is_live(outside: Outside, staff: Staff) -> None:
    _release(outside, staff)
    with pytest.raises(InvalidInput, match="write what changes"):
        submit(outside, staff.act_as("ada"), Submission(prompt=prompt_bytes(version="1.1", changes=...)))


def test_a_released_label_is_not_used_for_other_content(outside: Outside, staff: Staff) -> None:
    _release(outside, staff)
    before = rows_of(outside)
    with pytest.raises(Conflict, match=r"Version 1\.0 of clinical-summarization was already released") as refused:
        submit(outside, staff.act_as("ada"), good(prompt=prompt_bytes(description="Other content.")))
    assert refused.value.code == "label_used"
    assert rows_of(outside) == before


def _release(outside: Outside, staff: Staff) -> None:
    """The good submission is live."""
    change_id = change_in(outside, staff, "rollout", plan={"steps": [{"kind": "direct"}]})
    rollout.start(outside, staff.act_as("ada"), change_id, _digest(outside, change_id))


def test_a_class_raised_by_a_reviewer_asks_for_the_downtime_text_and_takes_it(outside: Outside, staff: Staff) -> None:
    bare = prompt_bytes(risk_class="administrative", downtime_text=...)
    change_id = change_in(outside, staff, "review", prompt=bare)
    review.raise_class(
        outside, staff.act_as("kim"), change_id, _digest(outside, change_id), RiskClass.CLINICAL, PASSWORD
    )
    with pytest.raises(Conflict, match="downtime text"):
        pass_evaluation(outside, staff, change_id)
    ada, digest = staff.act_as("ada"), _digest(outside, change_id)
    with pytest.raises(InvalidInput, match="downtime"):
        revise(outside, ada, change_id, digest, good(prompt=bare, title="x", suite=suite_bytes(4)))
    revise(outside, ada, change_id, digest, good(prompt=bare, downtime_text="Write the letter by hand."))
    pass_evaluation(outside, staff, change_id)
    with outside.database.reading() as session:
        change = session.get_one(Change, change_id)
        assert (change.stage, change.risk_class) == ("review", "clinical")


def test_a_silent_run_of_the_policy_waits_for_something_live_to_be_compared_with(
    outside: Outside, staff: Staff
) -> None:
    first = rollouts.live_first(outside, staff)
    again = submit(outside, staff.act_as("ada"), good(prompt=prompt_bytes(version="1.1")))
    fresh = submit(outside, staff.act_as("ada"), good(prompt=prompt_bytes(name="discharge-letter")))
    with outside.database.reading() as session:
        plans = {row.change_id: row.plan for row in session.scalars(select(Revision))}
    kinds = {change: [step["kind"] for step in plan["steps"]] for change, plan in plans.items()}
    assert kinds[again.change_id] == ["shadow", "canary", "canary", "direct"]
    assert kinds[fresh.change_id] == ["canary", "canary", "direct"]
    assert kinds[first] == ["direct"], "an author's own plan stays"
