"""Stopping and holding by people at the page of a delivery host: by password against its own copy, whatever else is down.

Ending a stop is another matter: it is no narrowing, so it takes what signing in takes, asked of the database.
What must not live here: the page, and what a stop does (``stopping``, ``answering``).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.reauthentication import check_password
from webapp.acts.refusals import UNKNOWN, Attempt, note_failed_sign_in, note_refusal
from webapp.acts.resets import require_no_reset
from webapp.acts.second_factors import TOTP, factors_of, require_code_where_there_is_one
from webapp.acts.standing import require_whole_log
from webapp.adapters.passwords import is_password
from webapp.adapters.stop_flags import EVERYTHING, HOLD, STOP, Stop
from webapp.adapters.store.schema import Person
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import Role
from webapp.errors import InvalidInput, NotSignedIn, Refused, TooMany
from webapp.services.delivery.emergency_copy import KnownPerson
from webapp.services.delivery.shelves import Shelves
from webapp.services.delivery.stopping import lift_these, require_reason, stop
from webapp.services.delivery.tries import Tries

CHECKS_AT_ONCE = 3
"""Password checks at a time: each takes a core and 19 MiB for some milliseconds, and delivery needs both."""
MOST_FAILURES_KEPT = 200
WRONG = "Mail address or password is wrong, or this person may not stop prompts. Nothing was changed."
NOBODY_KNOWN = "This host has not seen the database yet, so it knows nobody's password. Stop at its console: formulary kill --all --reason ..."
BY_PASSKEY = (
    "Your second factor is a passkey, which this page cannot ask for. Somebody with an authenticator app can end it here, or the console of "
    "this host: formulary kill PROMPT --lift --reason ..."
)


@dataclass(frozen=True)
class Typed:
    """Who somebody says to be, and from where on the network."""

    email: str
    password: str = field(repr=False)
    place: str = ""
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Failure:
    """A wrong try that is not entered yet."""

    person_id: str | None
    email: str
    place: str


class Emergency:
    """What people do at the page of this host."""

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self.tries = Tries(shelves.outside.now)
        self.failures = deque[Failure](maxlen=MOST_FAILURES_KEPT)
        self._checks = threading.BoundedSemaphore(CHECKS_AT_ONCE)
        shelves.afterwards.append(self.enter_failures)

    def stop(self, kind: str, prompt: str, reason: str, typed: Typed) -> Stop:
        """From the next decision on this host serves nothing of the prompt (``*``: of any), or with ``kind`` hold nothing new.

        Asks nothing but memory and disk. InvalidInput for what is missing, AlreadyDone, NotSignedIn, TooMany. Where the disk takes nothing
        it holds in this process (``StopFlags.unsaved``).
        """
        self._require_asked(kind, prompt, reason)
        person = self._prove(typed)
        proven = {"id": person.id, "name": person.name, "roles": list(person.roles), "known_at": self._known_at()}
        flags = self.shelves.flags
        try:
            return stop(self.shelves.outside, flags, prompt, reason, person.name, kind=kind, person=proven)
        except OSError:
            return next(one for one in flags.all() if one.stands and (one.prompt, one.kind) == (prompt, kind))

    def lift(self, ids: list[str], reason: str, typed: Typed) -> None:
        """These stops and holds are over. Unavailable while the database does not answer; Refused without the second factor."""
        if not ids:
            raise InvalidInput("Choose what is to end.", code="choose", details={"field": "flag"})
        require_reason(reason)
        self.tries.require_free(typed.place, typed.email)
        outside = self.shelves.outside
        require_whole_log(outside)
        with outside.database.reading() as session:
            row = session.scalar(select(Person).where(Person.email == typed.email))
            person_id, roles = (row.id, actor_of(row, "").roles) if row is not None else ("", frozenset[Role]())
        try:
            with self._one_check():
                check_password(outside, person_id, typed.password)
                if row is None or not may(roles, Right.STOP_DELIVERY):
                    raise NotSignedIn(WRONG)
                self._require_second_factor(person_id, typed.code)
        except NotSignedIn as error:
            self.tries.failed(typed.place, typed.email)
            raise NotSignedIn(error.sentence if error.code == "wrong_code" else WRONG, code=error.code) from None
        person = {"id": row.id, "name": row.name, "roles": sorted(roles), "known_at": outside.now().isoformat()}
        lift_these(outside, self.shelves.flags, ids, reason, row.name, person=person)

    def enter_failures(self) -> None:
        """Wrong tries stand in the audit log, and administrators hear of too many, as of those at sign-in."""
        outside = self.shelves.outside
        while self.failures:
            failure = self.failures[0]
            who = failure.person_id or UNKNOWN
            kind = "session.refused" if failure.person_id is None else "reauthentication.failed"
            note_refusal(outside, Attempt(kind, who, ("person", who), "emergency", failure.place), SYSTEM)
            note_failed_sign_in(outside, failure.place, failure.person_id, failure.email)
            self.failures.popleft()

    def _require_asked(self, kind: str, prompt: str, reason: str) -> None:
        if kind not in (STOP, HOLD):
            raise InvalidInput("Choose what to do: stop, or hold.", code="choose", details={"field": "kind"})
        shelves = self.shelves.stock.shelves
        if prompt != EVERYTHING and prompt not in shelves:
            raise InvalidInput("Choose a prompt, or all of them.", code="choose", details={"field": "prompt"})
        if kind == HOLD and prompt != EVERYTHING and shelves[prompt].rule is None:
            raise InvalidInput(
                "No rollout of this prompt is under way, so a hold keeps nothing back. Stop it, or roll it back on the main page.",
                code="nothing_to_hold",
                details={"field": "kind"},
            )
        require_reason(reason)

    def _prove(self, typed: Typed) -> KnownPerson:
        """The person, whose password was right by this host's copy. The same work and the same answer for somebody unknown."""
        known = self.shelves.copy.known.people
        self.tries.require_free(typed.place, typed.email)
        if not known:
            raise NotSignedIn(NOBODY_KNOWN, code="nobody_known")
        person = known.get(typed.email)
        with self._one_check():
            is_right = is_password(None if person is None else person.password_hash, typed.password)
        if person is None or not is_right:
            self.tries.failed(typed.place, typed.email)
            self.failures.append(Failure(None if person is None else person.id, typed.email, typed.place))
            raise NotSignedIn(WRONG)
        self.tries.succeeded(typed.place, typed.email)
        return person

    def _require_second_factor(self, person_id: str, code: str) -> None:
        outside = self.shelves.outside
        with outside.database.reading() as session:
            require_no_reset(session, person_id)
            kinds = {one.kind for one in factors_of(session, person_id)}
        if kinds and TOTP not in kinds and not code.strip():
            raise Refused(BY_PASSKEY, code="second_factor")
        require_code_where_there_is_one(outside, person_id, code)

    @contextmanager
    def _one_check(self) -> Iterator[None]:
        """One of the few password checks at a time; TooMany at once where all are taken, so that a flood holds up no application."""
        if not self._checks.acquire(blocking=False):
            raise TooMany(
                "Others are being checked this very moment; send it again.", details={"retry_after_seconds": 1}
            )
        try:
            yield
        finally:
            self._checks.release()

    def _known_at(self) -> str:
        read_at = self.shelves.copy.known.read_at
        return "" if read_at is None else read_at.isoformat()
