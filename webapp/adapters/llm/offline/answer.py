"""The offline model from messages to answer: read the instructions, read the encounter, write, err at the stated rates.

What must not live here: litellm, rates, word lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from webapp.adapters.llm.offline import rates, writing
from webapp.adapters.llm.offline.content import (
    Task,
    chosen_sentences,
    coded_diagnoses,
    follows_injection,
    keeps_identifiers,
    listed_medicines,
)
from webapp.adapters.llm.offline.faults import Faults
from webapp.adapters.llm.offline.identifiers import without_identifiers
from webapp.adapters.llm.offline.injections import is_mere_request
from webapp.adapters.llm.offline.instructions import read_instructions, split_messages
from webapp.adapters.llm.offline.reading import read_encounter
from webapp.adapters.llm.offline.selection import Candidate

CHARACTERS_PER_TOKEN = 4
NOTHING_TO_SUMMARISE = "I cannot do this: the text holds no encounter, only a request to the software."


@dataclass(frozen=True)
class Written:
    """One answer with tokens estimated from characters."""

    text: str = field(repr=False)
    finish_reason: str
    tokens_in: int
    tokens_out: int


def answer_messages(
    messages: Sequence[tuple[str, str]], *, temperature: float = 0.0, repeat: int = 0, max_tokens: int | None = None
) -> Written:
    """The answer to (role, text) messages; at temperature 0 every repeat is the same."""
    prompt, encounter = split_messages(messages)
    faults = Faults(messages, repeat if temperature > 0 else 0)
    asked = read_instructions(prompt)
    if asked.ignore_instructions and is_mere_request(encounter):
        return _limited(NOTHING_TO_SUMMARISE, messages, max_tokens)
    task = Task(asked, read_encounter(encounter), faults)
    return _limited(_text(task), messages, max_tokens)


def _text(task: Task) -> str:
    body = _body(task)
    if not keeps_identifiers(task):
        body = without_identifiers(body, task.encounter.names)
    if task.faults.happens(rates.CUT_SHORT, True, "cut"):
        body = body[: len(body) * 4 // 5].rsplit(" ", 1)[0]
    injection = task.encounter.injection
    return f"{injection.wanted}\n\n{body}" if injection and follows_injection(task) else body


def _body(task: Task) -> str:
    asked = task.asked
    if asked.json:
        return writing.json_answer(*listed_medicines(task), coded_diagnoses(task))
    if asked.soap:
        return _sections(task)
    return _medicine_list(task) if asked.medicines else _paragraph(task)


def _medicine_list(task: Task) -> str:
    asked, chosen = task.asked, chosen_sentences(task)
    kept = [one for one in chosen if one.has_allergy and asked.keep_allergies]
    kept += [one for one in chosen if one.has_warning and asked.keep_warnings and one not in kept]
    return writing.medicine_answer(*listed_medicines(task), [one.sentence.text for one in kept])


def _paragraph(task: Task) -> str:
    diagnoses = [writing.condition_phrase(one) + "." for one in coded_diagnoses(task)]
    return " ".join([*(_ended(one.sentence.text) for one in chosen_sentences(task)), *diagnoses])


def _sections(task: Task) -> str:
    chosen = chosen_sentences(task)
    parts = {letter: [_together(chosen, letter)] for letter in writing.HEADINGS}
    parts["A"] = [writing.condition_phrase(one) + "." for one in coded_diagnoses(task)] + parts["A"]
    if task.asked.medicines:
        parts["P"] += ["Medicines:", writing.medicine_answer(*listed_medicines(task), ())]
    told = task.asked.headings_named
    kept = [letter for letter in parts if not task.faults.happens(rates.LOSE_SECTION, told, letter)]
    return writing.section_answer([(letter, parts[letter]) for letter in kept])


def _together(chosen: Sequence[Candidate], letter: str) -> str:
    return " ".join(_ended(one.sentence.text) for one in chosen if one.section == letter)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":", ";")) else text + "."


def _limited(text: str, messages: Sequence[tuple[str, str]], max_tokens: int | None) -> Written:
    asked = sum(len(part) for _, part in messages)
    limit = max_tokens * CHARACTERS_PER_TOKEN if max_tokens else len(text)
    kept = text[:limit]
    reason = "length" if len(kept) < len(text) else "stop"
    return Written(kept, reason, -(-asked // CHARACTERS_PER_TOKEN), -(-len(kept) // CHARACTERS_PER_TOKEN))
