"""Three hundred moves at once on both databases: each is done once or refused, and the log tells exactly those that were done."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.conftest import Staff
from tests.people import again, join
from tests.services.submissions import prompt_bytes
from tests.stages import change_in, digests, open_worst_cases, ready_review
from tests.whole_log import check_log, replay_stages
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.schema import Change, Leaf, Outbox, Payload, Release, Run, Signature
from webapp.assembly import prepare
from webapp.domain.workflow.evidence import Approval
from webapp.errors import FormularyError
from webapp.services import review, signoff, submission

ROLES = {
    "ada": "author", "kim": "informaticist", "lee": "informaticist", "osei": "physician", "lund": "physician",
}  # fmt: skip
WRITERS = 16
CHANGES, RIVALS = 100, 3
Move = Callable[[], object]


@pytest.fixture
def staffed(house: Outside) -> Staff:
    """An open house with people in it."""
    prepare(house)
    return Staff(house, {name: join(house, name, (role,)) for name, role in ROLES.items()})


def some_change(house: Outside, staff: Staff, stage: str, number: int) -> str:
    prompt = prompt_bytes(version=f"1.{number}", system_prompt=f"You write clinical notes, version {number}.\n")
    return change_in(house, staff, stage, prompt=prompt)


def at_once(moves: Sequence[Move], writers: int = WRITERS) -> Counter[str]:
    """All moves are made from ``writers`` threads that start together; how many were done, and what refused the others."""
    start = threading.Barrier(writers)

    def work(mine: Sequence[Move]) -> list[str]:
        start.wait()
        return [outcome(move) for move in mine]

    with ThreadPoolExecutor(writers) as pool:
        shares = [moves[number::writers] for number in range(writers)]
        return Counter(result for results in pool.map(work, shares) for result in results)


def outcome(move: Move) -> str:
    try:
        move()
    except FormularyError as error:
        return type(error).__name__
    return "done"


def leaves_of(house: Outside) -> list[dict]:
    with house.database.reading() as session:
        return [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]


def require_whole_log(house: Outside) -> list[dict]:
    """Numbers without gap, links to the entry before of the same thing, ids once, every payload there, root and stages true."""
    leaves, newest = leaves_of(house), {}
    assert [leaf["seq"] for leaf in leaves] == list(range(len(leaves)))
    assert len({leaf["eid"] for leaf in leaves}) == len(leaves)
    for leaf in leaves:
        thing = (leaf["entity"]["type"], leaf["entity"]["id"])
        assert leaf["prev"] == newest.get(thing)
        newest[thing] = leaf["seq"]
    size, _, is_true = check_log(house)
    assert (size, is_true) == (len(leaves), True)
    with house.database.reading() as session:
        payloads = set(session.scalars(select(Payload.sha256)))
        stages = {change.id: change.stage for change in session.scalars(select(Change))}
    assert {leaf["payload"]["sha256"] for leaf in leaves if leaf["payload"]} <= payloads
    told = replay_stages(house)
    assert {change: stages[change] for change in told} == told
    return leaves


def of_type(leaves: Sequence[dict], kind: str) -> Counter[str]:
    return Counter(leaf["entity"]["id"] for leaf in leaves if leaf["type"] == kind)


def test_three_hundred_moves_at_once_leave_one_entry_each_and_lose_nothing(house: Outside, staffed: Staff) -> None:
    """Three rivals for each of a hundred changes: two send it back, one rewrites what it says and so makes the others stale."""
    changes = [some_change(house, staffed, "review", number) for number in range(CHANGES)]
    before = len(leaves_of(house))
    kim, lee = staffed.act_as("kim"), staffed.act_as("lee")
    moves: list[Move] = []
    for change in changes:
        digest, _ = digests(house, change)
        moves += [
            partial(review.ask_for_changes, house, kim, change, digest, "Say more of the dose."),
            partial(review.ask_for_changes, house, lee, change, digest, "Say less."),
            partial(review.reword, house, lee, change, digest, "Doses have routes."),
        ]
    found = at_once(moves)
    assert sum(found.values()) == CHANGES * RIVALS == 300
    assert set(found) <= {"done", "Stale", "Conflict", "AlreadyDone"}
    leaves = require_whole_log(house)
    sent_back, reworded = of_type(leaves, "change.ask_for_changes"), of_type(leaves, "change.reword")
    assert sent_back.total() + reworded.total() == found["done"]
    assert set(sent_back) | set(reworded) == set(changes), "somebody won each change"
    assert all(count == 1 for count in (*sent_back.values(), *reworded.values()))
    assert len(leaves) - before == found["done"], "a move that was refused left nothing"
    assert seal(house) == len(leaves)
    with house.database.reading() as session:
        newest = newest_checkpoint(session)
        assert newest is not None
        assert newest.size == len(leaves)


def test_a_click_that_came_three_times_queues_one_run_with_one_message(house: Outside, staffed: Staff) -> None:
    changes = [some_change(house, staffed, "evaluation", number) for number in range(20)]
    ada = staffed.act_as("ada")
    moves = [
        partial(submission.withdraw, house, ada, change, digests(house, change)[0], "Not now.")
        for change in changes
        for _ in range(RIVALS)
    ]
    with house.database.reading() as session:
        messages = session.scalar(select(func.count()).select_from(Outbox))
    found = at_once(moves)
    assert found == {"done": 20, "Conflict": 40}
    leaves = require_whole_log(house)
    assert of_type(leaves, "change.withdraw") == dict.fromkeys(changes, 1)
    assert of_type(leaves, "run.cancelled").total() == 20
    with house.database.reading() as session:
        assert session.scalars(select(Run.state).distinct()).all() == ["cancelled"]
        assert session.scalar(select(func.count()).select_from(Outbox)) == messages
        assert set(session.scalars(select(Change.stage))) == {"withdrawn"}


def test_new_versions_of_one_prompt_that_come_at_once_are_each_entered_once(house: Outside, staffed: Staff) -> None:
    ada = staffed.act_as("ada")
    changes = [some_change(house, staffed, "evaluation", number) for number in range(50)]

    moves: list[Move] = []
    for number, change in enumerate(changes):
        text = f"You write clinical notes, second version {number}.\n"
        given = submission.Submission(prompt=prompt_bytes(version=f"2.{number}", system_prompt=text))
        moves += [partial(submission.revise, house, ada, change, digests(house, change)[0], given)] * 2
    found = at_once(moves)
    assert found["done"] == 50
    leaves = require_whole_log(house)
    assert of_type(leaves, "change.revise") == dict.fromkeys(changes, 1)
    with house.database.reading() as session:
        assert set(session.scalars(select(Change.revision))) == {2}
        queued = session.scalars(select(Run.change_id).where(Run.state == "queued")).all()
    assert Counter(queued) == dict.fromkeys(changes, 1)


@pytest.mark.parametrize("names", [("osei", "lund"), ("osei", "osei")], ids=["two physicians", "a double click"])
def test_of_signatures_at_once_one_stands(house: Outside, staffed: Staff, names: tuple[str, str]) -> None:
    for number in range(3):
        change = some_change(house, staffed, "signoff", number)
        for name in set(names):
            open_worst_cases(house, staffed, change, name)
        digest, seen = digests(house, change)
        given = {name: again(house, staffed.ids[name]) for name in set(names)}
        moves: list[Move] = [
            partial(signoff.sign, house, staffed.act_as(name), change, digest, given[name], seen=seen) for name in names
        ]
        found = at_once(moves, writers=2)
        assert found["done"] == 1
        late = (
            {"NotSignedIn"} if len(given) == 1 else set()
        )  # the second click may find its code used, not yet the signature
        assert set(found) <= {"done", "Conflict", "Stale", "AlreadyDone", *late}
        leaves = require_whole_log(house)
        assert of_type(leaves, "change.sign")[change] == 1
        with house.database.reading() as session:
            rows = session.scalars(
                select(Signature).where(Signature.change_id == change, Signature.move == "sign")
            ).all()
            released = session.scalar(select(func.count()).select_from(Release).where(Release.change_id == change))
        assert (len(rows), released) == (1, 1)
        attested = [
            leaf["attest"] for leaf in leaves if leaf["type"] == "change.sign" and leaf["entity"]["id"] == change
        ]
        assert attested == [[rows[0].envelope_sha256]]


def test_of_two_reviewers_at_once_one_approves(house: Outside, staffed: Staff) -> None:
    change = some_change(house, staffed, "review", 1)
    for name in ("kim", "lee"):
        ready_review(house, staffed, change, name)
    digest, seen = digests(house, change)
    approval = Approval("I read the worst cases; the doses are right.", (), True)
    moves: list[Move] = [
        partial(review.approve, house, actor, change, digest, approval, again(house, actor.id), seen=seen)
        for actor in (staffed.act_as("kim"), staffed.act_as("lee"))
    ]
    found = at_once(moves, writers=2)
    assert found == {"done": 1, "Conflict": 1}
    assert of_type(require_whole_log(house), "change.approve") == {change: 1}
