"""An older copy of the database is restored by two administrators: the log names what is lost, and no auditor can overlook it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Staff, make_outside
from tests.people import PASSWORD
from tests.rollouts import tamper
from tests.services.test_exporting import CONSOLE
from tests.services.test_keys import asked
from tests.stages import change_in
from tests.store.test_sealing import grow, silent
from tests.verify.synthetic import read_files
from webapp import verify
from webapp.acts.at_console import Present
from webapp.acts.reauthentication import Given
from webapp.acts.recording import enter
from webapp.acts.sealing import seal
from webapp.acts.standing import State, standing_of
from webapp.adapters.keys import ServiceKey
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Leaf
from webapp.assembly import prepare
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.notes import sign_note
from webapp.errors import Conflict, InvalidInput, NotSignedIn, Refused, Unavailable
from webapp.services.exporting import Wanted, export_here
from webapp.services.keys import rotate_log_key
from webapp.services.restoring import Loss, find_loss, restore
from webapp.web.app import create_app

WHY = "The disk failed; the backup of three in the morning is the newest."


@pytest.fixture(autouse=True)
def granted(outside: Outside, staff: Staff) -> None:
    """Everybody's roles stand in the log, as the invitation of a person enters them."""
    with outside.database.writing() as session:
        for name in staff.ids:
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)


def checkpoint(house: Outside) -> bytes:
    with house.database.reading() as session:
        newest = newest_checkpoint(session)
        assert newest is not None
        return newest.content


def back_up(house: Outside, place: Path) -> None:
    """A copy of the database as it is now."""
    with sqlite3.connect(house.database.url.removeprefix("sqlite:///")) as source, sqlite3.connect(place) as copy:
        source.backup(copy)


@pytest.fixture
def kept(outside: Outside, staff: Staff, tmp_path: Path) -> bytes:
    """A signed change, sealed and backed up with four entries that were not sealed yet; returns the checkpoint of then."""
    change_in(outside, staff, "rollout")
    seal(outside)
    note = checkpoint(outside)
    grow(outside, seal(outside) + 4, "unsealed")
    back_up(outside, tmp_path / "backup.sqlite")
    return note


@pytest.fixture
def older(outside: Outside, kept: bytes, tmp_path: Path) -> Iterator[Outside]:
    """Thirty entries later the database is lost, and the backup is put in place."""
    assert kept
    for _ in range(2):
        grow(outside, seal(outside) + 15, "lost")
        seal(outside)
    house = replace(outside, database=Database(f"sqlite:///{tmp_path / 'backup.sqlite'}"))
    yield house
    house.database.close()


Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def check(tmp_path: Path) -> Verify:
    """Exports everything and verifies it."""

    def export(house: Outside, prior: bytes | None = None) -> tuple[int, str]:
        path = tmp_path / "all.zip"
        export_here(house, CONSOLE, Wanted("all"), path, lambda done, planned: None)
        given = None if prior is None else verify.Checkpoint(prior, "prior")
        code, report = verify.verify(path, [verify.Key(house.notary.held().key.to_vkey())], given)
        return code, "\n".join(report)

    return export


def restored_entries(house: Outside) -> list[dict[str, Any]]:
    with house.database.reading() as session:
        found = session.scalars(select(Leaf.content).where(Leaf.type == "log.restored").order_by(Leaf.seq)).all()
    return [json.loads(content) for content in found]


def test_the_loss_is_told_before_anybody_signs(older: Outside, kept: bytes) -> None:
    loss = find_loss(older)
    assert loss.lost_size == older.notary.held().checkpoint.size
    assert loss.kept_size == verify.Checkpoint(kept, "kept").size
    assert loss.kept_size + 4 == loss.size < loss.lost_size


