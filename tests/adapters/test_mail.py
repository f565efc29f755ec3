"""Mail over SMTP: what a small server of the test receives, and what never goes over an open line."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from webapp.adapters.mail import SmtpMail
from webapp.errors import InvalidInput, Unavailable
from webapp.settings import read_settings


class Session(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one message takes; no encryption, no passwords."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            server.heard.append(line)
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (line := self.rfile.readline()) != b".\r\n":
                    server.heard.append(line)
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.heard: list[bytes] = []


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def test_a_message_reaches_the_server_with_sender_receiver_and_text(server: Server) -> None:
    mail = SmtpMail(f"smtp://127.0.0.1:{server.server_address[1]}", "formulary@example.org")
    mail.send("ruth@example.org", "Somebody is locked out", "Kim is locked out.\n")
    heard = b"".join(server.heard)
    assert b"rcpt TO:<ruth@example.org>" in heard
    assert b"From: formulary@example.org" in heard
    assert b"Kim is locked out." in heard


def test_a_password_is_never_sent_over_a_line_that_anybody_reads(server: Server) -> None:
    url = f"smtp://sender:geheim@127.0.0.1:{server.server_address[1]}"
    with pytest.raises(Unavailable, match="wait"):
        SmtpMail(url, "formulary@example.org").send("ruth@example.org", "x", "y")
    assert not any(b"AUTH" in line or b"geheim" in line for line in server.heard)


def test_a_header_cannot_be_smuggled_in(server: Server) -> None:
    mail = SmtpMail(f"smtp://127.0.0.1:{server.server_address[1]}", "formulary@example.org")
    with pytest.raises(Unavailable):
        mail.send("ruth@example.org", "x\r\nBcc: eve@example.org", "y")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        SmtpMail("smtp://127.0.0.1:1", "formulary@example.org").send("ruth@example.org", "x", "y")


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ({"FORMULARY_SMTP_URL": "http://mail"}, "SMTP_URL must start"),
        ({"FORMULARY_SMTP_URL": "smtp://mail"}, "MAIL_FROM must be"),
        ({"FORMULARY_ALERT_MINUTES": "0"}, "ALERT_MINUTES must be"),
        ({"FORMULARY_ALERT_FAILURES": "1"}, "ALERT_FAILURES must be"),
    ],
)
def test_settings_that_would_tell_nobody_are_refused(setting: dict[str, str], fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        read_settings(setting)
