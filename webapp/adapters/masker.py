"""The masker: what applications report is stored only after identifiers of usual form were blotted out.

It works by anchored patterns and misses names in running text; pages say so. Patterns run in RE2, in linear time.
"""

from __future__ import annotations

import re2

LONGEST_TEXT = 100_000
PATTERNS: tuple[tuple[str, str], ...] = (
    ("email", r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b"),
    ("ssn", r"\b\d{3}-\d{2}-\d{4}\b"),
    (
        "mrn",
        r"(?i)\b(?:mrn|nhs|hospital|medical record|record|patient|chart)\s*(?:no\.?|number|id|#)?\s*[:#]?\s*[A-Z]{0,3}[- ]?\d[\d -]{4,}\d",
    ),
    (
        "date_of_birth",
        r"(?i)\b(?:dob|d\.o\.b\.?|date of birth|born(?: on)?)\s*:?\s*[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ][0-9]{1,4}",
    ),
    ("phone", r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\b\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}\b|\b555-\d{4}\b"),
    (
        "address",
        r"\b\d{1,5} (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Way|Terrace|Close)\b",
    ),
    ("name", r"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*"),
)
_COMPILED = tuple((kind, re2.compile(pattern)) for kind, pattern in PATTERNS)


def mask(text: str) -> tuple[str, int]:
    """The text with each identifier as ``[kind]``, and how many there were; text beyond the limit is cut."""
    found = 0
    masked = text[:LONGEST_TEXT]
    for kind, pattern in _COMPILED:
        masked, count = pattern.subn(f"[{kind}]", masked)
        found += int(count)
    return masked, found


def identifiers(text: str) -> frozenset[str]:
    """The identifiers that ``mask`` would blot out, in small letters and single spaces, so that two texts can be compared."""
    found = (match.group(0) for _, pattern in _COMPILED for match in pattern.finditer(text[:LONGEST_TEXT]))
    return frozenset(" ".join(item.lower().split()) for item in found)
