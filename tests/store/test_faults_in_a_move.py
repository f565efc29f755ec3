"""A fault at any statement of a move, at its commit or before its seal: state and entry are there together, or neither is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Connection, event, select, text

from tests import rollouts
from tests.conftest import Staff
from tests.people import PASSWORD, again
from tests.services.submissions import good, rows_of
from tests.stages import change_in, digests, open_worst_cases, ready_review, stage_of
from tests.store.test_moves_at_once import of_type, require_whole_log, staffed
from webapp.acts.actors import SYSTEM
from webapp.acts.recording import enter
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Signature
from webapp.domain.workflow.evidence import Approval
from webapp.errors import Conflict
from webapp.services import review, rollout, signoff, submission

__all__ = ["staffed"]
MOST_STATEMENTS = 300
OWN_TRANSACTIONS = {
    "reauthentications"
}  # the proof that a password was given is stored before the act, and used up by it
Act = Callable[[], object]


class PulledPlugError(Exception):
    """What stands for the end of the process at this point."""


@contextmanager
def plug_pulled(house: Outside, at: int) -> Iterator[None]:
    """The ``at``-th statement of a writing transaction does not reach the database; a commit counts as one."""
    passed = 0

    def count(connection: Connection) -> None:
        nonlocal passed
        if connection.get_execution_options().get("read_only"):
            return
        passed += 1
        if passed == at:
            raise PulledPlugError

    def before(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            count(connection)

    engine = house.database.engine
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "commit", count)


def counted(house: Outside) -> dict[str, int]:
    return {table: count for table, count in rows_of(house).items() if table not in OWN_TRANSACTIONS}


def pull_everywhere(house: Outside, act: Act) -> int:
    """The act was cut off at each of its statements, one after the other, and left nothing until it was committed; then it is sealed.

    Returns the number of the first statement after the commit, which is one of the seal.
    """
    with house.database.reading() as session:
        before = counted(house), head(session)
    for at in range(1, MOST_STATEMENTS):
        with suppress(PulledPlugError), plug_pulled(house, at):
            act()
        with house.database.reading() as session:
            size, _ = grown = head(session)
        if (counted(house), grown) != before:
            assert size > before[1][0], f"a fault at statement {at} left something and no entry"
            assert seal(house) == size
            return at
    raise AssertionError("the act was never committed")


def test_a_signature_is_whole_or_not_there(house: Outside, staffed: Staff) -> None:
    change = change_in(house, staffed, "signoff")
    open_worst_cases(house, staffed, change, "osei")
    digest, seen = digests(house, change)

    def sign() -> None:
        signoff.sign(house, staffed.act_as("osei"), change, digest, again(house, staffed.ids["osei"]), seen=seen)

    assert pull_everywhere(house, sign) > 20
    leaves = require_whole_log(house)
    assert of_type(leaves, "change.sign") == {change: 1}
    assert of_type(leaves, "release.made").total() == 1
    assert stage_of(house, change) == "rollout"
    with house.database.reading() as session:
        signature = session.scalars(select(Signature).where(Signature.move == "sign")).one()
    entered = next(leaf for leaf in leaves if leaf["type"] == "change.sign")
    assert (signature.entry_seq, [signature.envelope_sha256]) == (entered["seq"], entered["attest"])


def test_a_review_is_whole_or_not_there(house: Outside, staffed: Staff) -> None:
    change = change_in(house, staffed, "review")
    ready_review(house, staffed, change)
    digest, seen = digests(house, change)
    approval = Approval("I read the worst cases; the doses are right.", (), True)

    def approve() -> None:
        review.approve(house, staffed.act_as("kim"), change, digest, approval, PASSWORD, seen=seen)

    assert pull_everywhere(house, approve) > 20
    assert of_type(require_whole_log(house), "change.approve") == {change: 1}


def test_a_submission_is_whole_or_not_there(house: Outside, staffed: Staff) -> None:
    assert pull_everywhere(house, lambda: submission.submit(house, staffed.act_as("ada"), good())) > 20
    leaves = require_whole_log(house)
    assert [leaf["type"] for leaf in leaves].count("change.submit") == 1
    assert [leaf["type"] for leaf in leaves].count("run.queued") == 1


def test_sending_back_is_whole_or_not_there(house: Outside, staffed: Staff) -> None:
    change = change_in(house, staffed, "review")
    digest, _ = digests(house, change)
    kim = staffed.act_as("kim")
    assert pull_everywhere(house, lambda: review.ask_for_changes(house, kim, change, digest, "Say the dose.")) > 10
    assert of_type(require_whole_log(house), "change.ask_for_changes") == {change: 1}


def test_a_step_of_a_rollout_is_whole_or_not_there(house: Outside, staffed: Staff) -> None:
    change = rollouts.signed(house, staffed, rollouts.DIRECT)
    ada, digest = staffed.act_as("ada"), rollouts.digest(house, change)
    assert pull_everywhere(house, lambda: rollout.start(house, ada, change, digest)) > 15
    kim = staffed.act_as("kim")
    assert pull_everywhere(house, lambda: rollout.hold(house, kim, change, digest, "freeze", "Odd.", PASSWORD)) > 15
    leaves = require_whole_log(house)
    assert of_type(leaves, "change.start") == of_type(leaves, "change.hold") == {change: 1}


def test_a_move_that_was_committed_and_not_sealed_is_sealed_later(
    house: Outside, staffed: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = rollouts.signed(house, staffed, rollouts.DIRECT)
    sealed = seal(house)

    def pull(_: object) -> None:
        raise PulledPlugError

    with monkeypatch.context() as patched, pytest.raises(PulledPlugError):
        patched.setattr("webapp.acts.perform.seal_if_possible", pull)
        rollout.start(house, staffed.act_as("ada"), change, rollouts.digest(house, change))
    leaves = require_whole_log(house)
    assert of_type(leaves, "change.start") == {change: 1}
    with house.database.reading() as session:
        newest = newest_checkpoint(session)
    assert newest is not None
    assert newest.size == sealed < len(leaves)
    assert seal(house) == len(leaves)


def test_a_notary_that_signed_and_whose_answer_was_lost_signs_the_same_again(house: Outside, staffed: Staff) -> None:
    """The checkpoint was signed and could not be stored: the notary is not ahead of the log, and the next seal covers all."""
    with pytest.raises(PulledPlugError), plug_pulled(house, 2):
        seal(house)
    held = house.notary.held().checkpoint.size
    with house.database.reading() as session:
        assert held == head(session)[0]
    assert seal(house) == held
    change_in(house, staffed, "evaluation")
    assert seal(house) > held


def test_a_commit_that_fails_leaves_nothing_and_the_next_act_goes_through(house: Outside, staffed: Staff) -> None:
    """As on a full disk: the database itself refuses the commit, here for a key that leads nowhere and is checked only then."""
    with house.database.writing() as session:
        session.execute(
            text("CREATE TABLE last (person_id VARCHAR(40) REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED)")
        )
    before = rows_of(house)
    with pytest.raises(Conflict), house.database.writing() as session:
        enter(house, session, SYSTEM, "person.changed", ("person", "nobody", None))
        session.execute(text("INSERT INTO last VALUES ('nobody')"))
    for _ in range(3):
        assert rows_of(house) == before
    change_in(house, staffed, "evaluation")
    require_whole_log(house)
