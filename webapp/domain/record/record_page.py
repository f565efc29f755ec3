"""The sign-off record for people: one HTML page without script or outside parts, and the columns of the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from html import escape
from itertools import groupby


@dataclass(frozen=True)
class SignedLine:
    """A signature in words; since when the signer held the role is what the statement says.

    Times are UTC; digests are SHA-256 in hexadecimal; ``entry`` is its place in the audit log.
    """

    prompt: str
    change: str
    title: str
    entry: int | None
    name: str
    role: str
    credentials: str
    meaning: str
    at: str
    level: str
    subject_sha256: str
    envelope_sha256: str
    validity: str
    role_since: str = ""
    role_granted_by: str = ""
    role_confirmed_by: str = ""

    def cells(self) -> tuple[object, ...]:
        """The line as cells, in the order of ``SIGNATURE_COLUMNS``."""
        return astuple(self)


SIGNATURE_COLUMNS = tuple(field.name for field in fields(SignedLine))
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem;border-bottom:1px solid #ccc}"
    "code{word-break:break-all;font-size:.85em}"
)


def record_page(organisation: str, lines: Sequence[SignedLine], notices: Sequence[str] = ()) -> bytes:
    """The page; every text is escaped, so that nothing in it can act. ``notices`` say what is missing in the whole record."""
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Sign-off record</title><style>{STYLE}</style></head>\n<body>\n',
        f"<h1>Sign-off record</h1>\n<p>{escape(organisation)}. <strong>The evidence is this bundle</strong>; this page is for reading. "
        "Times are UTC.</p>\n",
    ]
    parts.extend(f"<p><strong>{escape(notice)}</strong></p>\n" for notice in notices)
    for (prompt, change, title), signed in groupby(lines, key=lambda line: (line.prompt, line.change, line.title)):
        parts.append(f"<h2>{escape(prompt)}: {escape(title)}</h2>\n<p>Change <code>{escape(change)}</code></p>\n")
        parts.append("<table>\n<tr><th>Who</th><th>Meaning</th><th>When</th><th>Record</th></tr>\n")
        parts.extend(_row(line) for line in signed)
        parts.append("</table>\n")
    if not lines:
        parts.append("<p>Nobody signed anything in this export's scope.</p>\n")
    parts.append("</body>\n</html>\n")
    return "".join(parts).encode()


def _row(line: SignedLine) -> str:
    entry = "no entry" if line.entry is None else f"entry {line.entry}"
    who = f"<strong>{escape(line.name)}</strong><br>{escape(line.credentials or line.role)}"
    if line.role_since:
        confirmed = f", confirmed by {line.role_confirmed_by}" if line.role_confirmed_by else ""
        who += f"<br>{escape(f'{line.role} since {line.role_since}, granted by {line.role_granted_by}{confirmed}')}"
    digests = (
        f"contents <code>{escape(line.subject_sha256)}</code><br>envelope <code>{escape(line.envelope_sha256)}</code>"
    )
    record = f"{entry}, level {escape(line.level)}, {escape(line.validity)}<br>{digests}"
    return f"<tr><td>{who}</td><td>{escape(line.meaning)}</td><td>{escape(line.at)}</td><td>{record}</td></tr>\n"
