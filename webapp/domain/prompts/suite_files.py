"""A suite in whichever of its two forms it comes: JSON lines or CSV.

What must not live here: either form itself.
"""

from __future__ import annotations

from webapp.domain.prompts.suite import Suite, read_suite
from webapp.domain.prompts.suite_csv import read_suite_csv

JSONL, CSV = "jsonl", "csv"
FORMS = (JSONL, CSV)
SUFFIXES = (".jsonl", ".csv")


def form_of(file_name: str) -> str:
    """The form that the file's name tells: CSV for ``.csv``, JSON lines otherwise."""
    return CSV if file_name.lower().endswith(".csv") else JSONL


def read_suite_file(raw: bytes, source: str, *, form: str | None = None, name: str | None = None) -> Suite:
    """The suite, read as ``form`` or as its file's name tells; InvalidInput with all faults otherwise."""
    read = read_suite_csv if (form or form_of(source)) == CSV else read_suite
    return read(raw, source, name=name)
