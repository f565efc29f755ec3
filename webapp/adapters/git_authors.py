"""Who wrote a file, as git knows it: authors and co-authors of every commit that touched it.

What must not live here: who these people are in the formulary.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

ANSWER_SECONDS = 30
_FORMAT = "%x01%an%x02%ae%x02%(trailers:key=Co-authored-by,valueonly,separator=%x03)"
_QUIET = ("-c", "log.showSignature=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


@dataclass(frozen=True)
class Authors:
    """(name, mail address) of each, in the order of their newest commit; ``is_shallow`` when git does not know all of them."""

    people: tuple[tuple[str, str], ...] = ()
    is_shallow: bool = False


def authors_of(path: Path) -> Authors:
    """The authors of the file; none where there is no git or no repository."""
    folder = path.resolve().parent
    log = _git(folder, "log", "--follow", "--no-show-signature", f"--format={_FORMAT}", "--", path.name)
    if log is None:
        return Authors()
    found: dict[str, tuple[str, str]] = {}
    for commit in log.split("\x01")[1:]:
        name, email, trailers = commit.strip("\n").split("\x02")
        for person in ((name, email), *map(parseaddr, filter(None, trailers.split("\x03")))):
            if person[1]:
                found.setdefault(person[1].strip().lower(), (person[0].strip(), person[1].strip()))
    is_shallow = (_git(folder, "rev-parse", "--is-shallow-repository") or "").strip() == "true"
    return Authors(tuple(found.values()), is_shallow)


def _git(folder: Path, *words: str) -> str | None:
    """What git answers, or None."""
    program = shutil.which("git")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603
            [program, *_QUIET, *words], cwd=folder, capture_output=True, timeout=ANSWER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
