"""A suite of test cases: reading it from JSONL, writing it back, and its digest.

What must not live here: scoring, and look-ups of codes or medicines.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NoReturn

import rfc8785

from webapp.domain.prompts.case_fields import CASE
from webapp.domain.prompts.faults import Fault, Faults, quote

LIMIT_BYTES = 8 * 1024 * 1024
LIMIT_LINES = 20_000


@dataclass(frozen=True)
class Medication:
    """A medicine with its dose as a decimal string; None where the encounter does not say."""

    drug: str
    dose: str | None = None
    unit: str | None = None
    route: str | None = None
    frequency: str | None = None


@dataclass(frozen=True)
class Identifier:
    """An identifier that stands in the input and may not stand in the answer."""

    type: str
    text: str


@dataclass(frozen=True)
class Chunk:
    """A retrieved piece of text, for cases with retrieval."""

    id: str
    text: str


@dataclass(frozen=True)
class Expected:
    """What a good answer holds and avoids."""

    reference: str | None = None
    must_include: tuple[str, ...] = ()
    must_not_include: tuple[str, ...] = ()
    medications: tuple[Medication, ...] = ()
    icd10: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    refusal: bool = False
    canary: str | None = None


@dataclass(frozen=True)
class Case:
    """One test case; ``cluster`` names the encounter or patient it belongs to, the case's own id by default.

    ``supersedes``: the id of the earlier case that this one replaces. ``provenance``: ids of what it was made from.
    """

    id: str
    category: str
    inputs: Mapping[str, str]
    context: tuple[Chunk, ...] = ()
    expected: Expected = Expected()
    cluster: str = ""
    subgroup: Mapping[str, str] = field(default_factory=dict)
    supersedes: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cluster", self.cluster or self.id)


@dataclass(frozen=True)
class Suite:
    """Cases in file order; ``digest`` is the sha256 (hex) of ``to_jsonl()`` without its last newline.

    ``lines``: where each case stands in the file that it was read from, counted from 1.
    """

    name: str
    cases: tuple[Case, ...]
    digest: str
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)

    def to_jsonl(self) -> bytes:
        """The suite in canonical form (RFC 8785), one case a line; reading it gives the same suite and digest."""
        return _canonical_lines(self.cases) + b"\n"


def case_document(case: Case) -> dict[str, Any]:
    """The case as JSON; what is not stated is left out, so that later optional fields change no digest."""
    cluster = None if case.cluster == case.id else case.cluster
    return {
        "id": case.id,
        "category": case.category,
        "inputs": dict(case.inputs),
        **_stated(
            context=[dict(vars(chunk)) for chunk in case.context],
            expected=_expected_document(case.expected),
            cluster=cluster,
            subgroup=dict(case.subgroup),
            supersedes=case.supersedes,
            provenance=dict(case.provenance),
        ),
    }


def suite_digest(cases: tuple[Case, ...]) -> str:
    """The sha256 (hex) over each case's canonical JSON, joined by newline, in order."""
    return hashlib.sha256(_canonical_lines(cases)).hexdigest()


def read_suite(raw: bytes, source: str, *, limit_bytes: int = LIMIT_BYTES, name: str | None = None) -> Suite:
    """The suite that the JSONL holds, named after its file unless told; InvalidInput with all faults otherwise."""
    faults = Faults()
    lines = _lines(raw, source, limit_bytes, faults)
    rows = ((line, _parse(text, source, line, faults)) for line, text in lines)
    return collect_suite(rows, source, faults, name)


def collect_suite(
    rows: Iterable[tuple[int, dict[str, Any] | None]], source: str, faults: Faults, name: str | None = None
) -> Suite:
    """The suite of these documents with their lines; InvalidInput with every fault of all of them otherwise.

    A row without a document has its fault in ``faults`` already.
    """
    read = _Reading(source, faults)
    for line, document in rows:
        if document is not None:
            read.take(line, document)
    if not read.cases and not faults.count:
        faults.add(Fault(source, "", "the suite is empty; write at least one case"))
    read.check_superseding()
    faults.raise_if_any()
    cases = tuple(read.cases)
    return Suite(name or PurePosixPath(source).stem, cases, suite_digest(cases), tuple(read.lines))


