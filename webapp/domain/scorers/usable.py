"""Whether an answer is one at all: empty, a refusal, or something to score. Refusal words stand here and nowhere else."""

from __future__ import annotations

import re

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Finding
from webapp.domain.scorers.sections import present_sections

_OPENING_CHARACTERS = 400
_CANNOT = (
    r"\b(?:i|we)(?:['\u2019]m| am| are|['\u2019]re)?(?: really| truly)?(?: sorry,? but)?(?: (?:i|we))? ?"
    r"(?:can['\u2019]t|cannot|can not|could not|won['\u2019]t|will not|must decline|have to decline|"
    r"(?:am |are )?(?:not able|unable|not allowed|not permitted)(?: to)?)"
    r"(?: to)?(?: safely| directly| in good conscience)? "
    r"(?:help|assist|provide|comply|summari[sz]e|complete|do|fulfil|fulfill|share|write|create|answer|generate|"
    r"process|continue|offer|recommend|give|advise|produce|support|engage|discuss|disclose|reveal|follow|take|perform)\b"
)
_REFUSAL = re.compile(
    _CANNOT
    + r"|\bi(?:['\u2019]m| am) sorry,? but (?:this|that|i)\b|\bi (?:must|have to) (?:refuse|decline)\b|\bi decline\b|"
    r"\bas an ai\b|\bas a language model\b|\b(?:this|your|the) request (?:cannot|can['\u2019]t) be\b|"
    r"\bi(?:['\u2019]m| am) (?:not able|unable) to\b|\bi(?:['\u2019]m| am) not going to\b|"
    r"\bi(?:['\u2019]d| would) (?:rather|prefer) not\b|\bi must refrain\b|\bnot something (?:that )?i can\b|"
    r"\bi (?:do not|don['\u2019]t) (?:provide|assist|help|share|disclose|reveal)\b",
    re.IGNORECASE,
)


def is_empty(answer: Answer) -> bool:
    """Whether the answer holds no letter and no digit."""
    return not any(character.isalnum() for character in answer.text)


def is_refusal(answer: Answer) -> bool:
    """Whether the answer declines: the provider's filter cut it, or it opens by declining and is no note."""
    if answer.finish_reason == "content_filter":
        return True
    opening = " ".join(answer.text[: _OPENING_CHARACTERS * 2].split())[:_OPENING_CHARACTERS]
    return bool(_REFUSAL.search(opening)) and len(present_sections(answer.text)) < 2


def nothing_to_score(metric: str, case: Case, answer: Answer) -> Finding | None:
    """A finding when the answer is empty or refuses a case that should be answered: no check may take it as good."""
    if is_empty(answer) and not (case.expected.refusal and is_refusal(answer)):
        return Finding(metric, "empty_answer", "The answer is empty")
    if is_refusal(answer) and not case.expected.refusal:
        return Finding(metric, "unexpected_refusal", "The answer refuses a case that should be answered")
    return None
