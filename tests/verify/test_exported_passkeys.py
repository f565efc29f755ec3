"""A clinical change signed with a passkey, exported as people do it and verified offline; then each part of the passkey's answer broken once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.conftest import Staff
from tests.passkeys import add_passkey
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, open_worst_cases
from tests.verify.conftest import CONSOLE
from tests.verify.synthetic import Files, pack, read_files, resigned
from tests.verify.test_documented_checks import block, run_shell, tools
from webapp import verify
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.record.canonical import canonical
from webapp.services import signoff
from webapp.services.exporting import Wanted, export_here

STRANGER = ec.derive_private_key(77, ec.SECP256R1())
Answer = dict[str, Any]


def answer_in(files: Files) -> str:
    (name,) = [name for name in files if name.endswith(".webauthn.json")]
    return name


def test_a_change_signed_by_passkey_is_exported_and_verifies(
    key: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(exported), "--key", key]) == verify.GOOD
    said = capsys.readouterr().out
    assert "1 signatures by passkey" in said
    assert "1 releases" in said
    assert "weak" not in said.lower()


def test_a_high_risk_release_signed_by_two_physicians_passkeys_is_exported_and_is_as_strong_as_policy_asks(
    outside: Outside, staff: Staff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with outside.database.writing() as session:
        for name in ("ada", "kim", "osei", "lund"):
            for role in staff.act_as(name).roles:
                enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role.value)
    keys = {name: add_passkey(outside, staff.ids[name], number) for number, name in enumerate(("osei", "lund"), 1)}
    change_id = change_in(outside, staff, "signoff", good(prompt=prompt_bytes(risk_class="high_risk")))
    for name, key in keys.items():
        open_worst_cases(outside, staff, change_id, name)
        digest, seen = digests(outside, change_id)
        options = signoff.ask_to_sign(outside, staff.act_as(name), change_id, digest)
        signoff.sign(outside, staff.act_as(name), change_id, digest, key.answer(options), seen=seen)
    path = tmp_path / "bundle.zip"
    export_here(outside, CONSOLE, Wanted("change", change_id), path, lambda done, planned: None)
    assert verify.main([str(path), "--key", outside.notary.held().key.to_vkey()]) == verify.GOOD
    said = capsys.readouterr().out
    assert "2 signatures by passkey" in said
    assert "1 releases" in said


def test_openssl_finds_the_exported_bundle_good_by_the_documented_commands(tmp_path: Path, exported: Path) -> None:
    tools("openssl", "unzip", "xxd", "bash")
    for name in ("openssl", "passkey"):
        done = run_shell(block(name), exported, tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert "Verified OK" in done.stdout


def part(answer: Answer, name: str) -> bytes:
    return base64.b64decode(answer[name])


def put(answer: Answer, name: str, content: bytes) -> None:
    answer[name] = base64.b64encode(content).decode()


def in_client_data(**members: Any) -> Callable[[Answer], None]:
    def spoil(answer: Answer) -> None:
        put(
            answer, "client_data_json", json.dumps({**json.loads(part(answer, "client_data_json")), **members}).encode()
        )

    return spoil


def in_bytes(name: str, place: int, by: int = 1) -> Callable[[Answer], None]:
    def spoil(answer: Answer) -> None:
        content = bytearray(part(answer, name))
        content[place] ^= by
        put(answer, name, bytes(content))

    return spoil


def member(name: str, value: Any) -> Callable[[Answer], None]:
    return lambda answer: answer.update({name: value})


def without(name: str) -> Callable[[Answer], None]:
    return lambda answer: void(answer.pop(name))


def void(_gone: object) -> None:
    """What was taken away is not looked at."""


def signed_by_a_stranger(answer: Answer) -> None:
    """Somebody who holds the service's key but no passkey of the physician: everything fits, but the log knows no such key."""
    client = Hash(SHA256())
    client.update(part(answer, "client_data_json"))
    put(answer, "signature", STRANGER.sign(part(answer, "authenticator_data") + client.finalize(), ec.ECDSA(SHA256())))
    put(answer, "public_key", STRANGER.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def with_another_s(answer: Answer) -> None:
    """The second signature that ECDSA gives everybody for free (order minus s) is good, so only the log's digests tell it apart."""
    r, s = decode_dss_signature(part(answer, "signature"))
    put(answer, "signature", encode_dss_signature(r, verify.ORDER - s + verify.ORDER))


BROKEN: dict[str, tuple[Callable[[Answer], None], str]] = {
    "type": (in_client_data(type="webauthn.create"), "was not asked to sign"),
    "in another frame": (in_client_data(crossOrigin=True), "was not asked to sign"),
    "challenge": (in_client_data(challenge="A" * 43), "another challenge"),
    "challenge in another spelling": (in_client_data(challenge="A" * 43 + "="), "unusual spelling"),
    "page": (in_client_data(origin="https://evil.example"), "a page of another origin"),
    "client data in another spelling": (lambda answer: put(answer, "client_data_json", part(answer, "client_data_json") + b" "), "signature in"),
    "client data with a member more": (in_client_data(topOrigin="http://localhost:8000"), "signature in"),
    "client data that is no JSON": (lambda answer: put(answer, "client_data_json", b"{"), "no answer of a passkey"),
    "origin": (member("origin", "https://localhost:8000"), "a page of another origin"),
    "origin of another form": (member("origin", ["http://localhost:8000"]), "a page of another origin"),
    "rp id": (member("rp_id", "evil.example"), "does not belong to its RP id"),
    "rp id that ends alike": (member("rp_id", "host"), "does not belong to its RP id"),
    "rp id hash": (in_bytes("authenticator_data", 0), "belongs to another RP id"),
    "presence": (in_bytes("authenticator_data", 32, 0x01), "present and verified"),
    "verification": (in_bytes("authenticator_data", 32, 0x04), "present and verified"),
    "another flag": (in_bytes("authenticator_data", 32, 0x08), "signature in"),
    "counter": (in_bytes("authenticator_data", 36), "signature in"),
    "authenticator data cut off": (lambda answer: put(answer, "authenticator_data", part(answer, "authenticator_data")[:36]), "another RP id"),
    "signature": (in_bytes("signature", -1), "signature in"),
    "signature in another spelling": (lambda answer: put(answer, "signature", part(answer, "signature") + b"\x00"), "signature in"),
    "signature beyond the order": (with_another_s, "signature in"),
    "public key": (in_bytes("public_key", -1), "signature in"),
    "public key of a stranger": (signed_by_a_stranger, "does not know this passkey"),
    "a member missing": (without("signature"), "no answer of a passkey"),
    "a member more": (member("note", "x"), "no answer of a passkey"),
    "not base64": (member("signature", "!"), "is not base64"),
}  # fmt: skip


def broken_by(files: Files, spoil: Callable[[Answer], None]) -> Files:
    """The bundle with its passkey's answer changed, and the list of contents signed anew with the service's own key."""
    name = answer_in(files)
    answer = json.loads(files[name])
    spoil(answer)
    return resigned({**files, name: canonical(answer)})


@pytest.mark.parametrize("part_of_it", BROKEN)
def test_each_part_of_the_answer_is_checked_even_if_the_list_of_contents_is_signed_anew(
    tmp_path: Path, key: str, exported: Path, capsys: pytest.CaptureFixture[str], part_of_it: str
) -> None:
    spoil, reason = BROKEN[part_of_it]
    bundle = pack(tmp_path / "b.zip", broken_by(read_files(exported), spoil))
    assert verify.main([str(bundle), "--key", key]) == verify.BROKEN
    failed = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("FAIL"))
    assert "FAIL  9 passkeys" in failed
    assert reason in failed


