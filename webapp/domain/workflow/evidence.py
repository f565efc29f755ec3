"""What a person hands in with a move. Each type checks itself; typed text goes to the payload, never to a leaf.

What must not live here: facts of the change (``situation``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow.guards import Refusal
from webapp.domain.workflow.situation import Situation
from webapp.domain.workflow.stages import RiskClass

LONGEST_REASON = 2_000
LONGEST_CHANGES = 300
LONGEST_EXCEPTION_DAYS = 90


@dataclass(frozen=True)
class Evidence:
    """Nothing but the act itself."""

    def refusal(self, s: Situation) -> Refusal | None:
        """Why this evidence does not carry the move, or nothing."""
        del s
        return None

    @property
    def code(self) -> str | None:
        """The closed code that the entry carries as its reason, or none."""
        return None

    def document(self) -> dict[str, Any]:
        """The typed content for the payload, ready for canonical JSON."""
        return {key: _plain(value) for key, value in asdict(self).items()}

    def claims(self) -> dict[str, Any]:
        """What the signature itself says of it: names and codes, never typed text, which may have to be erased."""
        return {}


@dataclass(frozen=True)
class Reason(Evidence):
    """A reason in the person's own words."""

    reason: str

    def refusal(self, s: Situation) -> Refusal | None:
        """A reason must be written and short enough to be read."""
        del s
        return _text_refusal(self.reason, "Write the reason.", LONGEST_REASON)


@dataclass(frozen=True)
class Hold(Reason):
    """A stop by a person: ``mode`` freeze (nobody new) or live (everyone back to the live version)."""

    mode: str = "freeze"

    @property
    def code(self) -> str:
        """Which of the two kinds."""
        return self.mode

    def refusal(self, s: Situation) -> Refusal | None:
        """A hold says which of its two kinds it is."""
        if self.mode not in ("freeze", "live"):
            return Refusal("mode", "Choose whether to freeze the rollout or to send everyone back to the live version.")
        return super().refusal(s)

    def claims(self) -> dict[str, Any]:
        """Who gets what while it is held."""
        return {"mode": self.mode}


@dataclass(frozen=True)
class Narrowing(Reason):
    """What is left of a rollout's plan, made slower or narrower: ``steps`` from the present one on, as documents.

    ``present``: the number from 0 of the step in which the rollout was when this was decided.
    """

    present: int = 0
    steps: tuple[dict[str, Any], ...] = ()
    offline_seconds: int = 0

    def claims(self) -> dict[str, Any]:
        """The digest of what is left of the plan: names in it may have to be erased, so they stand in the payload alone."""
        left = {"present": self.present, "steps": list(self.steps), "offline_seconds": self.offline_seconds}
        return {"plan_sha256": sha256_hex(canonical(left))}


@dataclass(frozen=True)
class Watched(Reason):
    """What the watch over a rollout saw when it acted: the rule's code, and each safety limit with counts and bounds as text."""

    rule: str = ""
    limits: tuple[dict[str, Any], ...] = ()

    @property
    def code(self) -> str:
        """The rule that acted."""
        return self.rule


@dataclass(frozen=True)
class ExceptionAsked:
    """One exception (waiver): which measure, why, and until when."""

    measure: str
    reason: str
    ends_on: date


@dataclass(frozen=True)
class ExceptionRequest(Evidence):
    """The exceptions an author asks for."""

    exceptions: tuple[ExceptionAsked, ...]

    def refusal(self, s: Situation) -> Refusal | None:
        """Each names a measure that did not hold, a reason and an end within 90 days; all that did not hold are named."""
        latest = s.now.date() + timedelta(days=LONGEST_EXCEPTION_DAYS)
        for asked in self.exceptions:
            if asked.measure not in s.run.short_measures:
                return Refusal("not_short", f"{asked.measure} needs no exception.")
            if refusal := _text_refusal(asked.reason, f"Write why {asked.measure} may be excepted.", LONGEST_REASON):
                return refusal
            if not s.now.date() < asked.ends_on <= latest:
                return Refusal("end_date", f"An exception ends after today and on {latest:%-d %B %Y} at the latest.")
        if not self.exceptions or sorted(asked.measure for asked in self.exceptions) != sorted(s.run.short_measures):
            names = ", ".join(s.run.short_measures) or "none is known, so run the evaluation again"
            return Refusal("not_all", f"Name every measure that did not hold, each once: {names}.")
        return None


