"""What an author hands in, read and found good before anything is stored.

What must not live here: the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.characters import odd_characters
from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.lint import lint_prompt
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.suite import Suite, read_suite
from webapp.domain.workflow import RiskClass
from webapp.domain.workflow.evidence import LONGEST_CHANGES
from webapp.errors import InvalidInput, Refused

LONGEST_TEXT = 2_000
LONGEST_OF = {"title": 200, "changes": LONGEST_CHANGES}
TEXTS = ("title", "changes", "intended_use", "not_for", "downtime_text")
MOST_CONTRIBUTORS = 200


@dataclass(frozen=True)
class Submission:
    """What an author hands in. Texts left empty are taken from the file, then from the live release.

    ``suite``: JSON lines as bytes. ``contributors``: (name, mail address) of git authors and co-authors.
    ``only_prompts``: the prompts that the sender may submit at all; empty means every prompt.
    """

    prompt: bytes
    source: str = "the prompt file"
    suite: bytes | None = None
    suite_digest: str | None = None
    suite_contains_phi: bool = False
    title: str = ""
    risk_class: str | None = None
    changes: str = ""
    intended_use: str = ""
    not_for: str = ""
    downtime_text: str = ""
    model: str | None = None
    fallbacks: Sequence[str] = ()
    plan: Any = None
    contributors: Sequence[tuple[str, str]] = ()
    prompt_name: str | None = None
    only_prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadSubmission:
    """A submission that is good in itself: the file, its bytes, its test set, and what a person should look at."""

    given: Submission
    file: PromptFile
    suite: Suite | None
    asked_class: RiskClass | None
    warnings: tuple[str, ...]

    @property
    def stated_class(self) -> RiskClass | None:
        """The class asked for with the submission, else the one the file proposes."""
        return self.asked_class or risk_class_of(self.file.risk_class)


def read_submission(given: Submission) -> ReadSubmission:
    """File, test set, texts and names are good in themselves; InvalidInput names what is not."""
    file = read_prompt(read_yaml(given.prompt, given.source), given.source)
    if given.prompt_name and given.prompt_name != file.name:
        raise InvalidInput(f"{given.source} is for the prompt {file.name}, not for {given.prompt_name}.")
    if given.only_prompts and file.name not in given.only_prompts:
        raise Refused(f"This token is for {', '.join(given.only_prompts)} only, not for {file.name}.", code="scope")
    warnings = _lint(file, given)
    _check_texts(given)
    _check_contributors(given.contributors)
    suite = None if given.suite is None else read_suite(given.suite, "the test set", name=file.name)
    return ReadSubmission(given, file, suite, risk_class_of(given.risk_class), warnings)


def risk_class_of(text: str | None) -> RiskClass | None:
    """The class of that name, None where none is stated."""
    if text is None or text == "":
        return None
    if text not in list(RiskClass):
        raise InvalidInput("The risk class is administrative, clinical or high_risk.")
    return RiskClass(text)


def _lint(file: PromptFile, given: Submission) -> tuple[str, ...]:
    """The warnings; InvalidInput where something must be mended first."""
    found = lint_prompt(file, raw=given.prompt.decode())
    faults = Faults()
    for finding in found:
        if finding.level == "error":
            faults.add(Fault(given.source, finding.field, finding.sentence, finding.line))
    faults.raise_if_any()
    return tuple(finding.sentence for finding in found)


def _check_texts(given: Submission) -> None:
    """Each typed text is short enough and shows every character it holds."""
    faults = Faults()
    for name in TEXTS:
        text, longest = str(getattr(given, name)), LONGEST_OF.get(name, LONGEST_TEXT)
        if len(text) > longest:
            faults.add(Fault("the submission", name, f"at most {longest} characters, please; this has {len(text)}."))
        hidden = [odd for odd in odd_characters(text) if odd.kind in ("hidden", "bidirectional")]
        if hidden:
            sentence = f"there is a {hidden[0].kind} character {hidden[0].code_point} ({hidden[0].name}); remove it."
            faults.add(Fault("the submission", name, sentence))
    faults.raise_if_any()


def _check_contributors(people: Sequence[tuple[str, str]]) -> None:
    if len(people) > MOST_CONTRIBUTORS:
        raise InvalidInput(f"At most {MOST_CONTRIBUTORS} contributors can be named with one submission.")
    for name, email in people:
        if not email.strip() or len(email) > 254 or len(name) > 200 or odd_characters(email):
            raise InvalidInput("Each contributor is named with a mail address of plain characters, as git records it.")
