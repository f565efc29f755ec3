"""The audit pack: what an auditor asks of a period, as one page to read and as tables; the entries of the period are named by number.

What must not live here: finding the rows (services), and the evidence itself, which is the rest of the bundle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from webapp.domain.record.record_page import STYLE

WIDE = "body{max-width:80rem}.wide{overflow-x:auto}td,th{font-size:.8rem}td{overflow-wrap:anywhere;min-width:4rem}"


@dataclass(frozen=True)
class Period:
    """A period of the log: ``since`` and ``until`` (exclusive) as in entries, the first and last entry in it, the signatures among them.

    ``first`` and ``last`` are None when no entry is of this period.
    """

    since: str
    until: str
    first: int | None
    last: int | None
    signatures: int

    @property
    def sentence(self) -> str:
        """What the pack covers, as it is printed; ``verify.py`` counts it anew."""
        if self.first is None:
            return "No entry of the log is of this period, and no signature."
        return f"Entries {self.first} to {self.last} of this period, and no further signature among them: {self.signatures} in all."

    def document(self) -> dict[str, Any]:
        """The same for the list of contents."""
        return {
            "since": self.since,
            "until": self.until,
            "first": self.first,
            "last": self.last,
            "signatures": self.signatures,
        }


@dataclass(frozen=True)
class Table:
    """One list of the pack. ``name`` is that of its file; ``about`` says what stands in it, ``empty`` what its absence means."""

    name: str
    title: str
    about: str
    empty: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]


def pack_page(organisation: str, period: Period, tables: Sequence[Table]) -> bytes:
    """The page; every text is escaped, so that nothing in it can act."""
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Audit pack</title><style>{STYLE}{WIDE}</style></head>\n<body>\n',
        f"<h1>Audit pack</h1>\n<p>{escape(organisation)}, {escape(period.since)} to before {escape(period.until)} (UTC).</p>\n",
        f"<p><strong>{escape(period.sentence)}</strong> verify.py counts this anew from the log.</p>\n",
        "<p><strong>The evidence is this bundle</strong>; this page is for reading. Each list is also a table in views/audit-pack/.</p>\n",
    ]
    for table in tables:
        parts.append(f"<h2>{escape(table.title)} ({len(table.rows)})</h2>\n<p>{escape(table.about)}</p>\n")
        parts.extend(_lines(table) if table.rows else (f"<p>{escape(table.empty)}</p>\n",))
    parts.append("</body>\n</html>\n")
    return "".join(parts).encode()


def _lines(table: Table) -> list[str]:
    heads = "".join(f"<th>{escape(column.replace('_', ' '))}</th>" for column in table.columns)
    rows = ("".join(f"<td>{escape('' if cell is None else str(cell))}</td>" for cell in row) for row in table.rows)
    return [
        '<div class="wide">\n<table>\n',
        f"<tr>{heads}</tr>\n",
        *(f"<tr>{row}</tr>\n" for row in rows),
        "</table>\n</div>\n",
    ]
