"""Review: confirming and raising the class, rewording, the checklist, approving, sending back."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.submissions import good, prompt_bytes
from tests.stages import (
    change_in,
    conclude_run,
    digests,
    open_worst_cases,
    pass_review,
    pass_signoff,
    ready_review,
    stage_of,
)
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Change,
    ChecklistTick,
    Comment,
    FindingRow,
    Leaf,
    Manifest,
    Prompt,
    Release,
    Revision,
    Run,
    Signature,
)
from webapp.domain.workflow.evidence import Approval
from webapp.errors import AlreadyDone, Conflict, FormularyError, InvalidInput, Refused, Stale
from webapp.services import comments, review, rollout
from webapp.services.submission import submit

SENTENCE = "I read the worst cases; the doses are right."


def approve(outside: Outside, staff: Staff, change_id: str, name: str = "kim", **changed: object) -> None:
    digest, seen = digests(outside, change_id)
    fields: dict[str, object] = {"sentence": SENTENCE, "exceptions_granted": (), "changes_confirmed": True, **changed}
    approval = Approval(**fields)  # type: ignore[arg-type]
    review.approve(outside, staff.act_as(name), change_id, digest, approval, PASSWORD, seen=seen)


def prompt_of(outside: Outside, change_id: str) -> Prompt:
    with outside.database.reading() as session:
        return load_change(session, change_id).prompt


def digest_of(outside: Outside, change_id: str) -> str:
    return digests(outside, change_id)[0]


def test_confirming_the_class_is_a_signed_act(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    review.confirm_class(outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), PASSWORD)
    prompt = prompt_of(outside, change_id)
    assert (prompt.risk_class, prompt.class_confirmed_by) == ("clinical", staff.ids["kim"])
    with outside.database.reading() as session:
        assert session.scalars(select(Signature)).one().meaning == "confirmation of the risk class"


def test_confirming_twice_is_one_act(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest = digest_of(outside, change_id)
    review.confirm_class(outside, staff.act_as("kim"), change_id, digest, PASSWORD)
    with pytest.raises(AlreadyDone):
        review.confirm_class(outside, staff.act_as("kim"), change_id, digest, PASSWORD)
    with outside.database.reading() as session:
        assert len(session.scalars(select(Signature)).all()) == 1


def test_a_change_cannot_confirm_a_lower_class_than_its_prompt_has_by_now(outside: Outside, staff: Staff) -> None:
    first = change_in(outside, staff, "review")
    second = change_in(outside, staff, "review", good(prompt=prompt_bytes(version="1.1", description="Another.")))
    kim = staff.act_as("kim")
    review.raise_class(outside, kim, first, digest_of(outside, first), "high_risk", PASSWORD)
    with pytest.raises(Conflict, match="The prompt's class is high risk"):
        review.confirm_class(outside, kim, second, digest_of(outside, second), PASSWORD)
    assert prompt_of(outside, first).risk_class == "high_risk"


def test_raising_the_class_evaluates_a_new_revision_under_the_stricter_plan(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    before = digest_of(outside, change_id)
    review.raise_class(outside, staff.act_as("kim"), change_id, before, "high_risk", PASSWORD)
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        assert case.revision is not None
        assert case.run is not None
        assert (case.change.stage, case.change.risk_class, case.change.revision) == ("evaluation", "high_risk", 2)
        assert (case.run.state, case.run.revision) == ("queued", 2)
        assert len(case.revision.plan["steps"]) == 4
        assert case.change.digest == case.revision.digest != before
        assert case.change.manifest_sha256 is None
    assert prompt_of(outside, change_id).class_confirmed_by == staff.ids["kim"]


def test_a_physician_who_raises_the_class_leaves_its_confirmation_to_an_informaticist(
    outside: Outside, staff: Staff
) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest = digest_of(outside, change_id)
    review.raise_class(outside, staff.act_as("osei"), change_id, digest, "high_risk", PASSWORD)
    prompt = prompt_of(outside, change_id)
    assert (prompt.risk_class, prompt.class_confirmed_at) == ("high_risk", None)
    assert stage_of(outside, change_id) == "evaluation"


def other_at_signoff(outside: Outside, staff: Staff, stage: str) -> str:
    """Another change of the prompt, clinical, while a physician raised the prompt's class to high risk."""
    other = change_in(outside, staff, stage, good(prompt=prompt_bytes(version="1.1", description="Another.")))
    first = change_in(outside, staff, "signoff")
    review.raise_class(outside, staff.act_as("osei"), first, digest_of(outside, first), "high_risk", PASSWORD)
    return other


