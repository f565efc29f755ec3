"""A record on paper says all of its words, whatever they are; nothing of them acts, is fetched or is hidden."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pypdf import PdfReader

from webapp.adapters.paper import write_pdf
from webapp.domain.record.dossier import Dossier, Grid, Lines, Section, Words

HOSTILE = (
    '<img src="file:///etc/passwd" width="10" height="10"/>',
    '<img src="http://127.0.0.1:9/x.png"/>',
    "<font color=\"[[[getattr(pow, Word('__globals__'))['os'].system('touch /tmp/exploited')]]]\">red</font>",
    "<para alignment=center>&nbsp;</para> & &amp; </b> <!-- x --> ]]>",
    "<a href='javascript:app.alert(1)'>link</a>",
    "%s %(name)s {0} {{ 7*7 }} ${jndi:ldap://x}",
    "(parenthesis \\ and \\) endobj stream",
)


def read(path: Path) -> str:
    """The text of every page without the line breaks that setting brought."""
    return "".join(page.extract_text() for page in PdfReader(path).pages).replace("\n", "").replace(" ", "")


def squeezed(text: str) -> str:
    return text.replace("\n", "").replace(" ", "")


def paper(tmp_path: Path, *parts: Words | Grid | Lines) -> Path:
    path = tmp_path / "record.pdf"
    write_pdf(path, Dossier("Record", "foot", (Section("Part", parts),)))
    return path


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_as_it_stands_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("setting a record asks nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    path = tmp_path / "record.pdf"
    part = (
        Words(text),
        Words(text, is_strong=True),
        Grid((text, "b"), ((text, text),), (50, 50)),
        Lines((("+", text), ("-", text))),
    )
    write_pdf(path, Dossier(text, text, (Section(text, part),)))
    assert read(path).count(squeezed(text)) >= 9
    content = path.read_bytes()
    for acting in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/EmbeddedFile", b"/Annot"):
        assert acting not in content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("a\u200bb", "a[U+200B]b"),
        ("\x00", "[U+0000]"),
        ("\U0001f9ea", "[U+1F9EA]"),
        ("\ue000", "[U+E000]"),
    ],
)
def test_what_would_not_be_seen_is_printed_by_its_code_point(tmp_path: Path, text: str, shown: str) -> None:
    assert shown in read(paper(tmp_path, Words(text)))


@pytest.mark.parametrize("text", ["x" * 60_000, "word " * 12_000, "\n" * 3_000, "", " ", "line\n\nline"])
def test_a_text_of_any_length_fits_on_pages(tmp_path: Path, text: str) -> None:
    cells = Grid(("a", "b"), ((text, text), ("last", "row")), (10, 90))
    said = read(paper(tmp_path, Words(text), Lines((("+", text), (" ", "end"))), cells))
    assert said.count("x") >= 3 * text.count("x")
    assert "lastrow" in said


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    first = paper(tmp_path, Words("The dose is 500 mg.")).read_bytes()
    assert paper(tmp_path, Words("The dose is 500 mg.")).read_bytes() == first


def test_letters_with_diacritics_and_signs_of_medicine_are_letters(tmp_path: Path) -> None:
    assert "Müller,Łukasz,Señor:≤5µg,±2%" in read(paper(tmp_path, Words("Müller, Łukasz, Señor: ≤ 5 µg, ± 2 %")))
