"""The table of fields of a prompt file: what the reader allows and what ``docs/prompt.schema.json`` says."""

from __future__ import annotations

from webapp.domain.prompts.kinds import (
    LARGEST_INTEGER,
    METADATA_NAME,
    Anything,
    Choice,
    ListOf,
    MapOf,
    Number,
    OrNull,
    Record,
    Slot,
    Text,
)

RISK_CLASSES = ("administrative", "clinical", "high_risk")
LONGEST_PROMPT = 200_000

BLANK = "is blank; write something here or leave the field out"
PROSE = Text(2_000, contains=r"\S", says=BLANK)
PROMPT_NAME = Text(
    64, pattern=r"[a-z][a-z0-9-]{1,62}[a-z0-9]", says="use 3 to 64 lower-case letters, digits and hyphens, as in clinical-summarization"
)  # fmt: skip
LABEL = Text(32, pattern=r"[0-9A-Za-z._-]+", says="use letters, digits, dot, underscore and hyphen, at most 32")
MODEL = Text(120, pattern=r"[0-9A-Za-z][0-9A-Za-z._:/@-]*", says="use the model's name without spaces")
VARIABLE = Text(
    64, pattern=r"[a-z_][a-z0-9_]*", says="use lower-case letters, digits and _, beginning with a letter or _"
)

PARAMETERS = Record(
    {
        "temperature": Slot(Number(0, 2), "how freely the model words its answer"),
        "max_tokens": Slot(Number(1, 200_000, whole=True), "the longest answer, in tokens"),
        "top_p": Slot(Number(0, 1), "nucleus sampling"),
        "seed": Slot(Number(-LARGEST_INTEGER, LARGEST_INTEGER, whole=True), "the seed, where the model takes one"),
        "stop": Slot(ListOf(Text(200), 16), "texts that end the answer"),
        "presence_penalty": Slot(Number(-2, 2), "penalty on words that already occurred"),
        "frequency_penalty": Slot(Number(-2, 2), "penalty on words by how often they occurred"),
    }
)
PROMPT = Record(
    {
        "name": Slot(PROMPT_NAME, "the prompt's name in the formulary, equal to its folder", required=True),
        "version": Slot(LABEL, "the version's label, in quotes", required=True),
        "description": Slot(PROSE, "what the prompt does, in one sentence", required=True),
        "changes": Slot(
            OrNull(Text(300, contains=r"\S", says=BLANK)), "what changes for patients and clinicians, at most 300 characters"
        ),
        "intended_use": Slot(OrNull(PROSE), "what it is meant for, and for whom"),
        "not_for": Slot(OrNull(PROSE), "what it must not be used for"),
        "downtime_text": Slot(OrNull(PROSE), "what staff do while it is not available"),
        "risk_class": Slot(OrNull(Choice(RISK_CLASSES)), "the class the author proposes"),
        "model_compatibility": Slot(
            ListOf(MODEL, 50, 1, unique=True), "the models the prompt was written for; it approves none of them", required=True
        ),
        "model": Slot(OrNull(MODEL), "the model the change is to run on"),
        "fallbacks": Slot(OrNull(ListOf(MODEL, 10, unique=True)), "models to fall back to, in order"),
        "variables": Slot(OrNull(ListOf(VARIABLE, 50, unique=True)), "the template's variables, declared"),
        "system_prompt": Slot(
            Text(LONGEST_PROMPT, contains=r"\S", says=BLANK), "the instructions; sent as written, without variables", required=True
        ),
        "user_template": Slot(
            Text(
                LONGEST_PROMPT,
                contains=r"\{[a-z_][a-z0-9_]*\}",
                says="has no placeholder; write one such as {encounter_text} where the input belongs",
            ),
            "the user message with {name} for each variable",
            required=True,
        ),
        "parameters": Slot(OrNull(PARAMETERS), "how the model is called"),
        "metadata": Slot(
            OrNull(MapOf(METADATA_NAME, Anything(), 50)), "anything else the author notes; stated by the author, not used"
        ),
    }
)  # fmt: skip
