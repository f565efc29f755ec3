"""The notary of the demo's history: it seals while the history is told, and goes on as the demo's notary afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.adapters.chance import draw
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Notary
from webapp.adapters.notary.desk import answer

MAKING = "making.notary"


@contextmanager
def story_notary(state: Path, origin: str) -> Iterator[Notary]:
    """A notary asked without a socket, in a folder that is not yet the notary's; what an interrupted start left is gone."""
    shutil.rmtree(state / MAKING, ignore_errors=True)
    book = Book(state / MAKING, origin, draw)
    try:
        yield Notary(lambda question: answer(book, question))
    finally:
        book.close()


def keep_story_notary(state: Path) -> None:
    """The demo's notary is the one that sealed the history; where one is there already it stays, and the pages say what is wrong."""
    if (state / "notary").exists():
        shutil.rmtree(state / MAKING)
    else:
        (state / MAKING).rename(state / "notary")
