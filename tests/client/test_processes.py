"""Where applications run: several processes over one folder, processes that fork or end without a word, a line under the hospital's own keys."""

from __future__ import annotations

import datetime
import json
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from formulary_client import Client, Starting
from formulary_client.reporting import Reports

ROOT = Path(__file__).resolve().parents[2]
KEY = "ab" * 32
STARTING = json.dumps({"error": {"code": "starting", "message": "Try again.", "details": {}}}).encode()
FORKING = f"""
import os, sys, threading, httpx
from formulary_client import Client

asked = threading.Event()

def answer(request):
    asked.set()
    return httpx.Response(503, request=request)

client = Client("http://delivery.test", "pf_x", ["{KEY}"], folder=sys.argv[1], transport=httpx.MockTransport(answer))
assert asked.is_set()
asked.clear()
client._reports.add({{"event_id": "of the parent"}})
child = os.fork()
if child == 0:
    well = asked.wait(10) and client._reports.waiting() == 0 and len(client._background._threads) == 2
    client.report("dec_1", model="m")
    os._exit(0 if well else 1)
_, status = os.waitpid(child, 0)
print("child", os.waitstatus_to_exitcode(status))
"""
"""Ends without ``close``, while two reports wait."""


def test_a_forked_process_asks_by_itself_and_one_that_ends_leaves_its_reports_on_the_disk(tmp_path: Path) -> None:
    path = ROOT / "client"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(path)!r})\n{FORKING}", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "child 0\n", done.stderr
    kept = [json.loads(file.read_bytes()) for file in (tmp_path / "reports").iterdir()]
    assert [event["event_id"] for batch in kept for event in batch] == ["of the parent"]


def test_processes_that_share_a_folder_take_no_report_from_each_other(tmp_path: Path) -> None:
    both = [Reports(tmp_path), Reports(tmp_path)]
    seen = [reports._spooled() for reports in both]
    assert seen == [[], []]
    for number, reports in enumerate(both):
        reports._spooled = list  # type: ignore[method-assign]  # each looked before the other wrote
        reports.add({"event_id": str(number)})
        reports.keep()
    sent: list[str] = []

    def take(batch: list[dict[str, str]]) -> int:
        sent.extend(event["event_id"] for event in batch)
        return 202

    assert Reports(tmp_path).send(take)
    assert sorted(sent) == ["0", "1"]


class Answering(BaseHTTPRequestHandler):
    """A delivery process that only starts."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("content-length", str(len(STARTING)))
        self.end_headers()
        self.wfile.write(STARTING)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def make_certificate(folder: Path) -> Path:
    """Certificate and key of 127.0.0.1, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hospital")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    begun = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + datetime.timedelta(days=36_500))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    path = folder / "hospital.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_the_hospitals_own_certificate_authority_is_believed_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"https://localhost:{server.server_port}"
        for ca_file, trouble in ((path, Starting), (None, httpx.ConnectError)):
            client = Client(url, "pf_x", [KEY], ca_file=ca_file, is_polling=False)
            assert not client.poll()
            assert isinstance(client.trouble, trouble)
            client.close()
        for name, said in (("URL", url), ("TOKEN", "pf_x"), ("KEYS", f"{KEY} {KEY}"), ("CA_FILE", str(path))):
            monkeypatch.setenv(f"FORMULARY_{name}", said)
        with Client.from_environment() as client:
            assert isinstance(client.trouble, Starting)
        server.shutdown()


def test_what_is_missing_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMULARY_URL", "http://delivery.test")
    for name in ("TOKEN", "KEYS"):
        monkeypatch.delenv(f"FORMULARY_{name}", raising=False)
    with pytest.raises(ValueError, match="FORMULARY_TOKEN, FORMULARY_KEYS"):
        Client.from_environment()