@dataclass
class _Reading:
    """The good cases so far with their lines, and where each id was used first."""

    source: str
    faults: Faults
    cases: list[Case] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    first_line: dict[str, int] = field(default_factory=dict)

    def take(self, line: int, document: dict[str, Any]) -> None:
        """The case is kept, or each of its faults is."""
        before = self.faults.count
        for where, sentence in CASE.complaints(document, ""):
            self.faults.add(Fault(self.source, where, sentence, line))
        is_good = self.faults.count == before
        self._remember_id(document.get("id"), line)
        if is_good:
            self.cases.append(_case(document))
            self.lines.append(line)

    def check_superseding(self) -> None:
        """No case replaces itself or one that is still there."""
        for case, line in zip(self.cases, self.lines, strict=True):
            if case.supersedes is None or case.supersedes not in self.first_line:
                continue
            sentence = f"replaces {quote(case.supersedes)!r}, which still stands in line {self.first_line[case.supersedes]}; keep one of them"
            if case.supersedes == case.id:
                sentence = "names the case itself; give the new case an id of its own"
            self.faults.add(Fault(self.source, "supersedes", sentence, line))

    def _remember_id(self, name: object, line: int) -> None:
        if isinstance(name, str) and self.first_line.setdefault(name, line) != line:
            sentence = f"{quote(name)!r} is used in line {self.first_line[name]} already"
            self.faults.add(Fault(self.source, "id", sentence, line))


def _canonical_lines(cases: tuple[Case, ...]) -> bytes:
    return b"\n".join(rfc8785.dumps(case_document(case)) for case in cases)


def _stated(**fields: Any) -> dict[str, Any]:
    """The fields without those that say nothing (absent, empty, false)."""
    return {name: value for name, value in fields.items() if value}


def _expected_document(expected: Expected) -> dict[str, Any]:
    return _stated(
        reference=expected.reference,
        must_include=list(expected.must_include),
        must_not_include=list(expected.must_not_include),
        medications=[_stated(**vars(medication)) for medication in expected.medications],
        icd10=list(expected.icd10),
        identifiers=[dict(vars(identifier)) for identifier in expected.identifiers],
        refusal=expected.refusal,
        canary=expected.canary,
    )


def _lines(raw: bytes, source: str, limit_bytes: int, faults: Faults) -> Iterator[tuple[int, bytes]]:
    """Each line with its number from 1, blank ones skipped; splits at newlines only, never inside a JSON text."""
    if len(raw) > limit_bytes:
        faults.add(Fault(source, "", f"has {len(raw)} bytes; at most {limit_bytes} are allowed. Split the suite"))
        return
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.add(Fault(source, "", "begins with a byte order mark; save it as plain UTF-8", 1))
        return
    if raw.count(b"\n") > LIMIT_LINES:
        faults.add(Fault(source, "", f"has more than {LIMIT_LINES} lines. Split the suite"))
        return
    for line, text in enumerate(raw.split(b"\n"), 1):
        if text.strip():
            yield line, text


def _parse(text: bytes, source: str, line: int, faults: Faults) -> dict[str, Any] | None:
    try:
        document = json.loads(
            text.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        sentence = "is not UTF-8; save the file as UTF-8"
    except _NotAllowed as found:
        sentence = str(found)
    except json.JSONDecodeError as found:
        sentence = f"is not JSON at column {found.colno}: {found.msg}; write one JSON object a line"
    except (ValueError, RecursionError):
        sentence = "holds a number that is too long or is nested too deeply"
    else:
        if isinstance(document, dict):
            return document
        sentence = "is not a JSON object; write one case in braces a line"
    faults.add(Fault(source, "", sentence, line))
    return None


class _NotAllowed(Exception):
    """Valid for Python's JSON reader, not for ours."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _NotAllowed(f"names {quote(twice)!r} twice; keep one of them")
    return document


def _refuse_constant(word: str) -> NoReturn:
    raise _NotAllowed(f"holds {word}, which is not JSON; write a number or null")


def _case(document: dict[str, Any]) -> Case:
    """The case of a document that the table found good."""
    return Case(
        id=document["id"],
        category=document["category"],
        inputs=document["inputs"],
        context=tuple(Chunk(**chunk) for chunk in document.get("context", ())),
        expected=_expected(document.get("expected", {})),
        cluster=document.get("cluster") or "",
        subgroup=document.get("subgroup", {}),
        supersedes=document.get("supersedes"),
        provenance=document.get("provenance", {}),
    )


def _expected(document: dict[str, Any]) -> Expected:
    return Expected(
        reference=document.get("reference"),
        must_include=tuple(document.get("must_include", ())),
        must_not_include=tuple(document.get("must_not_include", ())),
        medications=tuple(Medication(**row) for row in document.get("medications", ())),
        icd10=tuple(document.get("icd10", ())),
        identifiers=tuple(Identifier(**row) for row in document.get("identifiers", ())),
        refusal=document.get("refusal", False),
        canary=document.get("canary"),
    )