def test_what_a_physician_raised_is_lowered_by_no_confirmation_and_no_submission(
    outside: Outside, staff: Staff
) -> None:
    """The raise takes the confirmation away; one informaticist or an author could else let the prompt pass with less."""
    other = other_at_signoff(outside, staff, "review")
    with pytest.raises(Conflict, match="The prompt's class is high risk"):
        review.confirm_class(outside, staff.act_as("kim"), other, digest_of(outside, other), PASSWORD)
    lower = good(prompt=prompt_bytes(version="1.2", description="A third."), risk_class="administrative")
    with pytest.raises(InvalidInput, match="high_risk"):
        submit(outside, staff.act_as("ada"), lower)
    assert prompt_of(outside, other).risk_class == "high_risk"


def test_no_change_is_signed_under_a_class_that_was_raised_since(outside: Outside, staff: Staff) -> None:
    other = other_at_signoff(outside, staff, "signoff")
    with pytest.raises(Conflict, match="raised above this change's"):
        pass_signoff(outside, staff, other)


def test_no_rollout_starts_under_a_class_that_was_raised_since(outside: Outside, staff: Staff) -> None:
    other = other_at_signoff(outside, staff, "rollout")
    with pytest.raises(Conflict, match="raised above this change's"):
        rollout.start(outside, staff.act_as("ada"), other, digest_of(outside, other))


def test_a_physician_who_raises_to_the_confirmed_class_takes_no_confirmation_away(
    outside: Outside, staff: Staff
) -> None:
    other = change_in(outside, staff, "signoff", good(prompt=prompt_bytes(version="1.1", description="Another.")))
    first = change_in(outside, staff, "review")
    review.raise_class(outside, staff.act_as("kim"), first, digest_of(outside, first), "high_risk", PASSWORD)
    review.raise_class(outside, staff.act_as("osei"), other, digest_of(outside, other), "high_risk", PASSWORD)
    assert prompt_of(outside, other).class_confirmed_by == staff.ids["kim"]


@pytest.mark.parametrize("risk_class", ["administrative", "clinical"])
def test_raising_never_lowers(outside: Outside, staff: Staff, risk_class: str) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput):
        review.raise_class(outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), risk_class, PASSWORD)


def test_an_unknown_class_is_refused_in_words(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput, match="Choose a risk class"):
        review.raise_class(outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), "lethal", PASSWORD)


def test_rewording_changes_the_release_contents_and_so_the_digest(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    before = digest_of(outside, change_id)
    review.reword(outside, staff.act_as("kim"), change_id, before, "Each dose now shows how it is given.")
    after = digest_of(outside, change_id)
    assert after != before
    with outside.database.reading() as session:
        document = json.loads(session.get_one(Manifest, after).content)
    assert document["texts"]["changes"] == "Each dose now shows how it is given."


@pytest.mark.parametrize("text", ["", "   ", "x" * 301])
def test_rewording_needs_words_and_at_most_300_characters(outside: Outside, staff: Staff, text: str) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput):
        review.reword(outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), text)


