"""Keys are rotated and revoked by signed acts: what was signed before stays good, and an auditor's old card leads to the new key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.people import PASSWORD, add_app, again
from tests.services.submissions import good, prompt_bytes
from tests.services.test_exporting import CONSOLE
from tests.stages import change_in
from tests.verify.synthetic import read_files
from webapp import verify
from webapp.acts.at_console import Ask, Present
from webapp.acts.genuine import verified_body
from webapp.acts.reauthentication import Given
from webapp.acts.record_keys import service_key
from webapp.acts.recording import enter
from webapp.acts.sealing import seal
from webapp.adapters.keys import Keyring, open_keyring
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Envelope, Leaf, Person
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import Conflict, InvalidInput, NotFound, NotSignedIn, Refused, Unavailable
from webapp.services.exporting import Wanted, export_here
from webapp.services.keys import plan_revocation, revoke_key, rotate_log_key, rotate_service_key

Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def outside(outside: Outside, tmp_path: Path) -> Outside:
    """The house with its keys in a folder; the first service key is the one of the opened log."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "service.key").write_bytes(b"\x03" * 32)
    keyring = open_keyring(folder, "cookie", outside.chance)
    return replace(outside, keyring=replace(outside.keyring, folder=folder, service=keyring.service))


@pytest.fixture(autouse=True)
def granted(outside: Outside, staff: Staff) -> None:
    """Everybody's roles stand in the log, as the invitation of a person enters them."""
    with outside.database.writing() as session:
        for name in staff.ids:
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)


def asked(outside: Outside, *names: str) -> Ask:
    """The people in the order in which they are asked."""

    def ask(turn: int) -> Present:
        with outside.database.reading() as session:
            person = session.scalars(select(Person).where(Person.email == f"{names[turn]}@example.org")).one()
        return Present(f"{names[turn].title()}@example.org", again(outside, person.id))

    return ask


def nobody(turn: int) -> Present:
    raise AssertionError("nobody needs to sign again")


@pytest.fixture
def check(outside: Outside, tmp_path: Path) -> Verify:
    """Exports everything and verifies it with these keys."""

    def export(*keys: str, prior: bytes | None = None) -> tuple[int, str]:
        path = tmp_path / "all.zip"
        export_here(outside, CONSOLE, Wanted("all"), path, lambda done, planned: None)
        given = None if prior is None else verify.Checkpoint(prior, "prior")
        code, report = verify.verify(path, [verify.Key(key) for key in keys], given)
        return code, "\n".join(report)

    return export


def entries(outside: Outside, kind: str) -> list[dict[str, Any]]:
    with outside.database.reading() as session:
        found = session.scalars(select(Leaf.content).where(Leaf.type == kind).order_by(Leaf.seq)).all()
    return [json.loads(content) for content in found]


def another_in_rollout(outside: Outside, staff: Staff) -> None:
    """A second change, signed too."""
    change_in(outside, staff, "rollout", good(prompt=prompt_bytes(version="1.1", description="Another.")))


def size_of(outside: Outside) -> int:
    with outside.database.reading() as session:
        return head(session)[0]


def test_the_old_card_leads_to_the_new_key(outside: Outside, staff: Staff, check: Verify, tmp_path: Path) -> None:
    change_in(outside, staff, "rollout")
    seal(outside)
    old = outside.notary.held().key.to_vkey()
    rotated = rotate_log_key(outside, asked(outside, "ruth"))
    held = outside.notary.held()
    assert (held.key.to_vkey(), held.next_key) == (rotated.new, None)
    assert rotated.new != old
    another_in_rollout(outside, staff)
    for card in (old, rotated.new):
        code, report = check(card)
        assert code == verify.GOOD, report
        assert "2 log keys" in report
    files = read_files(tmp_path / "all.zip")
    history = json.loads(files["policy/keys.json"])["log"]
    assert [(row["vkey"], row["from_seq"]) for row in history] == [(old, 0), (rotated.new, rotated.entry_seq)]
    assert history[0]["until_seq"] == rotated.entry_seq + 1
    (entry,) = entries(outside, "key.rotated")
    assert (entry["actor"]["name"], entry["actor"]["via"], len(entry["attest"])) == ("Ruth", "at_console", 1)


def test_three_rotations_are_followed_from_the_first_card(outside: Outside, check: Verify) -> None:
    seal(outside)
    cards = [outside.notary.held().key.to_vkey()]
    for name in ("ruth", "sam", "ruth"):
        cards.append(rotate_log_key(outside, asked(outside, name)).new)
    for card in cards:
        code, report = check(card)
        assert code == verify.GOOD, report
    code, report = check("kat.example/log+9374531d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c")
    assert (code, "not among the keys" in report or "not signed by" in report) == (verify.BROKEN, True)


