"""Look-ups in the ICD-10-CM table of the package simple_icd_10_cm. How codes are scored is not known here."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from webapp.domain.scorers.interface import Lookups
from webapp.errors import Unavailable

_LONGEST_CODE = 8  # seven characters and the dot


def icd10_lookups() -> Lookups:
    """The three questions a scorer may ask; the table is loaded with the first question."""
    return Lookups(code_exists=code_exists, is_billable=is_billable, category_of=category_of)


def code_exists(code: str) -> bool:
    """Whether the code is a category or code of ICD-10-CM; chapters and blocks such as E08-E13 are none."""
    return _facts(_plain(code)) is not None


def is_billable(code: str) -> bool:
    """Whether the code exists and nothing more specific stands under it."""
    facts = _facts(_plain(code))
    return facts is not None and facts[0]


def category_of(code: str) -> str | None:
    """The three-character category of an existing code, else None."""
    facts = _facts(_plain(code))
    return facts[1] if facts else None


def _plain(code: str) -> str:
    """Upper case without the dot, since the table is case-sensitive and takes codes either way."""
    return code.strip().upper().replace(".", "", 1)


@lru_cache(maxsize=65_536)
def _facts(plain: str) -> tuple[bool, str] | None:
    """Whether billable, and the category; None for what is no code."""
    if not 3 <= len(plain) < _LONGEST_CODE or not plain.isalnum() or not plain.isascii():
        return None
    table = _table()
    if not table.is_valid_item(plain) or table.is_chapter_or_block(plain):
        return None
    return bool(table.is_leaf(plain)), plain[:3]


@lru_cache(maxsize=1)
def _table() -> ModuleType:
    # the import reads 98,505 codes and takes more than a second: only when a code is asked for
    try:
        import simple_icd_10_cm
    except ImportError as missing:
        raise Unavailable("The ICD-10-CM table is not installed. Install the package simple-icd-10-cm.") from missing
    return simple_icd_10_cm  # type: ignore[no-any-return,unused-ignore]
