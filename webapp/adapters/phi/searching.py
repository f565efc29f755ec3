"""A searching process: reads texts as one JSON line, answers their identifiers as one JSON line, ends with its input.

Started by ``pool`` as ``python -m webapp.adapters.phi.searching``. It opens no connection and writes no text anywhere.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TextIO

from webapp.domain.identifiers.kinds import Sighting

READY = "ready"
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
REMEMBERED = 1_000  # texts: the live answers and encounters of a test set come back in every run on it


def serve(search: Callable[[str], tuple[Sighting, ...]], asked: TextIO, answers: TextIO) -> None:
    """Every line was answered: per text its sightings, or null where the search failed on it."""
    _say(answers, READY)
    for line in asked:
        _say(answers, [_found(search, text) for text in json.loads(line)])


def refuse_network(event: str, _arguments: tuple[Any, ...]) -> None:
    """An audit hook: whatever tries to connect fails."""
    if event in _NETWORK:
        raise PermissionError("The search for identifiers never uses the network.")


def remembering(search: Callable[[str], tuple[Sighting, ...]]) -> Callable[[str], tuple[Sighting, ...]]:
    """The same search, which does not read again what it read lately; it keeps digests and places, never a text."""
    known: OrderedDict[bytes, tuple[Sighting, ...]] = OrderedDict()

    def find(text: str) -> tuple[Sighting, ...]:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        known[digest] = found = known.pop(digest) if digest in known else search(text)
        if len(known) > REMEMBERED:
            known.popitem(last=False)
        return found

    return find


def _found(search: Callable[[str], tuple[Sighting, ...]], text: str) -> list[list[Any]] | None:
    try:
        return [[one.kind, one.start, one.end, one.sure] for one in search(text)]
    except Exception:  # noqa: BLE001 - the edge of the process: the text is unscored, the next one is searched
        return None


def _say(answers: TextIO, what: Any) -> None:
    answers.write(json.dumps(what, separators=(",", ":")) + "\n")
    answers.flush()


def main() -> None:
    """Serve until the input ends."""
    sys.addaudithook(refuse_network)
    answers, sys.stdout = sys.stdout, sys.stderr
    from webapp.adapters.phi.engine import build_search

    serve(remembering(build_search()), sys.stdin, answers)


if __name__ == "__main__":
    main()
