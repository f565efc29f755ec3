"""A process of its own that makes moves and seals them until it is killed: real clock, real chance, real files."""

from __future__ import annotations

import itertools
import sys
import threading
from dataclasses import replace
from pathlib import Path

from tests.conftest import make_outside
from webapp.acts.actors import actor_of
from webapp.acts.outbox import post
from webapp.acts.perform import Act, perform
from webapp.acts.sealing import seal_if_possible
from webapp.acts.situation import load_change
from webapp.adapters.chance import draw
from webapp.adapters.clock import now
from webapp.adapters.store.schema import Person
from webapp.domain.workflow.evidence import Rewording

WRITERS = 4


def main(folder: Path, url: str, person: str, change: str) -> None:
    """Several writers rewrite what the change says, each time with a message, and the log is sealed in between; never ends."""
    outside = replace(make_outside(folder, url), now=now, chance=draw)
    with outside.database.reading() as session:
        actor = actor_of(session.get_one(Person, person), "session")
        digest = load_change(session, change).change.digest

    def reword(act: Act) -> None:
        assert isinstance(act.evidence, Rewording)
        act.case.change.reworded_changes = act.evidence.changes
        post(outside, act.session, "moved", {"words": act.evidence.changes})

    def write(name: int) -> None:
        for turn in itertools.count():
            perform(
                outside, actor, change, "reword", digest, Rewording(f"{name}-{turn}-{draw(4).hex()}"), effect=reword
            )
            print(turn, flush=True)
            seal_if_possible(outside)

    for name in range(WRITERS):
        threading.Thread(target=write, args=(name,)).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
