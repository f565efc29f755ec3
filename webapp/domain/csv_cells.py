"""Cells of a CSV file that a spreadsheet opens: text stays text, whatever it begins with.

What must not live here: which columns a file has.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(value: object) -> str:
    """The value as a cell that no spreadsheet runs: text that starts like a formula gets an apostrophe before it.

    Numbers keep their sign; None is an empty cell. Source: OWASP, CSV injection.
    """
    if value is None:
        return ""
    text = str(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) and not is_number else text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Each row as a line of UTF-8 CSV (RFC 4180), one at a time, so that a file of any length needs little memory."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    for row in rows:
        writer.writerow([plain_cell(value) for value in row])
        yield page.getvalue().encode("utf-8", "replace")
        page.seek(0)
        page.truncate()
