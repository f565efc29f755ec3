"""Refusals and alerts when several people fail at the same moment, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.people import join
from tests.whole_log import check_log
from webapp.acts.refusals import Attempt, note_failed_sign_in, note_refusal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Alert, Leaf, Refusal
from webapp.assembly import prepare
from webapp.errors import NotSignedIn, TooMany
from webapp.services import sessions

PLACE = "10.1.2.3"


@pytest.fixture
def kim(house: Outside) -> str:
    prepare(house)
    return join(house, "kim", ("informaticist",))


def count(house: Outside, kind: str) -> int:
    with house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Leaf).where(Leaf.type == kind)) or 0


def test_refusals_at_the_same_moment_are_one_entry_and_counted(house: Outside, kim: str) -> None:
    attempt = Attempt("access.refused", kim, ("right", "manage_people"), "role", PLACE)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: note_refusal(house, attempt), range(24)))
    assert count(house, "access.refused") == 1
    assert count(house, "alert.raised") == 1
    with house.database.reading() as session:
        assert session.scalars(select(Refusal.count)).one() == 24
    assert check_log(house)[2]


def test_many_people_tried_at_the_same_moment_from_one_place_are_one_alert(house: Outside, kim: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: note_failed_sign_in(house, PLACE, None, f"p{n}@example.org"), range(12)))
    with house.database.reading() as session:
        assert [(row.kind, row.subject) for row in session.scalars(select(Alert))] == [("place", PLACE)]


def test_wrong_passwords_at_the_same_moment_lock_once_and_tell_once(house: Outside, kim: str) -> None:
    def fail(_: int) -> None:
        with pytest.raises((NotSignedIn, TooMany)):
            sessions.open_session(house, "kim@example.org", "a wrong battery staple", place=PLACE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(8)))
    with house.database.reading() as session:
        assert [row.kind for row in session.scalars(select(Alert))] == ["lock_out"]
    assert check_log(house)[2]
