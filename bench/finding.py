"""What a page of the audit log costs among a million entries, for each filter, against reading every entry once in the same run."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from tests.conftest import make_outside
from webapp.acts.actors import SYSTEM
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, CheckpointRow, LogState, Person, Prompt
from webapp.assembly import prepare
from webapp.domain.record.entry_words import PHRASES
from webapp.domain.record.kinds import KINDS
from webapp.services import ledger
from webapp.services.ledger import Filters

SIZE, PEOPLE, PROMPTS, CHANGES, TRIES = 1_000_000, 60, 20, 2_000, 5
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
RARE = "policy.adopted"
LEAF = "INSERT INTO ledger_leaves VALUES (:seq, :hash, :content, :type, :actor, :entity_type, :entity, :at)"


def measure_pages() -> None:
    """Prints the median time of a page in milliseconds, filter by filter."""
    with tempfile.TemporaryDirectory() as folder:
        outside = make_outside(Path(folder), f"sqlite:///{folder}/bench.sqlite")
        prepare(outside)
        _people_and_changes(outside)
        _entries(outside)
        whole = _time_of_reading(outside)
        for name, filters in _asked().items():
            times = sorted(_time_of_page(outside, filters) for _ in range(TRIES))
            found = ledger.show_ledger(outside, SYSTEM, filters).total
            took = times[TRIES // 2]
            print(
                f"{name}: {found:,} of {SIZE:,} entries, page in {took * 1000:.0f} ms; of reading all: {took / whole:.4f}"
            )
        outside.database.close()


def _asked() -> dict[str, Filters]:
    middle = BEGAN + timedelta(seconds=SIZE // 2)
    return {
        "whole log, newest": Filters(),
        "whole log, in the middle": Filters(before_seq=SIZE // 2, up_to=SIZE),
        "a frequent type": Filters(type="change.submit"),
        "a rare type": Filters(type=RARE),
        "a heading": Filters(group=next(iter(PHRASES))),
        "a person": Filters(person_id="per_7"),
        "a person and a type": Filters(person_id="per_7", type="change.submit"),
        "a change": Filters(entity_id="chg_77"),
        "a prompt": Filters(prompt="prompt-3"),
        "a prompt, a person and a type": Filters(prompt="prompt-3", person_id="per_7", type="change.submit"),
        "a day": Filters(since=middle, until=middle + timedelta(days=1)),
        "a prompt in a day": Filters(prompt="prompt-3", since=middle, until=middle + timedelta(days=1)),
        "nothing": Filters(person_id="per_none"),
    }


def _time_of_page(outside: Outside, filters: Filters) -> float:
    began = time.perf_counter()
    ledger.show_ledger(outside, SYSTEM, filters)
    return time.perf_counter() - began


def _time_of_reading(outside: Outside) -> float:
    """A search without indexes: every entry's bytes are read."""
    began = time.perf_counter()
    with outside.database.reading() as session:
        session.execute(text("SELECT count(*) FROM ledger_leaves WHERE content LIKE '%no such word%'")).all()
    return time.perf_counter() - began


def _people_and_changes(outside: Outside) -> None:
    with outside.database.writing() as session:
        session.add_all(
            Person(id=f"per_{n}", name=f"Person {n}", email=f"p{n}@example.org", created_at=BEGAN)
            for n in range(PEOPLE)
        )
        session.add_all(
            Prompt(id=f"prm_{n}", name=f"prompt-{n}", risk_class="clinical", created_at=BEGAN) for n in range(PROMPTS)
        )
        session.flush()
        session.add_all(
            Change(
                id=f"chg_{n}", prompt_id=f"prm_{n % PROMPTS}", title=f"Change {n}", stage="review",
                risk_class="clinical", digest="0" * 64, opened_by="per_0", opened_at=BEGAN, stage_since=BEGAN,
            )
            for n in range(CHANGES)
        )  # fmt: skip


def _entries(outside: Outside) -> None:
    """The rows that a million acts would have left, one each second, and a checkpoint over every hundred."""
    kinds = sorted(kind for kind in KINDS if kind.startswith("change."))
    with outside.database.writing() as session:
        session.execute(text("DROP TRIGGER ledger_leaves_no_delete"))
        session.execute(text("DELETE FROM ledger_leaves"))
        for first in range(0, SIZE, 50_000):
            session.execute(text(LEAF), [_row(seq, kinds) for seq in range(first, first + 50_000)])
        session.add_all(
            CheckpointRow(size=size, root_sha256="0" * 64, content=b"", published_at=BEGAN + timedelta(seconds=size))
            for size in range(100, SIZE + 1, 100)
        )
        state = session.get_one(LogState, 1)
        state.size, state.frontier = SIZE, "0" * 64 * SIZE.bit_count()


def _row(seq: int, kinds: list[str]) -> dict[str, object]:
    kind = RARE if seq % 100_003 == 0 else kinds[seq % len(kinds)]
    person, change, at = f"per_{seq * 7 % PEOPLE}", f"chg_{seq * 11 % CHANGES}", BEGAN + timedelta(seconds=seq)
    document = {
        "actor": {"id": person, "name": person, "roles": ["author"], "via": "session"},
        "entity": {"type": "change", "id": change, "version": 1},
        "before": {"state": "review", "sha256": "0" * 64}, "after": {"state": "signoff", "sha256": "0" * 64},
        "reason": None, "payload": None, "attest": [], "prev": None, "app": {"config_sha256": "0" * 64},
    }  # fmt: skip
    return {
        "seq": seq, "hash": f"{seq:064x}", "content": json.dumps(document).encode(), "type": kind, "actor": person,
        "entity_type": "change", "entity": change, "at": at.strftime("%Y-%m-%d %H:%M:%S.000000"),
    }  # fmt: skip


if __name__ == "__main__":
    measure_pages()
