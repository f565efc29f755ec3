"""Canonical JSON (RFC 8785) as the record uses it, and its digests.

What must not live here: what the documents mean.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785

from webapp.errors import InvalidInput

LARGEST_INTEGER = 2**53 - 1
_HALF_A_PAIR = re.compile("[\ud800-\udfff]").search


def sha256_hex(content: bytes) -> str:
    """The lower-case hexadecimal SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()


def canonical(document: Any) -> bytes:
    """The RFC 8785 bytes of ``document``.

    Refuses (InvalidInput) floats, integers of 2^53 and more, strings that are not NFC or hold half a surrogate pair, keys that are
    not strings and nesting too deep to be read, so that two encoders can never disagree about the same record.
    """
    try:
        _require_canonical(document)
        return rfc8785.dumps(document)
    except RecursionError as error:
        raise InvalidInput("The record is nested too deeply.") from error


def digest_of(document: Any) -> str:
    """The SHA-256 of the canonical bytes of ``document``, in hexadecimal."""
    return sha256_hex(canonical(document))


def normalised(document: Any) -> Any:
    """``document`` with every string and key in NFC, tuples as lists; anything else unchanged.

    Refuses (InvalidInput) two keys that become one.
    """
    if isinstance(document, str):
        return unicodedata.normalize("NFC", document)
    if isinstance(document, Mapping):
        return _without_duplicates([(normalised(key), normalised(value)) for key, value in document.items()])
    if isinstance(document, list | tuple):
        return [normalised(item) for item in document]
    return document


def read_canonical(content: bytes) -> Any:
    """The document whose canonical bytes are ``content``; InvalidInput when they are not canonical (duplicate keys included)."""
    try:
        document = json.loads(content, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The record is not valid JSON.") from error
    if canonical(document) != content:
        raise InvalidInput("The record is not in canonical form (RFC 8785).")
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise InvalidInput("The record names one key twice.")
    return document


def _require_canonical(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise InvalidInput("A number in the record is too large to be read the same everywhere.")
    elif isinstance(value, str):
        _require_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InvalidInput("A key in the record is not a text.")
            _require_text(key)
            _require_canonical(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_canonical(item)
    else:
        raise InvalidInput(f"A {type(value).__name__} cannot stand in the record.")


def _require_text(text: str) -> None:
    if text.isascii():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise InvalidInput("A text in the record is not in Unicode normal form C.")
    if _HALF_A_PAIR(text):
        raise InvalidInput("A text in the record holds half a character (a lone surrogate); type it again.")
