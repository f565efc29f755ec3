"""A high-risk release: two physicians, two passkeys, neither contributor nor reviewer; the release is made by the second."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import func, select

from tests.conftest import Clock, Staff
from tests.passkeys import SoftPasskey, add_passkey
from tests.people import again
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, open_worst_cases, stage_of
from webapp.acts.actors import SYSTEM
from webapp.acts.perform import perform
from webapp.acts.reauthentication import Given
from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Leaf, Release, Signature
from webapp.domain.workflow.evidence import Evidence
from webapp.errors import AlreadyDone, Conflict, FormularyError, Refused, Stale
from webapp.services import catalogue, change, inbox, review, rollout, signoff

Keys = dict[str, SoftPasskey]


@pytest.fixture
def keys(outside: Outside, staff: Staff) -> Keys:
    """Each physician has a passkey."""
    return {name: add_passkey(outside, staff.ids[name], n) for n, name in enumerate(("osei", "lund", "moss"), 1)}


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """A high-risk change at sign-off, its worst cases opened by every physician; Kim reviewed it."""
    made = change_in(
        outside, staff, "signoff", good(prompt=prompt_bytes(risk_class="high_risk"), risk_class="high_risk")
    )
    for name in ("osei", "lund", "moss"):
        open_worst_cases(outside, staff, made, name)
    return made


def asked(outside: Outside, staff: Staff, keys: Keys, change_id: str, name: str) -> Given:
    """The passkey's answer for this signature."""
    digest, _ = digests(outside, change_id)
    return keys[name].answer(signoff.ask_to_sign(outside, staff.act_as(name), change_id, digest))


def sign(outside: Outside, staff: Staff, keys: Keys, change_id: str, name: str) -> None:
    digest, seen = digests(outside, change_id)
    given = asked(outside, staff, keys, change_id, name)
    signoff.sign(outside, staff.act_as(name), change_id, digest, given, seen=seen)


def valid_rows(outside: Outside, change_id: str) -> list[Signature]:
    query = select(Signature).where(
        Signature.change_id == change_id, Signature.move == "sign", Signature.voided_at.is_(None)
    )
    with outside.database.reading() as session:
        return list(session.scalars(query.order_by(Signature.id)))


def releases(outside: Outside) -> int:
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Release)) or 0


def test_the_second_signature_makes_the_release_and_the_first_does_not(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    sign(outside, staff, keys, change_id, "osei")
    assert (stage_of(outside, change_id), releases(outside)) == ("signoff", 0)
    sign(outside, staff, keys, change_id, "lund")
    assert (stage_of(outside, change_id), releases(outside)) == ("rollout", 1)
    assert [row.level for row in valid_rows(outside, change_id)] == ["L2", "L2"]
    with outside.database.reading() as session:
        release = session.scalars(select(Release)).one()
        assert verify_release(outside, session, release)["risk_class"] == "high_risk"
        moves = [json.loads(leaf) for leaf in session.scalars(select(Leaf.content).where(Leaf.type == "change.sign"))]
    assert [(leaf["before"]["state"], leaf["after"]["state"]) for leaf in moves] == [
        ("signoff", "signoff"), ("signoff", "rollout"),
    ]  # fmt: skip


def test_password_and_code_sign_nothing_of_high_risk(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    digest, seen = digests(outside, change_id)
    with pytest.raises(Refused, match="signed with your passkey; nothing less"):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, again(outside, staff.ids["osei"]), seen=seen)
    assert valid_rows(outside, change_id) == []


def test_a_physician_without_a_passkey_is_told_to_add_one(outside: Outside, staff: Staff, change_id: str) -> None:
    digest, seen = digests(outside, change_id)
    with pytest.raises(Refused, match="signed with a passkey and you have none yet"):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, again(outside, staff.ids["osei"]), seen=seen)


def test_nobody_signs_for_two(outside: Outside, staff: Staff, keys: Keys, change_id: str) -> None:
    sign(outside, staff, keys, change_id, "osei")
    digest, seen = digests(outside, change_id)
    with pytest.raises(Refused, match="You signed this already"):
        signoff.ask_to_sign(outside, staff.act_as("osei"), change_id, digest)
    with pytest.raises(AlreadyDone, match="recorded once"):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, again(outside, staff.ids["osei"]), seen=seen)
    assert len(valid_rows(outside, change_id)) == 1


def test_a_double_click_on_the_first_signature_signs_once(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    digest, seen = digests(outside, change_id)
    given = asked(outside, staff, keys, change_id, "osei")
    signoff.sign(outside, staff.act_as("osei"), change_id, digest, given, seen=seen)
    with pytest.raises(AlreadyDone):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, given, seen=seen)
    assert (len(valid_rows(outside, change_id)), releases(outside)) == (1, 0)


def test_the_reviewer_is_neither_of_the_two(outside: Outside, staff: Staff, keys: Keys) -> None:
    from tests.stages import pass_review

    made = change_in(
        outside, staff, "review", good(prompt=prompt_bytes(risk_class="high_risk"), risk_class="high_risk")
    )
    pass_review(outside, staff, made, "moss")
    open_worst_cases(outside, staff, made, "moss")
    digest, _ = digests(outside, made)
    with pytest.raises(Refused, match="You reviewed this change"):
        signoff.ask_to_sign(outside, staff.act_as("moss"), made, digest)


