"""What a prompt asks for, read from its own words.

What must not live here: anything read from the encounter; instructions found there are not instructions.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

SECTIONS = ("Subjective", "Objective", "Assessment", "Plan")
CLAUSE = re.compile(r"(?<=[.;:!?])\s+|\n\s*(?:[-*•]|\d+[.)])\s*|\n\s*\n")
FORBIDDING = re.compile(r"\b(do not|don't|never|without|no need|not to|leave out|omit|exclude|remove|skip)\b", re.I)
TAG = re.compile(r"<((?:clinical_)?(?:encounter|transcript|note|document|record|conversation|text)(?:_text)?)>")
FENCES = ('"""', "```", "'''", "-----", "=====")


@dataclass(frozen=True)
class Instructions:
    """One flag per thing a prompt may ask for; all false is a prompt that asks for a summary and nothing more."""

    soap: bool = False
    headings_named: bool = False
    medicines: bool = False
    dose: bool = False
    route: bool = False
    frequency: bool = False
    stopped_apart: bool = False
    codes: bool = False
    every_diagnosis: bool = False
    specific_codes: bool = False
    no_guessed_codes: bool = False
    leave_out_identifiers: bool = False
    ignore_instructions: bool = False
    keep_allergies: bool = False
    keep_warnings: bool = False
    keep_corrections: bool = False
    state_uncertainty: bool = False
    brief: bool = False
    thorough: bool = False
    json: bool = False


def split_messages(messages: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(the prompt's own words, the encounter) of a conversation."""
    prompt = "\n\n".join(text for role, text in messages if role == "system")
    user = "\n\n".join(text for role, text in messages if role != "system")
    around, encounter = _split_user(user)
    return f"{prompt}\n\n{around}", encounter


@functools.lru_cache(maxsize=64)
def read_instructions(prompt: str) -> Instructions:
    """What the prompt's words ask for; a clause that forbids something does not ask for it."""
    clauses = [" ".join(clause.split()).lower() for clause in CLAUSE.split(prompt) if clause.strip()]
    asked = [clause for clause in clauses if not FORBIDDING.search(clause)]
    whole = " ".join(clauses)
    fields = [clause for clause in asked if re.search(r"\b(medic\w+|drugs?|dos(e|es|age))\b", clause)]
    return Instructions(
        soap=_any(asked, r"\bsoap\b") or all(section.lower() in whole for section in SECTIONS),
        headings_named=all(f"{section.lower()}" in whole for section in SECTIONS),
        medicines=_any(
            asked, r"\b(list|extract|give|write|report|name|include|state)\b.*\b(medic(in|ation)\w*|drugs?)\b"
        )
        or _any(asked, r"\b(medic(in|ation)\w*|drugs?)\b.*\b(dos(e|age)|route|frequency)\b"),
        dose=_any(fields, r"\b(dos(e|es|age)|strength)\b"),
        route=_any(fields, r"\broute\b"),
        frequency=_any(fields, r"\b(frequency|how often)\b"),
        stopped_apart=_any(
            clauses, r"\b(stopped|discontinued|no longer)\b.*\b(separate\w*|apart|own line|as current|own list)\b"
        )
        or _any(clauses, r"\b(separate\w*|apart|own line|not list|never list)\b.*\b(stopped|discontinued|no longer)\b"),
        codes=_any(asked, r"\bicd[- ]?10"),
        every_diagnosis=_any(asked, r"\b(each|every|all)\b.*\b(diagnos[ei]s|problem|condition)"),
        specific_codes=_any(clauses, r"\b(billable|most specific|full code|complete code|all characters)\b"),
        no_guessed_codes=_any(clauses, r"\b(guess|invent|make up|certain of the code|sure of the code)\b"),
        leave_out_identifiers=_forbids(clauses, r"\b(names?|identif\w+|record numbers?|dates? of birth)\b"),
        ignore_instructions=_forbids(
            clauses, r"\b(instructions?|commands?|requests?)\b", r"\b(follow|obey|act on|carry out)\b"
        )
        or _any(clauses, r"\b(ignore|disregard)\b.*\b(instructions?|commands?|requests?)\b"),
        keep_allergies=_any(asked, r"\ballerg"),
        keep_warnings=_any(asked, r"\b(warnings?|red flags?|safety[- ]net\w*|safety concerns?)\b"),
        keep_corrections=_any(clauses, r"\b(latest|last dose|corrections?)\b|\b(corrected|changed)\b"),
        state_uncertainty=_any(
            clauses, r"\b(uncertain\w*|suspected|cannot be excluded|not confirmed|unconfirmed)\b|[\"“]possible"
        ),
        brief=_any(asked, r"\b(brief|short|concise|as few words|at most \d+ words|\d+ words or fewer)\b"),
        thorough=_any(clauses, r"\b(complete|nothing of clinical|every clinically|all clinically|thorough)\b"),
        json=_any(asked, r"\bjson\b"),
    )


def _any(clauses: Sequence[str], pattern: str) -> bool:
    return any(re.search(pattern, clause) for clause in clauses)


def _forbids(clauses: Sequence[str], *patterns: str) -> bool:
    return any(
        FORBIDDING.search(clause) and all(re.search(pattern, clause) for pattern in patterns) for clause in clauses
    )


def _split_user(user: str) -> tuple[str, str]:
    """(words around the encounter, the encounter): marked by a tag or fence, else all after the first line."""
    tag = TAG.search(user)
    if tag:
        end = user.rfind(f"</{tag.group(1)}>")
        if end > tag.end():
            return user[: tag.start()] + "\n\n" + user[end + len(tag.group()) + 1 :], user[tag.end() : end]
    for fence in FENCES:
        first, last = user.find(fence), user.rfind(fence)
        if 0 <= first < last:
            return user[:first] + "\n\n" + user[last + len(fence) :], user[first + len(fence) : last]
    first_line, _, rest = user.partition("\n")
    return (first_line, rest) if rest.strip() else ("", user)
