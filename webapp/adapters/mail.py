"""Mail that leaves by SMTP: plain text, to one address at a time.

What must not live here: who is written to and why. Passwords are never sent over a connection that anybody can read.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from webapp.errors import Unavailable

SECONDS = 15
PORTS = {"smtp": 587, "smtps": 465}
NO_ANSWER = "The mail server does not take messages now; they wait and are sent later."


class Mail(Protocol):
    """Whatever takes a message to one person."""

    def send(self, to: str, subject: str, text: str) -> None:
        """The message is handed over; Unavailable when it was not."""


@dataclass(frozen=True)
class SmtpMail:
    """The mail server at ``url`` (``smtp://`` or ``smtps://``, with user and password where it wants them)."""

    url: str
    sender: str

    def send(self, to: str, subject: str, text: str) -> None:
        """The mail server has the message; Unavailable when it did not take it."""
        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, to, subject
            message.set_content(text)
            with self._connect() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unavailable(NO_ANSWER) from error

    def _connect(self) -> smtplib.SMTP:
        parts, safe = urlsplit(self.url), ssl.create_default_context()
        host, port = parts.hostname or "localhost", parts.port or PORTS[parts.scheme]
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=safe)
        else:
            server = smtplib.SMTP(host, port, timeout=SECONDS)
            server.ehlo()
            if server.has_extn("starttls") or parts.username:
                server.starttls(context=safe)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server