def test_what_was_asked_before_the_first_signature_stood_signs_nothing_after_it(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    """Two physicians at once: the second read a page that says nobody has signed, so it is signed anew."""
    digest, seen = digests(outside, change_id)
    early = asked(outside, staff, keys, change_id, "lund")
    sign(outside, staff, keys, change_id, "osei")
    with pytest.raises(Stale):
        signoff.sign(outside, staff.act_as("lund"), change_id, digest, early, seen=seen)
    assert (len(valid_rows(outside, change_id)), releases(outside)) == (1, 0)
    sign(outside, staff, keys, change_id, "lund")
    assert (len(valid_rows(outside, change_id)), releases(outside)) == (2, 1)


def test_two_physicians_at_the_same_moment_give_one_signature_and_no_release(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    digest, seen = digests(outside, change_id)
    given = {name: asked(outside, staff, keys, change_id, name) for name in ("osei", "lund")}
    actors = {name: staff.act_as(name) for name in given}
    start, outcomes = threading.Barrier(2), []

    def act(name: str) -> None:
        start.wait()
        try:
            signoff.sign(outside, actors[name], change_id, digest, given[name], seen=seen)
            outcomes.append("signed")
        except FormularyError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=(name,)) for name in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Stale", "signed"]
    assert (len(valid_rows(outside, change_id)), releases(outside)) == (1, 0)


def test_changes_asked_for_void_the_first_signature_too(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    sign(outside, staff, keys, change_id, "osei")
    digest, _ = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("lund"), change_id, digest, "Name the route.")
    assert valid_rows(outside, change_id) == []


def test_going_back_from_rollout_voids_both(outside: Outside, staff: Staff, keys: Keys, change_id: str) -> None:
    sign(outside, staff, keys, change_id, "osei")
    sign(outside, staff, keys, change_id, "lund")
    digest, _ = digests(outside, change_id)
    perform(outside, staff.act_as("ada"), change_id, "withdraw", digest, _reason())
    assert valid_rows(outside, change_id) == []
    with outside.database.reading() as session:
        voided = session.scalars(select(Leaf).where(Leaf.type == "signature.voided")).all()
    assert len(voided) == 3, "the reviewer's and both physicians'"


def _reason() -> Evidence:
    from webapp.domain.workflow.evidence import Reason

    return Reason("Another way was found.")


def test_the_first_signature_lapses_and_both_are_asked_again(
    outside: Outside, staff: Staff, keys: Keys, change_id: str, clock: Clock
) -> None:
    assert rollout.lapse_old_signatures(outside) == []
    sign(outside, staff, keys, change_id, "osei")
    assert rollout.lapse_old_signatures(outside) == []
    clock.forward(days=30)
    assert rollout.lapse_old_signatures(outside) == [change_id]
    assert (valid_rows(outside, change_id), stage_of(outside, change_id)) == ([], "signoff")
    sign(outside, staff, keys, change_id, "osei")
    sign(outside, staff, keys, change_id, "lund")
    assert stage_of(outside, change_id) == "rollout"


def test_a_release_lapses_with_the_older_of_its_two_signatures(
    outside: Outside, staff: Staff, keys: Keys, change_id: str, clock: Clock
) -> None:
    sign(outside, staff, keys, change_id, "osei")
    clock.forward(days=29)
    sign(outside, staff, keys, change_id, "lund")
    clock.forward(days=1)
    digest, _ = digests(outside, change_id)
    with pytest.raises(Conflict, match="older than 30 days"):
        rollout.start(outside, staff.act_as("ada"), change_id, digest)


def test_everywhere_it_is_said_that_one_more_physician_is_needed(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    sign(outside, staff, keys, change_id, "osei")
    words = "First of two signatures: Osei, Dr.; one more physician is needed"
    (mine,) = inbox.show_inbox(outside, staff.act_as("lund")).mine
    assert mine.ask == f"Sign as the second of two physicians, ask a question or decline. {words}"
    osei = inbox.show_inbox(outside, staff.act_as("osei"))
    assert (osei.mine, [row.change_id for row in osei.others]) == ((), [change_id])
    assert change.show_change(outside, staff.act_as("ada"), change_id).frame.signed_so_far == f"{words}."
    document = catalogue.show_change(outside, staff.act_as("ada"), change_id)
    assert document["signed_so_far"] == f"{words}."
    assert "Osei" not in document["asked_next"]["people"]
    (offer,) = [offer for offer in document["moves"] if offer["name"] == "sign"] or [{"open": None}]
    assert offer["open"] is None, "an author is offered no signature"
    receipt = signoff.show_receipt(outside, staff.act_as("osei"), valid_rows(outside, change_id)[0].id)
    assert receipt.signed_so_far == f"{words}."
    sign(outside, staff, keys, change_id, "lund")
    assert catalogue.show_change(outside, staff.act_as("ada"), change_id)["signed_so_far"] is None


def test_the_second_physician_signs_what_says_that_the_first_did(
    outside: Outside, staff: Staff, keys: Keys, change_id: str
) -> None:
    sign(outside, staff, keys, change_id, "osei")
    with outside.database.reading() as session:
        first = session.get_one(Change, change_id)
    assert first.due_at is not None, "the date stays that of the stage"
    sign(outside, staff, keys, change_id, "lund")
    _, second = valid_rows(outside, change_id)
    display = json.loads(signoff.read_display(outside, staff.act_as("lund"), second.id))
    assert display["signed"] == [{"name": "Osei", "title": "Dr.", "sentence": ""}]


def test_the_system_signs_nothing(outside: Outside, staff: Staff, change_id: str) -> None:
    digest, _ = digests(outside, change_id)
    with pytest.raises(FormularyError):
        perform(outside, SYSTEM, change_id, "sign", digest, Evidence())
