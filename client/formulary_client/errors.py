"""Why an application gets no prompt. Every one is a ``DowntimeError``: show ``downtime_text`` and use the fallback workflow."""

from __future__ import annotations


class DowntimeError(Exception):
    """Nothing may be run now. ``downtime_text``: what staff do instead, as it was signed; empty where nothing was ever received."""

    def __init__(self, sentence: str, downtime_text: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.downtime_text = sentence, downtime_text

    def with_text(self, downtime_text: str) -> DowntimeError:
        """The same error with the downtime text of its prompt."""
        return type(self)(self.sentence, downtime_text)


class UnknownPrompt(DowntimeError):
    """The formulary has no such prompt, or the token may not use it."""


class NothingLive(DowntimeError):
    """No signed release of the prompt is live."""


class Restricted(DowntimeError):
    """What is live is restricted to other sites, departments or applications."""


class Stopped(DowntimeError):
    """Somebody stopped the prompt."""


class CutOff(DowntimeError):
    """The server has not been heard of for longer than the signed plan allows, or never."""


class NotTrusted(DowntimeError):
    """Something was received that may not be run; each reason is a class of its own."""


class Unsigned(NotTrusted):
    """A signature that is needed is missing."""


class Voided(NotTrusted):
    """The release was voided."""


class SignatureVoided(Voided):
    """A signature of the release was voided."""


class Tampered(NotTrusted):
    """What was received is not what was signed."""


class WrongKey(NotTrusted):
    """It is signed, by a key that is not pinned here."""


class Unevaluated(NotTrusted):
    """The release's evaluation is missing or is another one."""


class NotSealed(NotTrusted):
    """The release is recorded and its entry is not signed by the notary yet; this passes by itself."""


class ReleaseNotLive(NotTrusted):
    """The server's audit log says that something else is live than its database does."""


class ClockDiffers(NotTrusted):
    """The server's time lies ahead of this machine's clock, so that no age can be told."""


class NotAnswered(DowntimeError):
    """The server answered the question for a snapshot with a refusal. What is held is served on for its time."""


class TokenMissing(NotAnswered):
    """No token came with the question, or the server has not heard of it yet."""


class TokenUnknown(NotAnswered):
    """The server does not know the token."""


class TokenRevoked(NotAnswered):
    """Somebody revoked the token."""


class TokenExpired(NotAnswered):
    """The token's time is over."""


class ScopeMissing(NotAnswered):
    """The token lacks the scope ``deliver``."""


class RoleMissing(NotAnswered):
    """The token's owner no longer has the role for it."""


class Starting(NotAnswered):
    """The server has not seen its database yet; this passes by itself."""


class LogBroken(NotAnswered):
    """The server's audit log was rewound or edited; an administrator has to look."""


class Unavailable(NotAnswered):
    """The server needs a part that does not answer now."""


BY_CODE: dict[str, type[DowntimeError]] = {
    "not_found": UnknownPrompt,
    "prompt_not_allowed": UnknownPrompt,
    "nothing_live": NothingLive,
    "restricted": Restricted,
    "stopped": Stopped,
    "release_unsigned": Unsigned,
    "release_void": Voided,
    "release_signature_void": SignatureVoided,
    "release_tampered": Tampered,
    "release_foreign": WrongKey,
    "release_unevaluated": Unevaluated,
    "release_not_live": ReleaseNotLive,
    "release_not_sealed": NotSealed,
    "not_signed_in": TokenMissing,
    "token_unknown": TokenUnknown,
    "token_revoked": TokenRevoked,
    "token_expired": TokenExpired,
    "scope": ScopeMissing,
    "role": RoleMissing,
    "starting": Starting,
    "log_broken": LogBroken,
    "unavailable": Unavailable,
}
"""The class of each code with which the server refuses. A code that is newer than this package is ``NotTrusted`` of a release."""
