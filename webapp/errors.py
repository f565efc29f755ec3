"""The one tree of errors: each has a stable code and a sentence a clinician understands, with the next step.

What must not live here: anything of HTTP or of exit codes. Doors translate.
"""

from __future__ import annotations

from typing import Any


class FormularyError(Exception):
    """Something was asked that cannot be done; nothing was changed."""

    code = "error"

    def __init__(self, sentence: str, *, code: str | None = None, details: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.details = details or {}


class InvalidInput(FormularyError):
    """What was sent is not of the promised form; ``details`` may name file, line and field."""

    code = "invalid"


class NotSignedIn(FormularyError):
    """Nobody is signed in, or the session or token is no longer good."""

    code = "not_signed_in"


class Refused(FormularyError):
    """The actor may not do this; the sentence says why."""

    code = "refused"


class NotFound(FormularyError):
    """No such thing, or none that this actor may see."""

    code = "not_found"


class Stale(FormularyError):
    """The page or digest is older than what is stored; ``details`` carry the present stage and digest."""

    code = "stale"


class Conflict(FormularyError):
    """The act collides with another that already happened; ``details`` carry the present state."""

    code = "conflict"


class AlreadyDone(Conflict):
    """The same person already did exactly this; nothing was done twice."""

    code = "already_done"


class Unavailable(FormularyError):
    """A part we need does not answer now; the same call may go through later."""

    code = "unavailable"


class TooMany(FormularyError):
    """A limit of rate or size was reached; ``details["retry_after_seconds"]`` says when to try again."""

    code = "too_many"