def test_two_administrators_restore_and_the_notary_signs_the_gap(
    older: Outside, staff: Staff, check: Verify, tmp_path: Path
) -> None:
    assert standing_of(older).state is State.BROKEN
    loss = find_loss(older)
    restore(older, loss, WHY, asked(older, "ruth", "sam"))
    assert standing_of(older, from_bytes=True).state is State.SEALED
    (entry,) = restored_entries(older)
    assert entry["before"] == {"state": str(loss.lost_size), "sha256": loss.lost_root}
    assert entry["after"] == {"state": str(loss.kept_size), "sha256": loss.kept_root}
    assert (entry["seq"], len(entry["attest"])) == (loss.size + 2, 2)
    assert WHY not in json.dumps(entry)
    record = json.loads((tmp_path / "notary" / "signed.json").read_bytes())
    assert record["restores"] == [{"size": loss.lost_size, "root": loss.lost_root, "signed": loss.size + 3}]
    code, report = check(older)
    assert code == verify.WEAK, report
    lost = f"entries {loss.kept_size} to {loss.lost_size - 1}"
    assert f"weak: the log was restored from an older copy at entry {loss.size + 2}" in report
    assert report.count(lost) == 2, "in the verdict and under what this cannot show"
    page = read_files(tmp_path / "all.zip")["views/sign-off-record.html"].decode()
    assert f"Entries {loss.kept_size} to {loss.lost_size - 1}, which were sealed, were lost" in page


def test_checkpoints_from_before_say_exactly_what_happened(
    outside: Outside, older: Outside, staff: Staff, check: Verify, kept: bytes
) -> None:
    before = checkpoint(outside)
    restore(older, find_loss(older), WHY, asked(older, "ruth", "sam"))
    code, report = check(older, kept)
    assert code == verify.WEAK
    assert "is a prefix" in report
    code, report = check(older, before)
    assert code == verify.WEAK, report
    assert "is from before that restore" in report
    after = checkpoint(older)
    grow(older, seal(older) + 80, "new")
    for prior, said in ((after, "is a prefix"), (before, "is from before that restore")):
        code, report = check(older, prior)
        assert (code, said in report) == (verify.WEAK, True), report


def test_a_checkpoint_that_no_restore_explains_is_still_a_rewritten_history(
    outside: Outside, older: Outside, staff: Staff, check: Verify, tmp_path: Path
) -> None:
    """Another database of the same log went further than the restore admits; its checkpoint is in the auditor's hands."""
    loss = find_loss(older)
    longer = verify.Checkpoint(checkpoint(outside), "prior")
    restore(older, loss, WHY, asked(older, "ruth", "sam"))
    for size, root in ((loss.lost_size, b"\x01" * 32), (loss.lost_size + 1, longer.root)):
        code, report = check(older, forged(older, size, root, tmp_path))
        assert code == verify.BROKEN
        assert "history was rewritten" in report or "shorter than it was" in report


def forged(house: Outside, size: int, root: bytes, tmp_path: Path) -> bytes:
    """A checkpoint with the log's own key that is of no log anybody saw."""
    key = house.notary.held().key
    private = ServiceKey.from_seed((tmp_path / "notary" / "log.key").read_bytes())
    return sign_note(Checkpoint(key.name, size, root).to_text(), [(key, private.sign)]).to_bytes()


def test_without_the_entry_nothing_is_signed_however_far_the_copy_grows(older: Outside) -> None:
    for size in (find_loss(older).lost_size, find_loss(older).lost_size + 10):
        grow(older, size, "again")
        with pytest.raises(Conflict) as refused:
            seal(older)
        assert refused.value.code == "log_rewound"
        assert standing_of(older, from_bytes=True).state is State.BROKEN
    restore(older, find_loss(older), WHY, asked(older, "ruth", "sam"))
    assert standing_of(older, from_bytes=True).state is State.SEALED


def test_a_kill_between_entry_and_signature_is_made_good_by_the_next_seal(older: Outside, check: Verify) -> None:
    loss = find_loss(older)

    def dies(question: dict[str, Any]) -> dict[str, Any]:
        if question["ask"] == "restore":
            return silent(question)
        return older.notary.ask(question)

    with pytest.raises(Unavailable):
        restore(replace(older, notary=Notary(dies)), loss, WHY, asked(older, "ruth", "sam"))
    assert standing_of(older).state is State.WAITING
    assert "waits for the notary" in standing_of(older).sentence
    with pytest.raises(Conflict, match="Nothing is lost"):
        find_loss(older)
    grow(older, loss.lost_size + 5, "meanwhile")
    assert standing_of(older, from_bytes=True).state is State.WAITING
    seal(older)
    assert standing_of(older, from_bytes=True).state is State.SEALED
    assert len(restored_entries(older)) == 1
    assert check(older)[0] == verify.WEAK


