"""The record of one change as a committee reads it: sections of words, tables and lines, before any paper is chosen.

What must not live here: where the words come from (services), and how they are set (``webapp.adapters.paper``).
"""

from __future__ import annotations

from dataclasses import dataclass

EVIDENCE = "The evidence is the bundle, not this paper."


@dataclass(frozen=True)
class Words:
    """A paragraph. ``is_strong``: set in bold."""

    text: str
    is_strong: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: heads, rows of texts, and the share of the width that each column takes (in percent, 100 in all)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


@dataclass(frozen=True)
class Lines:
    """Lines of a text, each with a mark before it: ``+`` new, ``-`` no longer, blank the same."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """A part of the record under its heading; never empty: what there is nothing of is said in words."""

    title: str
    parts: tuple[Words | Grid | Lines, ...]


@dataclass(frozen=True)
class Dossier:
    """The whole record. ``foot`` stands at the foot of every page."""

    title: str
    foot: str
    sections: tuple[Section, ...]


def digest_prefix(digest: str) -> str:
    """The first sixteen digits of a digest in groups of eight, as they are compared by eye."""
    return f"{digest[:8]} {digest[8:16]}"
