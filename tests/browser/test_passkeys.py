"""Passkeys in a real browser with a virtual authenticator: enrolled, used to sign in, used to sign; openssl checks the signature."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from tests.browser.conftest import Site
from tests.conftest import Clock, Staff
from tests.people import PASSWORD, next_code
from tests.stages import change_in, open_worst_cases, stage_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Assertion, Envelope, Factor, Reauthentication, Signature
from webapp.demo.processes import free_port
from webapp.web.app import create_app


@pytest.fixture
def named_site(outside: Outside, chromium: Any) -> Iterator[Site]:
    """The house at a name: browsers refuse passkeys at IP addresses."""
    port = free_port()
    house = replace(outside, settings=replace(outside.settings, base_url=f"http://localhost:{port}", rp_id="localhost"))
    server = make_server("127.0.0.1", port, create_app(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://localhost:{port}", chromium, house)
    server.shutdown()
    thread.join()


def add_authenticator(page: Any) -> None:
    """The browser has a platform authenticator that knows its user."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enrol(page: Any, outside: Outside, person_id: str) -> None:
    """The person adds a passkey on the profile."""
    page.goto("/profile")
    form = page.locator("#add-passkey")
    form.locator("summary").click()
    form.locator("input[name=password]").fill(PASSWORD)
    code = next_code(outside, person_id)
    if code:
        form.locator("input[name=code]").fill(code)
    form.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("I have kept them").or_(page.get_by_text("The passkey is added.")).first.wait_for()


@pytest.fixture
def signer(named_site: Site, outside: Outside, staff: Staff) -> Any:
    """Osei, signed in, with a passkey."""
    page = named_site.sign_in("osei")
    add_authenticator(page)
    enrol(page, outside, staff.ids["osei"])
    return page


def test_a_passkey_signs_a_release_and_openssl_agrees(
    signer: Any, outside: Outside, staff: Staff, tmp_path: Path
) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    signer.goto(f"/changes/{change_id}/signoff")
    signer.get_by_role("button", name="Sign with your passkey instead (L2)").click()
    signer.wait_for_url("**/signatures/*")
    assert "signed with your passkey (L2)" in signer.inner_text("main")
    assert stage_of(outside, change_id) == "rollout"
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "sign")).one()
        sealed = json.loads(session.get_one(Envelope, row.envelope_sha256).content)
        assertion = json.loads(session.get_one(Assertion, row.envelope_sha256).content)
        key = session.scalars(select(Factor.public_key).where(Factor.kind == "passkey")).one()
    assert row.level == "L2"
    parts = {name: base64.b64decode(part) for name, part in assertion.items() if name not in ("origin", "rp_id")}
    payload = base64.b64decode(sealed["payload"])
    kind = sealed["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    challenge = json.loads(parts["client_data_json"])["challenge"]
    assert base64.urlsafe_b64decode(challenge + "=") == hashlib.sha256(signed).digest()
    assert json.loads(payload)["subject"][0]["digest"]["sha256"] == row.subject_sha256
    assert base64.b64decode(sealed["signatures"][0]["sig"]) == parts["signature"]
    assert openssl_agrees(tmp_path, key or b"", parts)
    assert not openssl_agrees(tmp_path, key or b"", {**parts, "client_data_json": parts["client_data_json"] + b" "})


def openssl_agrees(folder: Path, key: bytes, parts: dict[str, bytes]) -> bool:
    """Does the openssl command find the passkey's signature good?"""
    content = parts["authenticator_data"] + hashlib.sha256(parts["client_data_json"]).digest()
    for name, part in (("key.der", key), ("signature", parts["signature"]), ("content", content)):
        (folder / name).write_bytes(part)
    subprocess.run(
        ["openssl", "pkey", "-pubin", "-inform", "DER", "-in", "key.der", "-out", "key.pem"], cwd=folder, check=True
    )
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "content"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def test_a_passkey_signs_in(signer: Any, outside: Outside, staff: Staff) -> None:
    signer.get_by_role("button", name="Sign out").click()
    signer.get_by_label("Mail address").fill("osei@example.org")
    signer.get_by_label("Password").fill(PASSWORD)
    signer.get_by_role("button", name="Sign in").click()
    signer.get_by_role("button", name="Use your passkey").click()
    signer.wait_for_url(lambda url: url.endswith("/"))
    assert "Osei" in signer.inner_text("body")


def test_an_answer_signs_once_and_not_what_changed_after_it_was_asked(
    signer: Any, outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    for late in (True, False):
        signer.goto(f"/changes/{change_id}/signoff")
        signer.evaluate(
            "() => { window.held = new Promise((done) => {"
            " HTMLFormElement.prototype.submit = function () { window.form = this; done(); }; }); }"
        )
        signer.get_by_role("button", name="Sign with your passkey instead (L2)").click()
        signer.evaluate("() => window.held")
        if late:
            clock.forward(seconds=121)
        else:
            with outside.database.writing() as session:
                for row in session.scalars(select(Reauthentication).where(Reauthentication.challenge.is_not(None))):
                    row.used_at = outside.now()
        send = (
            "() => fetch(window.form.action, {method: 'POST', body: new FormData(window.form)}).then((r) => r.text())"
        )
        assert "too old or used already" in signer.evaluate(send)
        assert stage_of(outside, change_id) == "signoff"
