"""Erasure on both databases: what two people signed is gone, what nobody signed cannot go, and a killed worker is no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests import erasures
from tests.conftest import Staff
from tests.erasures import SECRET, ask, confirm, entries, lease
from tests.people import again, join
from tests.whole_log import check_log
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erased, Payload, SuiteRow
from webapp.assembly import prepare
from webapp.errors import FormularyError
from webapp.services import retention
from webapp.services.retention import execute_erasure, place_hold, show_erasure

ROLES = {
    "ada": "author",
    "kim": "informaticist",
    "osei": "physician",
    "quinn": "auditor",
    "ruth": "administrator",
    "sam": "administrator",
}


@pytest.fixture
def staff(house: Outside) -> Staff:
    prepare(house)
    made = Staff(house, {name: join(house, name, (role,)) for name, role in ROLES.items()})
    erasures.enough_apps(house, made)
    return made


def test_what_two_people_signed_is_gone_also_after_a_killed_worker(
    house: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.retention.erasing.DOCUMENTS_AT_ONCE", 2)
    old = erasures.ended(house, staff)
    erasures.six_years_later(house)
    for kind, subject in (("change", old.change), ("suite", old.suite)):
        erasure_id = ask(house, staff, kind, subject)
        confirm(house, staff, erasure_id)

        def killed() -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            execute_erasure(house, lease(house, erasure_id), is_stopping=killed)
        house.now.forward(seconds=jobs.LEASE_SECONDS + 1)  # type: ignore[attr-defined]
        execute_erasure(house, lease(house, erasure_id))
        assert show_erasure(house, staff.act_as("quinn"), erasure_id).state == "complete"
    with house.database.reading() as session:
        assert session.get_one(SuiteRow, old.suite).content == b""
        gone = session.scalars(select(Erased.sha256)).all()
        assert not [digest for digest in gone if session.get(Payload, digest)]
        texts = [bytes(content) for content in session.scalars(select(Payload.content))]
        assert SECRET not in str(session.execute(text("SELECT body FROM comments")).all())
    assert not [content for content in texts if SECRET.encode() in content]
    erased = [leaf["entity"]["id"] for leaf in entries(house, "payload.erased")]
    assert sorted(erased) == sorted(gone)
    assert check_log(house)[2]


def test_the_database_refuses_to_empty_what_no_erasure_names(house: Outside, staff: Staff) -> None:
    erasures.ended(house, staff)
    nothing = "x''" if house.database.is_sqlite else "''::bytea"
    for statement in (
        f"UPDATE suites SET content = {nothing}",
        f"UPDATE results SET content = {nothing}",
        "DELETE FROM suites",
        "UPDATE suites SET case_count = 1",
    ):
        with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_a_hold_and_a_confirmation_at_the_same_moment_never_both_win(house: Outside, staff: Staff) -> None:
    old = erasures.ended(house, staff)
    erasures.six_years_later(house)
    erasure_id = ask(house, staff, "change", old.change)
    given = {name: again(house, staff.ids[name]) for name in ("quinn", "sam")}
    quinn, sam = staff.act_as("quinn"), staff.act_as("sam")
    digest = show_erasure(house, quinn, erasure_id).digest

    def act(name: str) -> str:
        try:
            if name == "sam":
                return place_hold(house, sam, "all", "", "Now.", given[name])
            retention.confirm_erasure(house, quinn, erasure_id, digest, given[name])
        except FormularyError as error:
            return error.code
        return "confirmed"

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(("quinn", "sam"), pool.map(act, ("quinn", "sam")), strict=True))
    assert said["sam"].startswith("hld_")
    assert said["quinn"] in ("confirmed", "held")
    if said["quinn"] == "confirmed":
        execute_erasure(house, lease(house, erasure_id))
        assert show_erasure(house, quinn, erasure_id).state == "stopped"
    assert entries(house, "payload.erased") == []