def test_a_page_from_before_the_rewording_cannot_approve(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    digest, seen = digests(outside, change_id)
    review.reword(outside, staff.act_as("lee"), change_id, digest, "In other words.")
    with pytest.raises(Stale):
        review.approve(
            outside, staff.act_as("kim"), change_id, digest, Approval(SENTENCE, (), True), PASSWORD, seen=seen
        )


def test_the_checklist_is_mine_alone(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest = digest_of(outside, change_id)
    review.tick_checklist(outside, staff.act_as("kim"), change_id, digest, ["difference_read", "downtime_usable"])
    mine = review.show_review(outside, staff.act_as("kim"), change_id).checklist
    theirs = review.show_review(outside, staff.act_as("lee"), change_id).checklist
    assert sum(row.is_ticked for row in mine) == 2
    assert not any(row.is_ticked for row in theirs)


def test_an_item_can_be_unticked(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, kim = digest_of(outside, change_id), staff.act_as("kim")
    review.tick_checklist(outside, kim, change_id, digest, ["difference_read"])
    review.tick_checklist(outside, kim, change_id, digest, [])
    with outside.database.reading() as session:
        assert session.scalars(select(ChecklistTick)).all() == []


def test_an_unknown_item_is_refused_and_nothing_is_ticked(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput, match="no such item"):
        review.tick_checklist(
            outside, staff.act_as("kim"), change_id, digest_of(outside, change_id), ["difference_read", "made_up"]
        )
    with outside.database.reading() as session:
        assert session.scalars(select(ChecklistTick)).all() == []


def test_an_author_ticks_nothing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused, match="clinical informaticist"):
        review.tick_checklist(outside, staff.act_as("ada"), change_id, digest_of(outside, change_id), [])


def test_approval_lists_everything_that_is_missing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Conflict) as refused:
        approve(outside, staff, change_id)
    codes = [refusal["code"] for refusal in refused.value.details["refusals"]]
    assert codes == ["class_unconfirmed", "unopened_cases", "checklist"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"sentence": "  "}, "Write one sentence"),
        ({"sentence": "x" * 2_001}, "At most 2000 characters"),
        ({"changes_confirmed": False}, "Confirm or rewrite what changes"),
        ({"exceptions_granted": ("completeness",)}, "Asked for: none"),
    ],
)
def test_an_approval_is_whole(outside: Outside, staff: Staff, changed: dict[str, object], sentence: str) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    with pytest.raises(InvalidInput, match=sentence):
        approve(outside, staff, change_id, **changed)
    assert stage_of(outside, change_id) == "review"


def test_an_open_must_fix_closes_approval(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    written = comments.write(outside, staff.act_as("lee"), change_id, comments.Draft("must_fix", "The route is lost."))
    with pytest.raises(Conflict, match="marked must fix are open: 1"):
        approve(outside, staff, change_id)
    comments.resolve(outside, staff.act_as("lee"), change_id, written.id)
    approve(outside, staff, change_id)
    assert stage_of(outside, change_id) == "signoff"


def test_an_undecided_critical_finding_closes_approval(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with outside.database.writing() as session:
        run = load_change(session, change_id).run
        assert run is not None
        session.add(
            FindingRow(
                id="fnd_1", run_id=run.id, case_id="case-001", metric="medication_extracted", code="tenfold_dose",
                sentence="Dose 5000 mg; the encounter says 500 mg", candidate_count=1, baseline_count=0, repeats=1,
            )
        )  # fmt: skip
    ready_review(outside, staff, change_id)
    with pytest.raises(Conflict, match="1 undecided"):
        approve(outside, staff, change_id)


def test_the_author_cannot_approve_with_another_role(outside: Outside, staff: Staff) -> None:
    from webapp.adapters.store.schema import RoleGrant

    with outside.database.writing() as session:
        session.add(RoleGrant(id="rol_x", person_id=staff.ids["ada"], role="informaticist", granted_at=outside.now()))
    change_id = change_in(outside, staff, "review")
    open_worst_cases(outside, staff, change_id, "ada")
    with pytest.raises(Refused, match="You contributed to this change"):
        approve(outside, staff, change_id, "ada")


@pytest.mark.parametrize("name", ["ada", "osei", "quinn", "ruth"])
def test_only_an_informaticist_approves(outside: Outside, staff: Staff, name: str) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused, match="this needs the role clinical informaticist"):
        approve(outside, staff, change_id, name)


def test_a_refused_approval_is_entered(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused):
        approve(outside, staff, change_id, "osei")
    with outside.database.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.type == "signature.refused")).one()
    assert leaf.actor_id == staff.ids["osei"]


def test_an_administrative_change_is_approved_for_rollout_without_a_physician(outside: Outside, staff: Staff) -> None:
    fields = {"risk_class": "administrative", "name": "appointment-letter"}
    change_id = change_in(outside, staff, "review", good(prompt=prompt_bytes(**fields)))
    ready_review(outside, staff, change_id)
    digest, seen = digests(outside, change_id)
    review.approve_for_rollout(
        outside, staff.act_as("kim"), change_id, digest, Approval(SENTENCE, (), True), PASSWORD, seen=seen
    )
    assert stage_of(outside, change_id) == "rollout"
    with outside.database.reading() as session:
        assert session.scalars(select(Release)).one().state == "approved"


