"""Retrieval: every source that the answer cites was retrieved and says what it is cited for."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Finding, Lookups, Score, not_applicable, scored, unscored
from webapp.domain.scorers.retrieval_citations import Claim, citations_of, claims_of
from webapp.domain.scorers.retrieval_words import content_words, numbers_of, read_source, says_the_opposite
from webapp.domain.scorers.usable import nothing_to_score

NAME = "retrieval"
VERSION = "1"
LIMITS = (
    "Holds each citation against the retrieved text by words, numbers and denial; it does not understand either. A faithful "
    "sentence in other words counts as unsupported, a false one in the words of its source as supported. What is said without a "
    'citation is not looked at, and a source named by its title ("as ADA says") is no citation.'
)
LEAST_SHARE = 0.5
MOST_CITATIONS = 1_000


def score(case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The share of citations that were retrieved and support their sentence; 0 where nothing is cited."""
    if not case.context or case.expected.refusal:
        return not_applicable(NAME)
    unusable = nothing_to_score(NAME, case, answer)
    if unusable:
        return scored(NAME, 0.0, (unusable,))
    citations = citations_of(answer.text, case.context, MOST_CITATIONS + 1)
    count = sum(map(len, citations))
    if count > MOST_CITATIONS:
        return unscored(NAME, "too_many", f"The answer cites more than {MOST_CITATIONS} times, so it was not checked")
    if not count:
        return scored(NAME, 0.0, (Finding(NAME, "no_citation", "The answer cites none of the retrieved texts"),))
    findings = tuple(finding for claim in claims_of(answer.text, citations) for finding in _faults(claim))
    return scored(NAME, 1 - len(findings) / count, findings)


def _faults(claim: Claim) -> Iterator[Finding]:
    """One finding per citation that fails; the gravest reason of each."""
    for cited in claim.cited:
        if cited.chunk is None:
            sentence = f'Cites "{_short(cited.name)}", which was not among the retrieved texts'
            yield Finding(NAME, "invented_citation", sentence, span=cited.span)
    retrieved = [cited for cited in claim.cited if cited.chunk is not None]
    if claim.is_listed or not retrieved:
        return
    fault = _fault([cited.chunk.text for cited in retrieved if cited.chunk], claim.words)
    words = content_words(claim.words)
    for cited in retrieved:
        own = fault or (None if cited.chunk and words & read_source(cited.chunk.text).words else _UNSAID)
        if own:
            code, sentence = own
            yield Finding(NAME, code, f'Cites "{_short(cited.name)}" {sentence}', span=cited.span)


_UNSAID = ("unsupported_citation", "for something that it does not say")


def _fault(texts: list[str], words: str) -> tuple[str, str] | None:
    """Why these sources together do not support the words; None where they do as far as this check sees."""
    sources = [read_source(text) for text in texts]
    wanted = content_words(words)
    if not wanted:
        return "cites_for_nothing", "for no words at all"
    missing = numbers_of(words) - frozenset[str]().union(*(source.numbers for source in sources))
    if missing:
        return "unsupported_number", f"for {_listed(missing)}, which it does not say"
    if len(wanted & frozenset[str]().union(*(source.words for source in sources))) < LEAST_SHARE * len(wanted):
        return _UNSAID
    if says_the_opposite(words, sources):
        return "contradicted_citation", "for the opposite of what it says"
    return None


def _listed(numbers: frozenset[str]) -> str:
    return ", ".join(_short(number) for number in sorted(numbers)[:3])


def _short(name: str) -> str:
    return name[:60]
