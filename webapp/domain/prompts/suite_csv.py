"""A suite as a table (CSV): one case a row, one field a column, read by the same rules as JSON lines.

Columns: ``id``, ``category``, ``cluster``, ``supersedes``; ``inputs.NAME``, ``context.ID``, ``subgroup.NAME``,
``provenance.NAME``; ``expected.`` with reference, must_include, must_not_include, medications, icd10, identifiers, refusal,
canary. A list is written one item a line inside the cell. An empty cell says nothing. What must not live here: what the
fields may hold (``case_fields``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from webapp.domain.prompts.case_fields import EXPECTED, MEDICATION
from webapp.domain.prompts.faults import Fault, Faults, quote
from webapp.domain.prompts.suite import LIMIT_BYTES, LIMIT_LINES, Suite, collect_suite

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PLAIN = ("id", "category", "cluster", "supersedes")
EXPECTATIONS = tuple(f"expected.{name}" for name in EXPECTED.slots)
GROUPS = ("inputs", "context", "subgroup", "provenance")
COLUMNS = (*PLAIN, *EXPECTATIONS, *(f"{group}.NAME" for group in GROUPS))
PARTS = "|"
# What a spreadsheet writes where a formula stood or failed; the text of an encounter does not look like this.
FORMULA = re.compile(r"=\s*[A-Za-z(+\-@\"'0-9]")
SPREADSHEET_ERROR = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NULL!|NUM!|SPILL!|CALC!)")

# The reader's own limit is small and belongs to the whole process; ours are the size of the file and of each field.
csv.field_size_limit(LIMIT_BYTES + 1)


def read_suite_csv(raw: bytes, source: str, *, limit_bytes: int = LIMIT_BYTES, name: str | None = None) -> Suite:
    """The suite that the table holds; InvalidInput with all faults by line and column otherwise."""
    faults = Faults()
    text = _decoded(raw, source, limit_bytes, faults)
    faults.raise_if_any()
    rows = _rows(text, source, faults)
    _, header = next(rows, (1, []))
    columns = _columns(header, source, faults)
    faults.raise_if_any()
    documents = ((line, _document(columns, cells, source, line, faults)) for line, cells in rows)
    return collect_suite(documents, source, faults, name)


def _decoded(raw: bytes, source: str, limit_bytes: int, faults: Faults) -> str:
    if len(raw) > limit_bytes:
        faults.add(Fault(source, "", f"has {len(raw)} bytes; at most {limit_bytes} are allowed. Split the suite"))
        return ""
    try:
        return raw.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as found:
        line = raw.count(b"\n", 0, found.start) + 1
        faults.add(Fault(source, "", "is not UTF-8; save it as CSV UTF-8 (comma separated)", line))
        return ""


def _rows(text: str, source: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Each row that says something with the line where it begins; a fault in the quoting ends the reading."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as found:
            faults.add(
                Fault(source, "", f"has a quotation mark out of place ({found}); rows after it were not read", line)
            )
            return
        if cells is None:
            return
        count += 1
        if count > LIMIT_LINES:
            faults.add(Fault(source, "", f"has more than {LIMIT_LINES} rows. Split the suite", line))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(header: Sequence[str], source: str, faults: Faults) -> list[str]:
    """The names of the columns, each known and named once."""
    columns = [cell.strip() for cell in header]
    if len(columns) == 1 and re.search(r"[;\t]", columns[0]):
        faults.add(Fault(source, "", "is not separated by commas; save it as CSV UTF-8 (comma separated)", 1))
        return columns
    for place, column in enumerate(columns):
        sentence = "" if column else f"column {place + 1} has no name; name it or remove it"
        if column in columns[:place]:
            sentence = f"column {place + 1} has the same name as column {columns.index(column) + 1}; keep one of them"
        elif column and not _is_known(column):
            close = get_close_matches(column[:60], COLUMNS, 1)
            sentence = (
                f"is not a known column; did you mean {close[0]}?"
                if close
                else f"is not a known column; known are {', '.join(COLUMNS)}"
            )
        if sentence:
            faults.add(Fault(source, quote(column, 40), sentence, 1))
    for needed in ("id", "category"):
        if needed not in columns:
            faults.add(Fault(source, needed, "this column is missing; the first line names the columns", 1))
    if not any(column.startswith("inputs.") for column in columns):
        faults.add(Fault(source, "inputs", "no column inputs.NAME gives a template variable its value", 1))
    return columns


def _is_known(column: str) -> bool:
    group, _, name = column.partition(".")
    return column in PLAIN or column in EXPECTATIONS or (group in GROUPS and bool(name))


def _document(
    columns: Sequence[str], cells: Sequence[str], source: str, line: int, faults: Faults
) -> dict[str, Any] | None:
    """The row as the JSON form of a case; None with a fault where its cells do not fit the columns."""
    if len(cells) != len(columns):
        sentence = f"has {len(cells)} cells, but the first line names {len(columns)} columns"
        faults.add(Fault(source, "", sentence + "; quote cells that hold commas", line))
        return None
    document: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        text = cell.replace("\r\n", "\n").replace("\r", "\n")
        if FORMULA.match(text) or SPREADSHEET_ERROR.fullmatch(text.strip()):
            faults.add(Fault(source, column, "holds a spreadsheet formula or its error; save the values instead", line))
        elif text.strip():
            _place(document, column, text)
    return document


def _place(document: dict[str, Any], column: str, text: str) -> None:
    group, _, name = column.partition(".")
    if group == "context":
        document.setdefault("context", []).append({"id": name, "text": text})
    elif group == "expected":
        document.setdefault("expected", {})[name] = READ.get(name, _text)(text)
    elif name:
        document.setdefault(group, {})[name] = text if group == "inputs" else text.strip()
    else:
        document[column] = text.strip()


def _text(text: str) -> str:
    return text.strip()


def _items(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _codes(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text.strip())


def _truth(text: str) -> object:
    """True or false as spreadsheets write them; anything else as it is, for the field to refuse."""
    return {"true": True, "false": False}.get(text.strip().lower(), text.strip())


def _medications(text: str) -> list[dict[str, str | None]]:
    """One medicine a line: drug | dose | unit | route | frequency; what is left empty is not stated."""
    return [_named(line, tuple(MEDICATION.slots)) for line in _items(text)]


def _identifiers(text: str) -> list[dict[str, str | None]]:
    """One identifier a line: type | text as it stands in the input."""
    return [_named(line, ("type", "text")) for line in _items(text)]


def _named(line: str, names: tuple[str, ...]) -> dict[str, str | None]:
    parts = [part.strip() for part in line.split(PARTS, len(names) - 1)]
    return {name: part for name, part in zip(names, parts, strict=False) if part}


READ: dict[str, Callable[[str], object]] = {
    "must_include": _items,
    "must_not_include": _items,
    "medications": _medications,
    "icd10": _codes,
    "identifiers": _identifiers,
    "refusal": _truth,
}
