"""What alerts about releases say: their kinds, sentences, and what to do. Nothing here holds anything typed about a patient."""

from __future__ import annotations

from webapp.adapters.store.schema import ReleaseAlert

PROBLEM, IDENTIFIERS, MODEL, INDEX = "problem", "identifiers", "model", "index"
HEADLINES = {
    PROBLEM: "a problem with answers in use was reported",
    IDENTIFIERS: "answers in use hold identifiers",
    MODEL: "another model answers than was evaluated",
    INDEX: "another index is searched than before",
}
WHAT_TO_DO = {
    PROBLEM: "Read what was reported and look at the answer in the record. Hold or roll back the release where patients may come to harm.",
    IDENTIFIERS: "Find out where the identifiers come from. Hold or roll back the release where they reach the wrong people.",
    MODEL: "Ask the application's owner what answers now. The signatures hold for the evaluated model: hold the release, or evaluate it anew.",
    INDEX: "Ask the application's owner what is searched now. Evaluate the release anew where answers may differ.",
}


def reason_of(row: ReleaseAlert) -> str:
    """The closed code of what happened, as the audit log has it."""
    if row.kind == PROBLEM:
        return "harm_reported" if row.critical_count else "problem_reported"
    return {IDENTIFIERS: "identifiers_in_answers", MODEL: "other_model", INDEX: "other_index"}[row.kind]


def sentence_of(row: ReleaseAlert, prompt: str, version: str) -> str:
    """What happened, in a sentence without anything that somebody typed about a patient."""
    about = f"{prompt} version {version}"
    if row.kind == PROBLEM:
        harm = f"; {row.critical_count} of them reached a patient" if row.critical_count else "; none reached a patient"
        return f"{_counted(row.count, 'problem')} with answers of {about} {_was(row.count)} reported{harm}."
    if row.kind == IDENTIFIERS:
        return f"{_counted(row.count, 'answer')} of {about} held an identifier that the request did not."
    if row.kind == MODEL:
        return (
            f"{row.application} reports another model for {about} than was evaluated ({_counted(row.count, 'call')})."
        )
    return f"{row.application} reports another index for {about} than before ({_counted(row.count, 'call')})."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