def test_without_the_services_key_any_change_of_the_answer_is_found_by_its_digest(
    tmp_path: Path, key: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = read_files(exported)
    name = answer_in(files)
    files[name] = files[name].replace(b"localhost", b"localhist", 1)
    assert verify.main([str(pack(tmp_path / "b.zip", files)), "--key", key]) == verify.BROKEN
    assert f"{name} is not the file that was exported" in capsys.readouterr().out


def test_the_answer_in_another_spelling_missing_or_moved_is_found(
    tmp_path: Path, key: str, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = read_files(exported)
    name = answer_in(files)
    other = next(
        one for one in files if one.endswith(".dsse.json") and one[:-10] != name[:-14] and one != "manifest.dsse.json"
    )
    spelled = {**files, name: json.dumps(json.loads(files[name]), indent=1).encode()}
    missing = {one: content for one, content in files.items() if one != name}
    moved = {**missing, other.replace(".dsse.", ".webauthn."): files[name]}
    twice = {**files, other.replace(".dsse.", ".webauthn."): files[name]}
    stray = {**files, f"signatures/{'0' * 64}.webauthn.json": files[name]}
    for spoiled, reason in ((spelled, "canonical form"), (missing, "do not go together"), (moved, "do not go together"),
                            (twice, "do not go together"), (stray, "belongs to no envelope")):  # fmt: skip
        bundle = pack(tmp_path / "b.zip", resigned(spoiled))
        assert verify.main([str(bundle), "--key", key]) == verify.BROKEN
        assert reason in capsys.readouterr().out
