"""Setting a record as PDF: text only, from memory to one file. Nothing in a text can act, be fetched or be hidden.

Every text is escaped before it is set, so markup in it is printed as it stands; a character that the font cannot show is printed by its
code point. No picture, link, script or file of the text's choosing exists on this way. What must not live here: what a record says.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from webapp.domain.record.dossier import Dossier, Grid, Lines, Words

SANS, BOLD = "FormularySans", "FormularySans-Bold"
FONTS = (  # the first that is here: more letters of the world, or else the one that comes with the library
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    ("Vera.ttf", "VeraBd.ttf"),
)
LONGEST_PART = 4000  # a longer paragraph is set as several, so that none is higher than a page
MARGIN = 50
UNSEEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
TINTS = {"+": "#e6f4ea", "-": "#fce8e6", " ": "#ffffff"}


def write_pdf(path: Path, dossier: Dossier) -> None:
    """The record stands at ``path`` as PDF, with a running foot and page numbers; the same record gives the same bytes."""
    _fonts()
    paper = SimpleDocTemplate(
        str(path), pagesize=A4, invariant=1, title=_shown(dossier.title), author="Prompt Formulary",
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 10,
    )  # fmt: skip
    story = [_paragraph(dossier.title, "title")]
    for section in dossier.sections:
        story.append(_paragraph(section.title, "heading"))
        for part in section.parts:
            story.extend(_set(part, paper.width))

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(SANS, 7)
        canvas.drawString(MARGIN, 30, _shown(dossier.foot)[:140])
        canvas.drawRightString(A4[0] - MARGIN, 30, f"page {page.page}")

    paper.build(story, onFirstPage=foot, onLaterPages=foot)


def _set(part: Words | Grid | Lines, width: float) -> Iterator[Any]:
    if isinstance(part, Words):
        yield from (_paragraph(text, "strong" if part.is_strong else "text") for text in _portions(part.text))
    elif isinstance(part, Lines):
        yield from (_line(mark, text) for mark, line in part.lines for text in _portions(line) or [""])
    else:
        yield _table(part, width)


def _line(mark: str, text: str) -> Any:
    style = ParagraphStyle(f"line{mark}", parent=_styles()["line"], backColor=colors.HexColor(TINTS[mark]))
    return Paragraph(f"{mark if mark.strip() else '&nbsp;'} {_markup(text)}", style)


def _table(grid: Grid, width: float) -> Any:
    rows = [[_paragraph(head, "head") for head in grid.columns]]
    rows += [[[_paragraph(text, "cell") for text in _portions(cell)] for cell in row] for row in grid.rows]
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.grey)]
    widths = [width * share / 100 for share in grid.shares]
    return Table(rows, colWidths=widths, repeatRows=1, style=style, splitInRow=1, spaceBefore=4, spaceAfter=8)


def _paragraph(text: str, style: str) -> Any:
    return Paragraph(_markup(text), _styles()[style])


def _portions(text: str) -> list[str]:
    lines = text.split("\n")
    return [line[at : at + LONGEST_PART] for line in lines for at in range(0, max(len(line), 1), LONGEST_PART)]


def _markup(text: str) -> str:
    """The text for the library's paragraphs, in which nothing is markup; blanks at the beginning stay."""
    shown = _shown(text)
    kept = len(shown) - len(shown.lstrip(" "))
    return "&nbsp;" * kept + escape(shown[kept:])


def _shown(text: str) -> str:
    """The text with every character that would not be seen as itself printed as its code point."""
    glyphs = _fonts()
    return "".join(
        char if ord(char) in glyphs and unicodedata.category(char) not in UNSEEN else f"[U+{ord(char):04X}]"
        for char in text.replace("\t", "    ")
    )


@cache
def _fonts() -> frozenset[int]:
    """The fonts are known to the library; returns which characters both can show."""
    rl_config.trustedHosts = rl_config.trustedSchemes = []  # it could fetch pictures; here it fetches nothing
    plain, bold = next(pair for pair in FONTS if "/" not in pair[0] or all(Path(name).is_file() for name in pair))
    faces = [TTFont(SANS, plain), TTFont(BOLD, bold)]
    for face in faces:
        pdfmetrics.registerFont(face)
    return frozenset(faces[0].face.charToGlyph) & frozenset(faces[1].face.charToGlyph)


@cache
def _styles() -> dict[str, Any]:
    text = ParagraphStyle("text", fontName=SANS, fontSize=9, leading=12, spaceAfter=4, wordWrap="LTR", splitLongWords=1)

    def like(name: str, **changed: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=text, **changed)

    return {
        "text": text,
        "strong": like("strong", fontName=BOLD),
        "title": like("title", fontName=BOLD, fontSize=16, leading=20, spaceAfter=10),
        "heading": like("heading", fontName=BOLD, fontSize=11, leading=14, spaceBefore=12, keepWithNext=1),
        "cell": like("cell", fontSize=7.5, leading=9.5, spaceAfter=0),
        "head": like(
            "head", fontName=BOLD, fontSize=7.5, leading=9.5, spaceAfter=0, textColor=colors.HexColor("#333333")
        ),
        "line": like("line", fontSize=7.5, leading=10, spaceAfter=0),
    }
