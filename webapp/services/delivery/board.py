"""What a delivery host says of itself in words: what is live of each prompt, since when, what is stopped or held, and whom to call.

Read from memory and disk alone. What must not live here: the page, and who may stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.adapters.stop_flags import EVERYTHING, HOLD, UNREADABLE, Stop
from webapp.domain.plan_words import KINDS, reach_words
from webapp.domain.serving import LONGEST_UNWATCHED_SECONDS, Offered, Rule, Shelf
from webapp.services.delivery.emergency_copy import KnownPrompt
from webapp.services.delivery.shelves import Shelves

EVERY_PROMPT = "All prompts"
LOG_BROKEN = (
    "The audit log is not the one that was signed. This host serves nothing at all until an administrator has settled that; "
    "a stop or hold made here holds afterwards."
)
NO_COPY = "This host has not seen the database since it was set up: it serves nothing and knows nobody's password. Use its console."


@dataclass(frozen=True)
class FlagRow:
    """A stop or hold that stands on this host."""

    id: str
    is_hold: bool
    prompt: str
    since: str
    by: str
    reason: str
    is_saved: bool


@dataclass(frozen=True)
class PromptRow:
    """One prompt. ``state``: serving, restricted, stopped, held, nothing or faulty. ``live``, ``new`` and ``fault`` are sentences, or empty.

    ``calls``: while it is stopped or held, applications that may use it, and whom to call.
    """

    name: str
    state: str
    live: str
    new: str
    fault: str
    flags: tuple[FlagRow, ...]
    downtime_text: str
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Board:
    """The whole host. ``troubles``: what is wrong beyond single prompts; ``standing``: every stop and hold that stands."""

    now: str
    known: str
    troubles: tuple[str, ...]
    is_known: bool
    rows: tuple[PromptRow, ...]
    standing: tuple[FlagRow, ...]


def read_board(shelves: Shelves, *, is_broken: bool) -> Board:
    """The host as it is this moment. ``is_broken``: the log was found to be another one than was signed."""
    flags, known = shelves.flags, shelves.copy.known
    standing = tuple(_flag_row(one, flags.unsaved) for one in flags.all() if one.stands)
    troubles = [LOG_BROKEN] if is_broken or not shelves.log_is_whole else []
    troubles += [] if flags.is_readable else [UNREADABLE]
    troubles += [] if shelves.stock.read_at or known.people else [NO_COPY]
    rows = [_prompt_row(shelves, shelf, standing) for shelf in shelves.stock.shelves.values()]
    return Board(
        moment(shelves.outside.now()),
        _known_words(shelves),
        tuple(troubles),
        bool(known.people),
        tuple(sorted(rows, key=lambda row: (row.state in ("serving", "nothing"), row.name))),
        standing,
    )


def moment(at: datetime | str | None) -> str:
    """As "2 Mar 2026, 09:00 UTC"; empty for None."""
    if at is None:
        return ""
    return f"{datetime.fromisoformat(at) if isinstance(at, str) else at:%-d %b %Y, %H:%M} UTC"


def _known_words(shelves: Shelves) -> str:
    """Whether the database answers, and how old this host's knowledge is."""
    read_at = shelves.copy.known.read_at
    if shelves.copy.answers:
        return "The database answers."
    since = "" if read_at is None else f" What stands here, and who may stop, is as it was at {moment(read_at)}."
    return "The database does not answer." + since


def _flag_row(one: Stop, unsaved: Iterable[Stop]) -> FlagRow:
    prompt = EVERY_PROMPT if one.prompt == EVERYTHING else one.prompt
    by = one.by if one.person is not None else f"{one.by}, at the console"
    return FlagRow(one.id, one.kind == HOLD, prompt, moment(one.at), by, one.reason, one not in tuple(unsaved))


def _prompt_row(shelves: Shelves, shelf: Shelf, standing: tuple[FlagRow, ...]) -> PromptRow:
    known = shelves.copy.known.prompts.get(shelf.name, KnownPrompt())
    flags = tuple(one for one in standing if one.prompt in (shelf.name, EVERY_PROMPT))
    made = tuple(one for one in shelves.flags.all() if one.concerns(shelf.name))
    is_stopped = shelves.flags.reason_for(shelf.name) is not None
    fault = next((one.fault[1] for one in (shelf.live, shelf.new) if one is not None and one.fault), "")
    state = "serving"
    if is_stopped:
        state = "stopped"
    elif fault:
        state = "faulty"
    elif any(one.is_hold for one in flags) and shelf.rule is not None:
        state = "held"
    elif shelf.live is None and shelf.rule is None:
        state = "nothing"
    elif shelf.live is not None and shelf.live.only is not None:
        state = "restricted"
    return PromptRow(
        shelf.name,
        state,
        _live_words(shelf, known),
        _new_words(shelf, known, shelves.outside.now()),
        fault,
        flags,
        shelf.downtime_text,
        _calls(shelves, shelf.name, _earliest(made, shelves.outside.now())) if state in ("stopped", "held") else (),
    )


def _live_words(shelf: Shelf, known: KnownPrompt) -> str:
    if shelf.live is None:
        return "Nothing is live."
    since = f", since {moment(known.live_since)}" if known.live_since else ""
    only = shelf.live.only
    left = "" if only is None else f" Restricted to {only.words}; everybody else gets the downtime text."
    return f"Live: version {_label(shelf.live)}{since}.{left}"


def _new_words(shelf: Shelf, known: KnownPrompt, now: datetime) -> str:
    """How the rollout stands, as the main page left it."""
    rule = shelf.rule
    if rule is None or (shelf.new is None and shelf.live is None):
        return ""
    label = _label(shelf.new or shelf.live)
    step = rule.plan.steps[rule.step_index]
    since = f", since {moment(known.rollout_since)}" if known.rollout_since else ""
    state = {"paused": " Paused by a safety limit", "held": " Held on the main page"}.get(known.rollout, "")
    words = f"New: version {label}. {KINDS[step.kind]}: {reach_words(step)}"
    words += f".{state}{since}." if state else f"{since}."
    return words + (" Nobody watches it, so everyone gets the live version." if _is_unwatched(rule, now) else "")


def _is_unwatched(rule: Rule, now: datetime) -> bool:
    at = rule.watched_at
    return at is None or (now.astimezone(UTC) - at).total_seconds() >= LONGEST_UNWATCHED_SECONDS


def _label(offered: Offered | None) -> str:
    if offered is None or not offered.content:
        return "that does not verify"
    return str(offered.content["version"]["label"])


def _calls(shelves: Shelves, name: str, since: datetime) -> tuple[str, ...]:
    """Applications that may use the prompt: whom to call, and whether they asked this host since; those that did not come first."""
    found = dict[str, bool]()
    for one in shelves.copy.known.applications:
        if not one.prompts or name in one.prompts:
            asked = shelves.asked.get(one.token_id)
            whom = f"{one.name} ({one.contact or 'nobody was named'})"
            found[whom] = found.get(whom, False) or (asked is not None and asked >= since)
    words = {False: "has not asked this host since; call", True: "asked this host since, so it has it"}
    return tuple(f"{whom}: {words[has_asked]}" for whom, has_asked in sorted(found.items(), key=lambda one: one[1]))


def _earliest(flags: tuple[Stop, ...], now: datetime) -> datetime:
    """Since when the first of these stands."""
    return min((datetime.fromisoformat(one.at) for one in flags), default=now)
