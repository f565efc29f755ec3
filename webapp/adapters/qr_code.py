"""QR codes: as a picture for a page, and as blocks for a terminal or a printed log."""

from __future__ import annotations

from io import BytesIO, StringIO

import segno

MIDDLE = "m"  # fifteen of a hundred parts may be unreadable: a folded card still reads


def svg(text: str) -> bytes:
    """The text as a QR code: an SVG document without script or style."""
    out = BytesIO()
    segno.make(text, error=MIDDLE).save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff", nl=False)
    return out.getvalue()


def blocks(text: str) -> str:
    """The text as a QR code of block characters, light on dark as terminals are; lines end with a newline."""
    out = StringIO()
    segno.make(text, error=MIDDLE).terminal(out, border=2, compact=True)
    return out.getvalue()