def test_a_clinical_change_cannot_skip_the_physician(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    digest, seen = digests(outside, change_id)
    with pytest.raises(Conflict, match="physician's signature"):
        review.approve_for_rollout(
            outside, staff.act_as("kim"), change_id, digest, Approval(SENTENCE, (), True), PASSWORD, seen=seen
        )
    with outside.database.reading() as session:
        assert session.scalars(select(Release)).all() == []


def test_an_exception_is_granted_by_naming_it(outside: Outside, staff: Staff) -> None:
    from datetime import timedelta

    from webapp.acts.manifests import build_manifest
    from webapp.acts.perform import Act, perform
    from webapp.adapters.store.schema import ExceptionRow
    from webapp.domain.workflow.evidence import ExceptionAsked, ExceptionRequest

    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, {"completeness": "fail"})
    ends_on = (outside.now() + timedelta(days=30)).date()

    def store(act: Act) -> None:
        act.session.add(
            ExceptionRow(
                id="exc_1", change_id=change_id, revision=1, measure="completeness", reason="Shorter on purpose.",
                ends_on=ends_on, asked_by=act.actor.id, asked_at=outside.now(),
            )
        )  # fmt: skip
        act.session.flush()
        build_manifest(outside, act.session, act.case)

    request = ExceptionRequest((ExceptionAsked("completeness", "Shorter on purpose.", ends_on),))
    perform(
        outside, staff.act_as("ada"), change_id, "ask_exception", digest_of(outside, change_id), request, effect=store
    )
    ready_review(outside, staff, change_id)
    with pytest.raises(InvalidInput, match="Asked for: completeness"):
        approve(outside, staff, change_id)
    approve(outside, staff, change_id, exceptions_granted=("completeness",))
    assert stage_of(outside, change_id) == "signoff"


def test_asking_for_changes_makes_it_a_draft_with_the_reason_in_the_timeline(outside: Outside, staff: Staff) -> None:
    from webapp.services.change import show_change

    change_id = change_in(outside, staff, "review")
    digest = digest_of(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Keep the route of each medicine.")
    assert stage_of(outside, change_id) == "draft"
    newest = show_change(outside, staff.act_as("ada"), change_id).events[0]
    assert (newest.actor, newest.what, newest.detail) == (
        "Kim",
        "asked for changes to the change",
        "Keep the route of each medicine.",
    )


def test_rejecting_needs_a_reason_and_a_password(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, kim = digest_of(outside, change_id), staff.act_as("kim")
    with pytest.raises(InvalidInput, match="Write the reason"):
        review.reject(outside, kim, change_id, digest, " ", PASSWORD)
    review.reject(outside, kim, change_id, digest, "Not wanted here.", PASSWORD)
    assert stage_of(outside, change_id) == "rejected"


def test_of_two_reviewers_at_once_exactly_one_approves(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    for name in ("kim", "lee"):
        ready_review(outside, staff, change_id, name)
    digest, seen = digests(outside, change_id)
    actors = {name: staff.act_as(name) for name in ("kim", "lee")}
    start, outcomes = threading.Barrier(2), []

    def act(name: str) -> None:
        start.wait()
        try:
            review.approve(outside, actors[name], change_id, digest, Approval(SENTENCE, (), True), PASSWORD, seen=seen)
            outcomes.append("approved")
        except FormularyError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=(name,)) for name in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Conflict", "approved"]
    with outside.database.reading() as session:
        assert len(session.scalars(select(Signature).where(Signature.move == "approve")).all()) == 1


def test_review_needs_no_row_that_a_draft_lacks(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    view = review.show_review(outside, staff.act_as("kim"), change_id)
    assert (view.cases, view.may_tick) == ((), False)
    assert stage_of(outside, change_id) == "evaluation"


def test_a_second_approval_is_refused_as_done(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    pass_review(outside, staff, change_id)
    with pytest.raises(AlreadyDone):
        approve(outside, staff, change_id)
    with outside.database.reading() as session:
        rows = [session.scalars(select(kind)).all() for kind in (Change, Revision, Run, Comment)]
    assert [len(found) for found in rows] == [1, 1, 1, 0]
