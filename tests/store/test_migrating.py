from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from tests import rollouts
from tests.conftest import Staff
from tests.people import join
from tests.whole_log import check_log, count_entries
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.adapters.store.migrating import NOTHING, is_current, migrate
from webapp.adapters.store.schema import Base
from webapp.adapters.store.triggers import APPEND_ONLY
from webapp.assembly import prepare, require_prepared
from webapp.domain.cohorts import Place
from webapp.errors import Unavailable
from webapp.services import delivery

FIRST = "0001"
FILLED_AGAIN = {
    "ledger_heads": "SELECT count(*) FROM (SELECT DISTINCT entity_type, entity_id FROM ledger_leaves) AS things"
}
"""Tables that a later schema does without, and how many rows the way back gives each."""


def revision_of(house: Outside) -> str | None:
    with house.database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def tables(house: Outside) -> set[str]:
    with house.database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_migrations_go_up_down_and_up_again(house: Outside) -> None:
    migrate(house.database)
    assert tables(house) == set(Base.metadata.tables)
    migrate(house.database, NOTHING)
    assert tables(house) == set()
    migrate(house.database)
    assert tables(house) == set(Base.metadata.tables)


def test_migrations_go_down_and_up_with_rows_in_the_tables(house: Outside) -> None:
    prepare(house)
    join(house, "ada", ("author",))
    migrate(house.database, NOTHING)
    prepare(house)
    assert check_log(house)[2]
    assert join(house, "ada", ("author",)).startswith("per_")


def rows(house: Outside) -> dict[str, int]:
    with house.database.engine.connect() as connection:
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in tables(house)}


def filled_again(house: Outside, table: str) -> int:
    with house.database.engine.connect() as connection:
        return connection.scalar(text(FILLED_AGAIN[table])) or 0


def test_a_house_in_use_goes_back_to_its_first_schema_and_up_again(house: Outside) -> None:
    prepare(house)
    roles = {"ada": "author", "kim": "informaticist", "osei": "physician", "ruth": "administrator"}
    staff = Staff(house, {name: join(house, name, (role,)) for name, role in roles.items()})
    rollouts.live_first(house, staff)
    before, log = rows(house), check_log(house)
    assert sum(map(bool, before.values())) > 20, "most tables hold rows"
    while tables(house):
        first = rows(house)
        for name in FILLED_AGAIN.keys() & first.keys():
            assert first.pop(name) == filled_again(house, name) > 0
        assert {name: before[name] for name in first} == first
        if revision_of(house) == FIRST:
            break
        migrate(house.database, "-1")
    migrate(house.database)
    assert {name: rows(house)[name] for name in first} == first
    assert check_log(house) == log
    assert log[2]
    assert all(triggers_on(house, table) == 2 for table in APPEND_ONLY)
    seal(house)  # checkpoints came with a later schema, so the way down forgets them and the notary signs anew
    assert delivery.serve(house, rollouts.NAME, Place("anybody")).document["version"]["label"] == "1.0"
    migrate(house.database, NOTHING)
    assert tables(house) == set()


def test_migrated_schema_is_the_one_the_program_knows(house: Outside) -> None:
    migrate(house.database)
    with house.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_an_unmigrated_database_is_refused_with_the_command_to_run(house: Outside) -> None:
    assert not is_current(house.database)
    with pytest.raises(Unavailable, match="formulary db upgrade"):
        require_prepared(house)


def test_preparing_twice_opens_one_log_and_adopts_one_policy(house: Outside) -> None:
    prepare(house)
    size = count_entries(house)
    prepare(house)
    assert count_entries(house) == size == 2


def triggers_on(house: Outside, table: str) -> int:
    catalogue = (
        "sqlite_master WHERE type = 'trigger' AND tbl_name"
        if house.database.is_sqlite
        else "pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text"
    )
    with house.database.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {catalogue} = :table"), {"table": table}) or 0


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_every_append_only_table_has_its_triggers(house: Outside, table: str) -> None:
    migrate(house.database)
    assert triggers_on(house, table) == 2


def test_keys_are_followed_again_after_a_migration(house: Outside) -> None:
    prepare(house)
    with pytest.raises(DBAPIError), house.database.engine.begin() as connection:
        statement = (
            "INSERT INTO role_grants (id, person_id, role, granted_at) VALUES ('rol_1', 'nobody', 'author', :at)"
        )
        connection.execute(text(statement), {"at": house.now().replace(tzinfo=None)})


@pytest.mark.parametrize("statement", ["UPDATE {t} SET type = 'x'", "DELETE FROM {t}", "TRUNCATE {t}"])
def test_entries_of_the_log_cannot_be_changed_or_removed(house: Outside, statement: str) -> None:
    if house.database.is_sqlite and statement.startswith("TRUNCATE"):
        statement = "DELETE FROM {t} WHERE 1 = 1"
    prepare(house)
    with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(t="ledger_leaves"))
    assert count_entries(house) == 2


def test_policies_cannot_be_changed_once_stored(house: Outside) -> None:
    prepare(house)
    with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE policies SET version = 7")


def test_owner_and_telephone_number_of_a_token_are_parted_and_joined_again(house: Outside) -> None:
    migrate(house.database, "0014")
    values = {"tok_1": "Desk, ward 3, 555-0100", "tok_2": "Desk", "tok_3": ""}
    with house.database.engine.begin() as connection:
        connection.execute(text(PERSON))
        for token_id, contact in values.items():
            statement = (
                "INSERT INTO tokens (id, person_id, name, token_sha256, scopes, created_at, expires_at, owner_contact)"
                " VALUES (:id, 'per_a', 'x', :sha, '{}', :at, :at, :contact)"
            )
            row = {"id": token_id, "sha": token_id.ljust(64, "0"), "at": "2026-01-01 09:00:00", "contact": contact}
            connection.execute(text(statement), row)
    migrate(house.database)
    query = "SELECT owner_contact, owner_phone FROM tokens ORDER BY id"
    with house.database.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    assert found == [("Desk, ward 3", "555-0100"), ("Desk", ""), ("", "")]
    while revision_of(house) != "0014":
        migrate(house.database, "-1")
    with house.database.engine.connect() as connection:
        assert connection.scalars(text("SELECT owner_contact FROM tokens ORDER BY id")).all() == list(values.values())


PERSON = (
    "INSERT INTO people (id, name, email, title, credentials, specialty, is_active, failed_attempts, created_at)"
    " VALUES ('per_a', 'Ada', 'ada@example.org', '', '', '', true, 0, '2026-01-01 09:00:00')"
)


def test_test_sets_that_are_stored_already_are_numbered_by_name(house: Outside) -> None:
    migrate(house.database, "0002")
    person = text(PERSON)
    insert = text(
        "INSERT INTO suites (sha256, name, content, case_count, contains_phi, is_held_out, stored_by, stored_at)"
        " VALUES (:sha, :name, :content, 1, false, false, 'per_a', :at)"
    )
    with house.database.engine.begin() as connection:
        connection.execute(person)
        for sha, name, day in (("c", "notes", 1), ("a", "notes", 2), ("b", "codes", 3)):
            row = {"sha": sha * 64, "name": name, "content": b"{}", "at": f"2026-01-0{day} 09:00:00"}
            connection.execute(insert, row)
    migrate(house.database)
    with house.database.engine.connect() as connection:
        found = connection.execute(text("SELECT sha256, number FROM suites ORDER BY name, number")).all()
    assert [(sha[0], number) for sha, number in found] == [("b", 1), ("c", 1), ("a", 2)]
    with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE suites SET number = 7")
