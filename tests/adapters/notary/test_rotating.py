"""A new log key takes over: both sign until the log says so and a checkpoint bears both signatures; a kill at any step loses nothing."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from webapp.adapters.keys import is_signed_by
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Continued, Notary
from webapp.adapters.notary.desk import answer
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.handover import Shown
from webapp.domain.record.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of
from webapp.domain.record.notes import NoteKey, read_note
from webapp.errors import Conflict, Unavailable

ORIGIN = "hospital.example/log"


def chance_of(folder: Path) -> Callable[[int], bytes]:
    """Another key for every file."""
    numbers = itertools.count(1)
    return lambda size: bytes([next(numbers) + 10 * len(list(folder.glob("*.key")))]) * size


def open_book(folder: Path) -> Book:
    return Book(folder, ORIGIN, chance_of(folder))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = open_book(tmp_path / "notary")
    yield made
    made.close()


class Log:
    """Entries in memory."""

    def __init__(self, count: int = 8, name: str = "p") -> None:
        self.leaves = [canonical({"type": "person.changed", "log": ORIGIN, "id": f"{name}{n}"}) for n in range(count)]

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(leaf) for leaf in self.leaves]

    def head(self) -> Checkpoint:
        return Checkpoint(ORIGIN, len(self.leaves), root_of(self.hashes))

    def growth(self, old: int) -> list[bytes]:
        return consistency_proof(old, self.hashes) if old else []

    def enter(self, kind: str, **facts: object) -> int:
        self.leaves.append(canonical({"type": kind, "log": ORIGIN, **facts}))
        return len(self.leaves) - 1

    def rotate(self, old: NoteKey, new: NoteKey) -> int:
        sides = {
            "before": {"state": "valid", "sha256": sha256_hex(old.public)},
            "after": {"state": "valid", "sha256": sha256_hex(new.public)},
        }
        return self.enter("key.rotated", **sides)

    def show(self, seq: int) -> Shown:
        return Shown(self.leaves[seq], seq, tuple(inclusion_proof(seq, self.hashes)))


def sign(book: Book, log: Log) -> bytes:
    return book.sign(log.head(), log.growth(book.held().size))


def signers(content: bytes, *keys: NoteKey) -> list[bool]:
    return [read_note(content).is_signed_by(key, is_signed_by) for key in keys]


def test_both_sign_until_the_log_says_that_the_new_key_took_over(book: Book, tmp_path: Path) -> None:
    log = Log()
    old = book.key
    assert signers(sign(book, log), old) == [True]
    new = book.begin_rotation()
    assert book.begin_rotation() == new != old == book.key
    seq = log.rotate(old, new)
    assert signers(sign(book, log), old, new) == [True, True]
    book.finish_rotation(log.show(seq))
    assert (book.key, book.next_key) == (new, None)
    assert sorted(path.name for path in (tmp_path / "notary").glob("*.key")) == ["log.2.key"], (
        "the old private key is gone"
    )
    log.enter("person.changed")
    assert signers(sign(book, log), old, new) == [False, True]


@pytest.mark.parametrize(
    "wrong", ["other keys", "not signed yet", "another kind", "another log", "from before", "no proof"]
)
def test_nothing_takes_over_that_the_log_does_not_say(book: Book, wrong: str) -> None:
    log = Log()
    old = book.key
    early = log.rotate(old, old)
    sign(book, log)
    new = book.begin_rotation()
    seq = early if wrong == "other keys" else log.rotate(old, new)
    if wrong == "another kind":
        seq = log.enter("person.changed")
    if wrong == "another log":
        log.leaves[seq] = log.leaves[seq].replace(b"hospital.example", b"another.example")
    if wrong != "not signed yet":
        sign(book, log)
    shown = log.show(seq)
    if wrong == "no proof":
        shown = Shown(shown.content, shown.seq, ())
    if wrong == "from before":
        book._record = replace(book._record, both_since=len(log.leaves))
    with pytest.raises(Conflict):
        book.finish_rotation(shown)
    assert (book.key, book.next_key) == (old, new)


STEPS = ("begun", "key made", "recorded", "entered", "signed", "taken over")


@pytest.mark.parametrize("killed", STEPS)
def test_a_kill_after_any_step_leaves_a_notary_that_goes_on(tmp_path: Path, killed: str) -> None:
    """The folder as it lies on the disk at that moment is opened by the next notary, and the same rotation is finished."""
    folder, log = tmp_path / "notary", Log()
    first = open_book(folder)
    sign(first, log)
    old = first.key
    seq = None
    if killed != "begun":
        before = (folder / "signed.json").read_bytes()
        new = first.begin_rotation()
        if killed == "key made":
            (folder / "signed.json").write_bytes(before)
    if killed in STEPS[3:]:
        seq = log.rotate(old, new)
    if killed in STEPS[4:]:
        sign(first, log)
    if killed == "taken over":
        shutil.copy(folder / "log.key", tmp_path / "kept")
        first.finish_rotation(log.show(len(log.leaves) - 1))
        shutil.copy(tmp_path / "kept", folder / "log.key")  # killed before the old key was removed
    first.close()
    second = open_book(folder)
    if killed == "taken over":
        assert second.next_key is None
        assert not (folder / "log.key").exists()
    else:
        again = second.begin_rotation()
        assert killed == "begun" or again == new
        seq = log.rotate(old, again) if seq is None else seq
        assert signers(sign(second, log), old, again) == [True, True]
        second.finish_rotation(log.show(seq))
        new = again
    assert (second.key, second.next_key) == (new, None)
    second.close()


def test_a_second_rotation_follows_the_first(book: Book) -> None:
    log = Log()
    keys = [book.key]
    for _ in range(3):
        new = book.begin_rotation()
        seq = log.rotate(keys[-1], new)
        sign(book, log)
        book.finish_rotation(log.show(seq))
        keys.append(new)
    assert len({key.public for key in keys}) == 4
    assert book.key == keys[-1]


def test_a_folder_whose_key_is_missing_is_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "notary"
    first = open_book(folder)
    sign(first, Log())
    first.begin_rotation()
    first.close()
    for name in ("log.2.key", "log.key"):
        kept = (folder / name).rename(tmp_path / "away")
        with pytest.raises(Unavailable, match="missing"):
            open_book(folder)
        kept.rename(folder / name)


def test_a_record_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    folder, log = tmp_path / "notary", Log()
    first = open_book(folder)
    sign(first, log)
    first.close()
    old = json.loads((folder / "signed.json").read_bytes())
    (folder / "signed.json").write_bytes(canonical({name: old[name] for name in ("origin", "size", "root")}))
    second = open_book(folder)
    assert (second.held(), second.key, second.next_key) == (log.head(), first.key, None)
    second.close()


def lose(log: Log, kept: int, held: Checkpoint) -> tuple[Log, int]:
    """The older copy of the log with ``kept`` entries, and the entry of its restore."""
    older = Log(0)
    older.leaves = log.leaves[:kept]
    sides = {
        "before": {"state": str(held.size), "sha256": held.root.hex()},
        "after": {"state": str(kept), "sha256": root_of(older.hashes).hex()},
    }
    return older, older.enter("log.restored", **sides)


def test_a_shorter_log_is_signed_only_with_the_entry_of_its_restore(book: Book, tmp_path: Path) -> None:
    log = Log(8)
    known = sign(book, log)
    for _ in range(20):
        log.enter("person.changed")
    sign(book, log)
    held = book.held()
    older, seq = lose(log, 8, held)
    notary = Notary(lambda question: answer(book, question))
    with pytest.raises(Conflict) as refused:
        book.sign(older.head(), [])
    assert refused.value.code == "log_shorter"
    continued = Continued(known, older.growth(8))
    note = notary.sign_restored(older.head(), older.show(seq), continued, book.key)
    assert signers(note, book.key) == [True]
    assert book.held() == older.head()
    record = json.loads((tmp_path / "notary" / "signed.json").read_bytes())
    assert record["restores"] == [{"size": 28, "root": held.root.hex(), "signed": 9}]
    older.enter("person.changed")
    sign(book, older)


@pytest.mark.parametrize(
    "wrong", ["another loss", "no entry", "a foreign checkpoint", "other entries", "more kept than was shown"]
)
def test_a_restore_that_does_not_say_the_truth_is_not_signed(book: Book, wrong: str) -> None:
    log = Log(8)
    known = sign(book, log)
    for _ in range(20):
        log.enter("person.changed")
    sign(book, log)
    held = book.held()
    told = Checkpoint(ORIGIN, 27, held.root) if wrong == "another loss" else held
    source = Log(8, "other") if wrong == "other entries" else log
    older, seq = lose(source, 8, told)
    if wrong == "no entry":
        seq = 3
    if wrong == "a foreign checkpoint":
        known = known.replace(b"\n8\n", b"\n7\n")
    if wrong == "more kept than was shown":
        older.leaves[seq] = older.leaves[seq].replace(b'"state":"8"', b'"state":"9"')
    with pytest.raises(Conflict):
        book.sign_restored(older.head(), older.show(seq), known, older.growth(8))
    assert book.held() == held
