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


class Stopped(DowntimeError):
    """Somebody stopped the prompt."""


class CutOff(DowntimeError):
    """The server has not been heard of for longer than the signed plan allows, or never."""


class NotTrusted(DowntimeError):
    """Something was received that may not be run; each reason is a class of its own."""


class Unsigned(NotTrusted):
    """A signature that is needed is missing."""


class Voided(NotTrusted):
    """The release, or a signature of it, was voided."""


class Tampered(NotTrusted):
    """What was received is not what was signed."""


class WrongKey(NotTrusted):
    """It is signed, by a key that is not pinned here."""


class Unevaluated(NotTrusted):
    """The release's evaluation is missing or is another one."""


class NotSealed(NotTrusted):
    """The release is recorded and its entry is not signed by the notary yet; this passes by itself."""


class ClockDiffers(NotTrusted):
    """The server's time lies ahead of this machine's clock, so that no age can be told."""


BY_CODE: dict[str, type[NotTrusted]] = {
    "release_unsigned": Unsigned,
    "release_void": Voided,
    "release_signature_void": Voided,
    "release_tampered": Tampered,
    "release_foreign": WrongKey,
    "release_unevaluated": Unevaluated,
    "release_not_sealed": NotSealed,
}
