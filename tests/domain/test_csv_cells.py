"""Cells of a CSV file: text stays text in a spreadsheet, numbers stay numbers."""

from __future__ import annotations

import csv
import io

import pytest

from webapp.domain.csv_cells import csv_lines, plain_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_like_a_formula_is_no_formula(start: str) -> None:
    assert plain_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_numbers_keep_their_sign_and_nothing_is_an_empty_cell() -> None:
    assert [plain_cell(value) for value in (-5, -0.25, None, 0, "plain")] == ["-5", "-0.25", "", "0", "plain"]


def test_any_text_comes_back_as_it_was() -> None:
    rows = [["a,b", 'he said "no"', "two\nlines"], ["ä", "", "\u202e"]]
    text = b"".join(csv_lines(rows)).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


def test_rows_are_written_one_at_a_time() -> None:
    lines = csv_lines(iter([["first"], ["second"]]))
    assert next(lines) == b"first\r\n"
    assert next(lines) == b"second\r\n"