def test_what_was_restored_can_be_lost_once_more(
    outside: Outside, older: Outside, check: Verify, tmp_path: Path
) -> None:
    first = checkpoint(outside)
    restore(older, find_loss(older), WHY, asked(older, "ruth", "sam"))
    back_up(older, tmp_path / "second.sqlite")
    grow(older, seal(older) + 50, "lost again")
    seal(older)
    second = checkpoint(older)
    again = replace(older, database=Database(f"sqlite:///{tmp_path / 'second.sqlite'}"))
    restore(again, find_loss(again), WHY, asked(again, "sam", "ruth"))
    for prior in (first, second):
        code, report = check(again, prior)
        assert code == verify.WEAK, report
        assert report.count("was restored from an older copy") == 2
    again.database.close()


@pytest.mark.parametrize(
    ("names", "error"),
    [(("ruth", "ruth"), Refused), (("ruth", "kim"), Refused), (("kim", "ruth"), Refused), (("quinn", "sam"), Refused)],
)
def test_it_takes_two_different_administrators(older: Outside, names: tuple[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        restore(older, find_loss(older), WHY, asked(older, *names))
    assert restored_entries(older) == []
    assert standing_of(older).state is State.BROKEN


def test_a_wrong_password_and_an_empty_reason_restore_nothing(older: Outside) -> None:
    with pytest.raises(NotSignedIn):
        restore(older, find_loss(older), WHY, lambda turn: Present("ruth@example.org", Given("wrong")))
    with pytest.raises(InvalidInput, match="what happened"):
        restore(older, find_loss(older), " ", lambda turn: Present("ruth@example.org", Given(PASSWORD)))
    assert restored_entries(older) == []


def test_nothing_is_restored_where_nothing_is_lost_or_entries_were_edited(outside: Outside, older: Outside) -> None:
    with pytest.raises(Conflict, match="Nothing is lost"):
        find_loss(outside)
    tamper(older, "UPDATE ledger_leaves SET content = CAST(CAST(content AS TEXT) || ' ' AS BLOB) WHERE seq = 3")
    with pytest.raises(Conflict, match="changed or removed"):
        find_loss(older)


def test_a_new_database_is_no_copy_of_the_log(older: Outside, outside: Outside, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    fresh = replace(make_outside(folder, f"sqlite:///{folder / 'new.sqlite'}"), notary=outside.notary)
    prepare(fresh)
    with pytest.raises(Conflict, match="no copy of this log"):
        find_loss(fresh)
    fresh.database.close()


def test_a_key_that_was_rotated_in_the_lost_time_is_told_before_anybody_signs(outside: Outside, older: Outside) -> None:
    rotate_log_key(outside, asked(outside, "ruth"))
    with pytest.raises(Conflict, match="rotated in the lost time"):
        find_loss(older)


def test_a_service_key_that_was_rotated_in_the_lost_time_is_told_before_anybody_signs(older: Outside) -> None:
    rotated = replace(older.keyring, service=ServiceKey.from_seed(b"\x0b" * 32))
    with pytest.raises(Conflict, match="key folder of the same backup"):
        find_loss(replace(older, keyring=rotated))


def test_the_pages_come_back_by_themselves_and_name_the_gap(older: Outside, clock: Any) -> None:
    app = create_app(older)
    client = app.test_client()
    page = client.get("/sign-in")
    assert page.status_code == 503
    assert "formulary restore" in page.get_data(as_text=True)
    restore(older, find_loss(older), WHY, asked(older, "ruth", "sam"))
    assert client.get("/sign-in").status_code == 503
    clock.forward(seconds=61)
    assert client.get("/sign-in").status_code == 200


def test_a_forged_loss_is_refused_by_the_notary(older: Outside) -> None:
    loss = find_loss(older)
    lie: Loss = replace(loss, lost_size=loss.lost_size - 3)
    with pytest.raises(Conflict):
        restore(older, lie, WHY, asked(older, "ruth", "sam"))
    assert standing_of(older).state is State.BROKEN