class Killed(Exception):
    """The process was killed with -9 here."""


def killed_at(outside: Outside, number: int) -> Outside:
    """The same house, whose notary's answer with this number never arrives, because the asking process is killed."""
    count = 0
    ask = outside.notary.ask

    def asking(question: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        told = ask(question)
        count += 1
        if count > number:
            raise Killed
        return told

    return replace(outside, notary=Notary(asking))


@pytest.mark.parametrize("answers", range(6))
def test_a_rotation_killed_after_any_answer_of_the_notary_is_finished_by_the_same_command(
    outside: Outside, staff: Staff, check: Verify, answers: int
) -> None:
    """The answers are: begun, held, signed, held, taken over; with six nothing is killed."""
    assert staff.ids
    seal(outside)
    old = outside.notary.held().key.to_vkey()
    try:
        rotate_log_key(killed_at(outside, answers), asked(outside, "ruth"))
        assert answers == 5
    except Killed:
        pass
    count = len(entries(outside, "key.rotated"))
    if outside.notary.held().next_key is not None:
        rotate_log_key(outside, nobody if count else asked(outside, "sam"))
    assert len(entries(outside, "key.rotated")) == 1
    assert outside.notary.held().key.to_vkey() != old
    code, report = check(old)
    assert code == verify.GOOD, report


def test_nothing_is_rotated_while_the_notary_is_silent(outside: Outside) -> None:
    def silent(question: object) -> dict[str, Any]:
        raise Unavailable("The notary does not answer.")

    with pytest.raises(Unavailable):
        rotate_log_key(replace(outside, notary=Notary(silent)), nobody)
    assert entries(outside, "key.rotated") == []


@pytest.mark.parametrize(
    ("present", "error"),
    [
        (Present("kim@example.org", Given(PASSWORD)), Refused),
        (Present("ruth@example.org", Given("wrong")), NotSignedIn),
        (Present("nobody@example.org", Given(PASSWORD)), NotSignedIn),
    ],
)
def test_only_an_administrator_with_the_password_rotates(
    outside: Outside, present: Present, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rotate_service_key(outside, lambda turn: present)
    assert entries(outside, "key.rotated") == []


def test_who_has_an_app_gives_its_code_at_the_console_too(outside: Outside, staff: Staff) -> None:
    add_app(outside, staff.ids["ruth"])
    with pytest.raises(Refused, match="authenticator app"):
        rotate_service_key(outside, lambda turn: Present("ruth@example.org", Given(PASSWORD)))
    assert rotate_service_key(outside, asked(outside, "ruth")).new


def test_every_process_takes_up_a_new_service_key_and_old_signatures_stay_good(
    outside: Outside, staff: Staff, check: Verify
) -> None:
    """This process goes on with the key it read at its start, until the log names another."""
    change_in(outside, staff, "rollout")
    old = outside.keyring.service
    rotated = rotate_service_key(outside, asked(outside, "ruth"))
    with outside.database.reading() as session:
        assert service_key(outside, session).public.hex() == rotated.new != old.public.hex()
        sealed = session.scalars(select(Envelope)).all()
        assert all(verified_body(outside, session, envelope) for envelope in sealed)
    another_in_rollout(outside, staff)
    assert outside.keyring.folder is not None
    assert sorted(path.name for path in outside.keyring.folder.glob("service*")) == ["service.key"]
    code, report = check(outside.notary.held().key.to_vkey())
    assert code == verify.GOOD, report


@pytest.mark.parametrize("killed", ["key made", "entered"])
def test_a_rotation_of_the_service_key_killed_between_its_steps_is_finished_by_the_same_command(
    outside: Outside, staff: Staff, check: Verify, killed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outside.keyring.folder is not None

    def kill(*_: object) -> None:
        raise Killed

    if killed == "entered":
        monkeypatch.setattr(Keyring, "promote_service", kill)
    with pytest.raises(Killed):
        rotate_service_key(outside, kill if killed == "key made" else asked(outside, "ruth"))  # type: ignore[arg-type]
    monkeypatch.undo()
    change_in(outside, staff, "rollout")  # signed with the key that counts, wherever its file lies
    again_ = nobody if killed == "entered" else asked(outside, "ruth")
    rotated = rotate_service_key(outside, again_)
    assert len(entries(outside, "key.rotated")) == 1
    assert open_keyring(outside.keyring.folder, "cookie", outside.chance).service.public.hex() == rotated.new
    code, report = check(outside.notary.held().key.to_vkey())
    assert code == verify.GOOD, report


def test_an_act_that_was_signed_while_the_service_key_was_rotated_is_not_stored(outside: Outside) -> None:
    """Between the signature and its entry another transaction enters the rotation."""
    before = size_of(outside)
    with pytest.raises(Conflict, match="Do it again"), outside.database.writing() as session:
        service_key(outside, session)
        enter(outside, session, CONSOLE, "signature.applied", ("signature", "sig_1", None), attest=("cd" * 32,))
        content = json.dumps({"after": {"state": "valid", "sha256": "ab" * 32}}).encode()
        about = {"type": "key.rotated", "actor_id": "system", "entity_type": "key", "entity_id": "service"}
        session.add(Leaf(seq=before, leaf_sha256="0" * 64, content=content, at=outside.now(), **about))
    assert size_of(outside) == before


def test_a_revoked_service_key_vouches_for_nothing_from_then_on(
    outside: Outside, staff: Staff, check: Verify, clock: Any
) -> None:
    change_in(outside, staff, "rollout")
    keyid = outside.keyring.service.keyid
    start, at = size_of(outside), outside.now() + timedelta(minutes=1)
    clock.forward(minutes=5)
    another_in_rollout(outside, staff)
    rotate_service_key(outside, asked(outside, "ruth"))
    card = outside.notary.held().key.to_vkey()
    code, report = check(card)
    assert code == verify.GOOD, report
    plan = plan_revocation(outside, keyid, start, at)
    assert (plan.which, plan.signatures > 0) == ("service", True)
    revoke_key(outside, plan, asked(outside, "ruth", "sam"))
    (entry,) = entries(outside, "key.revoked")
    assert len(entry["attest"]) == 2
    code, report = check(card)
    assert code == verify.BROKEN
    assert "revoked from entry" in report
    with outside.database.reading() as session:
        leaves = session.scalars(select(Leaf).where(Leaf.type == "signature.applied").order_by(Leaf.seq)).all()
        for leaf in leaves:
            sealed = session.get_one(Envelope, json.loads(leaf.content)["attest"][0])
            is_its_own = json.loads(sealed.content)["signatures"][0]["keyid"] == keyid
            assert (verified_body(outside, session, sealed) is None) == (is_its_own and leaf.seq >= start)


def test_a_revocation_that_concerns_no_signature_leaves_the_record_good(
    outside: Outside, staff: Staff, check: Verify, clock: Any
) -> None:
    change_in(outside, staff, "rollout")
    keyid = outside.keyring.service.keyid
    clock.forward(minutes=5)
    rotate_service_key(outside, asked(outside, "ruth"))
    plan = plan_revocation(outside, keyid, size_of(outside) - 2, outside.now())
    revoke_key(outside, plan, asked(outside, "ruth", "sam"))
    code, report = check(outside.notary.held().key.to_vkey())
    assert code == verify.GOOD, report


def test_a_log_key_revoked_before_it_handed_over_vouches_for_no_other(outside: Outside, check: Verify) -> None:
    seal(outside)
    first = outside.notary.held().key
    rotated = rotate_log_key(outside, asked(outside, "ruth"))
    keyid = sha256_hex(first.public)
    plan = plan_revocation(outside, keyid, 3, outside.now())
    assert (plan.which, plan.signatures) == ("log", 0)
    revoke_key(outside, plan, asked(outside, "ruth", "sam"))
    code, report = check(first.to_vkey())
    assert code == verify.BROKEN
    assert "Get the new key card" in report
    code, report = check(rotated.new)
    assert code == verify.GOOD, report


def test_who_revokes_is_two_people_and_what_is_no_range_is_refused(outside: Outside) -> None:
    keyid = outside.keyring.service.keyid
    with pytest.raises(Conflict, match="rotate it first"):
        plan_revocation(outside, keyid, 1, outside.now())
    rotate_service_key(outside, asked(outside, "ruth"))
    with pytest.raises(NotFound):
        plan_revocation(outside, "ab" * 32, 1, outside.now())
    with pytest.raises(InvalidInput, match="name one of them"):
        plan_revocation(outside, keyid, 10_000, outside.now())
    with pytest.raises(InvalidInput, match="future"):
        plan_revocation(outside, keyid, 1, outside.now() + timedelta(days=1))
    plan = plan_revocation(outside, keyid, 5, outside.now())
    with pytest.raises(Refused, match="two different administrators"):
        revoke_key(outside, plan, asked(outside, "ruth", "ruth"))
    assert entries(outside, "key.revoked") == []