@dataclass(frozen=True)
class Rewording(Evidence):
    """The reviewer's own words for what changes."""

    changes: str

    def refusal(self, s: Situation) -> Refusal | None:
        """At most 300 characters."""
        del s
        return _text_refusal(self.changes, "Write what changes for patients and clinicians.", LONGEST_CHANGES)


@dataclass(frozen=True)
class ClassDecision(Evidence):
    """The risk class that an informaticist confirms or raises to."""

    risk_class: RiskClass

    def refusal(self, s: Situation) -> Refusal | None:
        """This way never lowers a class; lowering needs an informaticist and a physician."""
        if self.risk_class.rank < s.risk_class.rank:
            return Refusal("lowers_class", "A risk class is lowered only by an informaticist and a physician together.")
        return None

    def claims(self) -> dict[str, Any]:
        """The class that is confirmed or raised to."""
        return {"risk_class": self.risk_class.value}


@dataclass(frozen=True)
class ClassConfirmed(ClassDecision):
    """The proposed class, confirmed as it is."""

    def refusal(self, s: Situation) -> Refusal | None:
        """Confirming names the very class that was proposed."""
        if self.risk_class is not s.risk_class:
            return Refusal("other_class", "To give the prompt another class, raise it instead of confirming it.")
        return None


@dataclass(frozen=True)
class ClassRaised(ClassDecision):
    """A more careful class than the proposed one."""

    def refusal(self, s: Situation) -> Refusal | None:
        """Raising names a more careful class."""
        if self.risk_class.rank <= s.risk_class.rank:
            return Refusal("not_higher", "Choose a more careful class than the present one.")
        return None


@dataclass(frozen=True)
class Decision(Evidence):
    """An approval or a signature: a sentence of one's own and the exceptions granted by naming them."""

    sentence: str = ""
    exceptions_granted: tuple[str, ...] = ()

    def refusal(self, s: Situation) -> Refusal | None:
        """Each exception asked for is named, and no other."""
        if set(self.exceptions_granted) != set(s.exceptions_asked):
            names = ", ".join(s.exceptions_asked) or "none"
            return Refusal("exceptions", f"Grant each exception by naming it, or decline. Asked for: {names}.")
        return _length_refusal(self.sentence, LONGEST_REASON)

    def claims(self) -> dict[str, Any]:
        """The measures whose exceptions are granted by naming them."""
        return {"exceptions_granted": sorted(self.exceptions_granted)}


@dataclass(frozen=True)
class Approval(Decision):
    """A reviewer's decision, with the sentence that the physician will read."""

    changes_confirmed: bool = False

    def refusal(self, s: Situation) -> Refusal | None:
        """The reviewer writes a sentence and confirms what changes."""
        if not self.sentence.strip():
            return Refusal("sentence", "Write one sentence for the physician: what you looked at and what you think.")
        if not self.changes_confirmed:
            return Refusal("changes", "Confirm or rewrite what changes for patients and clinicians.")
        return super().refusal(s)


@dataclass(frozen=True)
class Conclusion(Evidence):
    """How a follow-up audit ends: keep, with the next review date."""

    sentence: str
    next_review_on: date
    conclusion: str = field(default="keep")

    def refusal(self, s: Situation) -> Refusal | None:
        """A sentence is written and the next review lies ahead, within a year."""
        if self.conclusion != "keep":
            return Refusal(
                "conclusion", "To end with a roll back, use Roll back; to keep the release, conclude with keep."
            )
        if not s.now.date() < self.next_review_on <= s.now.date() + timedelta(days=366):
            return Refusal("next_review", "Set the next review date within the coming year.")
        return _text_refusal(self.sentence, "Write what the audit found.", LONGEST_REASON)

    def claims(self) -> dict[str, Any]:
        """The conclusion, and when the release is looked at again."""
        return {"conclusion": self.conclusion, "next_review_on": self.next_review_on.isoformat()}


def _text_refusal(text: str, ask: str, longest: int) -> Refusal | None:
    if not text.strip():
        return Refusal("text_missing", ask)
    return _length_refusal(text, longest)


def _length_refusal(text: str, longest: int) -> Refusal | None:
    if len(text) > longest:
        return Refusal("text_too_long", f"At most {longest} characters, please; this has {len(text)}.")
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
