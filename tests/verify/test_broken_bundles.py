"""One broken bundle for each way of being broken. Each says who could have made it: nobody's keys, or even the log's own key."""

from __future__ import annotations

import base64
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verify.synthetic import (
    CHANGE,
    LOG_SEED,
    OTHER_CHANGE,
    PEOPLE,
    SERVICE_SEED,
    STRANGER_SEED,
    SYSTEM,
    VKEY,
    Files,
    Log,
    Signer,
    checkpoint_of,
    example_log,
    files_of,
    pack,
    read_files,
    release_change,
    relisted,
    sign,
    write_bundle,
)
from webapp import verify
from webapp.adapters.keys import ServiceKey
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.leaf import LeafActor

LOW_ORDER = [
    "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 31 + "80", "00" * 32,
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]  # fmt: skip


@pytest.fixture
def good(tmp_path: Path) -> Files:
    log = example_log()
    return read_files(write_bundle(tmp_path / "good.zip", log, files_of(log)))


@pytest.fixture
def find(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Asserts that the bundle is broken, found in this step, for this reason."""

    def found(bundle: Files | Path, step: str, reason: str, *arguments: str) -> None:
        path = bundle if isinstance(bundle, Path) else pack(tmp_path / "broken.zip", bundle)
        code = verify.main([str(path), *(arguments or ("--key", VKEY))])
        said = capsys.readouterr().out
        failed = next((line for line in said.splitlines() if line.startswith("FAIL")), said)
        assert code == verify.BROKEN, said
        assert step in failed, failed
        assert reason in failed, failed

    return found


def resealed(tmp_path: Path, log: Log, **changed: Any) -> Path:
    """The bundle as whoever holds the log's key and the service's key can make it: everything is true of these entries."""
    return write_bundle(tmp_path / "resealed.zip", log, files_of(log), **changed)


def edited(log: Log, place: int, /, **members: Any) -> Log:
    """The log with members of one entry replaced."""
    log.leaves[place] = canonical({**json.loads(log.leaves[place]), **members})
    return log


def seq_of(log: Log, kind: str) -> int:
    return next(seq for seq, leaf in enumerate(log.leaves) if json.loads(leaf)["type"] == kind)


# ------------------------------------------------------------------------------------------------------------- without any key


def test_an_edited_entry_is_found(good: Files, find: Callable[..., None]) -> None:
    good["log/entries.jsonl"] = good["log/entries.jsonl"].replace(b"Ada Roe", b"Ada Row", 1)
    find(good, "file digests", "log/entries.jsonl is not the file")
    find(relisted(good), "leaf hashes", "does not hold the hashes of the entries")


def test_an_edited_entry_with_tiles_made_anew_is_found_by_the_root(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    true_head = files_of(log)["log/checkpoint"]
    forged = files_of(edited(log, 1, reason="physician"))
    size = len(log.leaves)
    forged.update({"log/checkpoint": true_head, f"log/checkpoints/{size}": true_head})
    find(write_bundle(tmp_path / "b.zip", log, forged), "leaf hashes", "do not have the root")


def test_two_swapped_entries_are_found(good: Files, find: Callable[..., None]) -> None:
    lines = good["log/entries.jsonl"].split(b"\n")
    lines[1], lines[2] = lines[2], lines[1]
    good["log/entries.jsonl"] = b"\n".join(lines)
    find(relisted(good), "leaf hashes", "does not hold the hashes of the entries")


@pytest.mark.parametrize("place", [4, -2])
def test_an_entry_deleted_in_the_middle_or_at_the_end_is_found(
    good: Files, find: Callable[..., None], place: int
) -> None:
    lines = good["log/entries.jsonl"].split(b"\n")
    del lines[place]
    good["log/entries.jsonl"] = b"\n".join(lines)
    find(relisted(good), "leaf hashes", "entries, and the head covers")


def test_a_log_signed_by_a_foreign_key_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    find(
        write_bundle(tmp_path / "b.zip", log, files_of(log, log_seed=STRANGER_SEED)),
        "notes",
        "not signed by the key you gave",
    )


def test_a_made_up_signature_of_the_log_is_found(good: Files, find: Callable[..., None]) -> None:
    head = good["log/checkpoint"]
    line = base64.b64encode(Signer(LOG_SEED).note_key.id + b"\x07" * 64)
    good["log/checkpoint"] = head[: head.rindex(b" ") + 1] + line + b"\n"
    find(relisted(good), "notes", "is wrong")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace(b"\n\n", b"\n"),
        lambda note: note[:-1],
        lambda note: note.replace(b"kat.example/log\n", b"kat.example/log\n0", 1),
        lambda note: b"\xff" + note,
        lambda note: note + b"stray\n",
    ],
)
def test_a_checkpoint_that_is_not_strictly_a_note_is_found(good: Files, find: Callable[..., None], spoil: Any) -> None:
    good["log/checkpoint"] = spoil(good["log/checkpoint"])
    find(relisted(good), "notes", "log/checkpoint")


def test_an_extra_file_is_found(good: Files, find: Callable[..., None]) -> None:
    find({**good, "payloads/extra": b"x"}, "file digests", "not in its list")


def test_a_missing_file_is_found(good: Files, find: Callable[..., None]) -> None:
    good.pop("policy/keys.json")
    find(good, "file digests", "missing")


def test_a_list_of_contents_that_was_made_true_again_is_found_by_its_signature(
    good: Files, find: Callable[..., None]
) -> None:
    good["README.txt"] = b"Nothing to check here."
    find(relisted(good), "envelopes", "manifest.dsse.json does not sign")


def test_a_list_of_contents_that_was_written_anew_is_found(good: Files, find: Callable[..., None]) -> None:
    good["manifest.json"] = json.dumps(json.loads(good["manifest.json"])).encode()
    find(good, "file digests", "canonical form")


def test_an_envelope_in_another_spelling_is_found(good: Files, find: Callable[..., None]) -> None:
    name = next(name for name in good if name.endswith(".dsse.json") and name.startswith("signatures/"))
    good[name] = json.dumps(json.loads(good[name]), indent=1).encode()
    find(relisted(good), "file digests", "digest of its own bytes")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("policy/keys.json", b"null"),
        ("policy/keys.json", b'{"log":[1],"service":[]}'),
        ("log/entries.jsonl", b"[]\n"),
        ("log/entries.jsonl", b""),
        ("log/checkpoint", b""),
        ("proofs/1.tlog-proof", b"c2sp.org/tlog-proof@v1\nindex 1\n\n"),
        ("proofs/consistency/5-15", b"\n"),
        ("proofs/unknown", b"x"),
        ("log/tile/0/001", b"x"),
    ],
)
def test_a_file_of_another_form_is_found_and_never_a_traceback(
    good: Files, find: Callable[..., None], name: str, content: bytes
) -> None:
    find(relisted({**good, name: content}), "", "FAIL")


@pytest.mark.parametrize("members", [{"files": {}}, {"scope": 1}, {"scope": {"changes": [[]], "kind": "all"}}, {"left_out": [1]},
                                     {"log_size": True}, {"requester": None}, {"files": [{}]}, {"files": [None]}])  # fmt: skip
def test_a_list_of_contents_of_another_form_is_found(
    good: Files, find: Callable[..., None], members: dict[str, Any]
) -> None:
    find({**good, "manifest.json": canonical({**json.loads(good["manifest.json"]), **members})}, "file digests", "FAIL")


def test_a_deeply_nested_document_is_found(good: Files, find: Callable[..., None]) -> None:
    find({**good, "manifest.json": b"[" * 100_000 + b"]" * 100_000}, "file digests", "not JSON")


def test_a_proof_of_another_entry_is_found(good: Files, find: Callable[..., None]) -> None:
    good["proofs/1.tlog-proof"] = good["proofs/2.tlog-proof"].replace(b"index 2", b"index 1")
    find(relisted(good), "consistency", "does not lead")


# ------------------------------------------------------------------------------------------------------------------- archives


def repacked(
    path: Path, files: Files, change: Callable[[zipfile.ZipInfo], None], names: list[str] | None = None
) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names or sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o100644 << 16, zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, files[name])
    return path


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "a\\evil", "C:/evil", "a//evil", "./evil", ".hidden"]
)
def test_a_path_that_leads_elsewhere_is_found(good: Files, find: Callable[..., None], name: str) -> None:
    find({**good, name: b"x"}, "safe unzip", "no name of a file")


def test_a_link_in_the_archive_is_found(tmp_path: Path, good: Files, find: Callable[..., None]) -> None:
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename == "README.txt":
            info.external_attr = 0o120777 << 16

    find(repacked(tmp_path / "b.zip", good, link), "safe unzip", "no plain file")


def test_a_name_that_stands_twice_is_found(tmp_path: Path, good: Files, find: Callable[..., None]) -> None:
    names = sorted([*good, "README.txt"])
    with pytest.warns(UserWarning, match="Duplicate"):
        path = repacked(tmp_path / "b.zip", good, lambda info: None, names)
    find(path, "safe unzip", "stands twice")


def test_a_file_that_unpacks_to_too_much_is_found(good: Files, find: Callable[..., None], monkeypatch: Any) -> None:
    monkeypatch.setattr(verify, "MOST_BYTES", 10 * 2**20)
    find({**good, "zeros": bytes(11 * 2**20)}, "safe unzip", "zip bomb")


def test_a_file_that_lies_about_its_size_is_found(tmp_path: Path, good: Files, find: Callable[..., None]) -> None:
    path = pack(tmp_path / "b.zip", {**good, "README.txt": bytes(2**20)})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    find(path, "file digests", "README.txt")


def test_files_that_share_their_bytes_are_found(tmp_path: Path, good: Files, find: Callable[..., None]) -> None:
    path = pack(tmp_path / "b.zip", good)
    with zipfile.ZipFile(path, "a") as archive:
        twin = archive.filelist[-1]
        twin.header_offset = archive.filelist[0].header_offset
        archive._didModify = True
    find(path, "safe unzip", "overlaps")


def test_what_is_no_archive_is_a_fault_of_format(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"no zip")
    assert verify.main([str(tmp_path / "b.zip")]) == verify.UNUSABLE
    assert verify.main([str(tmp_path / "missing.zip")]) == verify.UNUSABLE


# --------------------------------------------------------------------------------------------- with the log's key: what it signed is bad


def test_entries_deleted_and_sealed_again_are_found_by_their_numbers(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    del log.leaves[6]
    find(resealed(tmp_path, log), "schema", "calls itself 7")


def test_renumbered_entries_are_found_by_their_links(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    del log.leaves[5]
    for seq in range(5, len(log.leaves)):
        edited(log, seq, seq=seq)
    find(resealed(tmp_path, log), "schema", "does not link")


def test_a_back_dated_entry_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    find(resealed(tmp_path, edited(example_log(), 5, ts="2026-01-01T00:00:00.000Z")), "schema", "dated before")


def test_an_id_used_twice_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    find(resealed(tmp_path, edited(example_log(), 5, eid=f"{1:032x}")), "schema", "id of another entry")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda leaf: json.dumps(json.loads(leaf)).encode(), "canonical form"),
        (lambda leaf: leaf.replace(b'"v":1}', b'"v":1,"v":1}'), "twice"),
        (lambda leaf: leaf.replace(b"Ada Roe", "Ade\u0301 Roe".encode()), "normal form C"),
        (lambda leaf: leaf.replace(b'"v":1}', b'"v":1.0}'), "no whole number"),
        (lambda leaf: leaf.replace(b'"v":1}', b'"v":true}'), "not of the form"),
        (lambda leaf: leaf.replace(b'"v":1}', b'"v":1,"x":1}'), "not of the form"),
        (lambda leaf: leaf.replace(b"Ada Roe", b"Ada" + b" " * 17000), "16 KiB"),
        (lambda leaf: leaf.replace(b"Ada Roe", b"Ada\\u0020Roe"), "canonical form"),
        (lambda leaf: leaf.replace(b"Ada Roe", b"\xff"), "not JSON"),
        (lambda leaf: leaf.replace(b"kat.example/log", b"kat.example/gol"), "another log"),
    ],
)
def test_an_entry_that_is_not_strictly_one_is_found(
    tmp_path: Path, find: Callable[..., None], spoil: Any, reason: str
) -> None:
    log = example_log()
    log.leaves[4] = spoil(log.leaves[4])
    find(resealed(tmp_path, log), "hashes" if reason == "16 KiB" else "schema", reason)


def test_a_move_that_the_workflow_does_not_have_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    seq = seq_of(log, "change.evaluated")
    find(
        resealed(tmp_path, edited(log, seq, after={"state": "rollout", "sha256": None})),
        "workflow",
        "has no move evaluated",
    )


def test_a_stage_that_was_skipped_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    seq = seq_of(log, "change.submit")
    find(
        resealed(tmp_path, edited(log, seq, before={"state": "review", "sha256": None})),
        "workflow",
        "but it was in draft",
    )


def test_an_act_without_the_role_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    find(resealed(tmp_path, edited(example_log(), 3, reason="auditor")), "workflow", "did not hold the roles")


def test_a_role_that_was_taken_away_before_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    log.enter("role.revoked", SYSTEM, ("person", "per_osei"), reason="physician")
    release_change(log, OTHER_CHANGE)
    find(resealed(tmp_path, log), "workflow", "Abena Osei did not hold the roles")


def test_an_act_of_somebody_deactivated_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    log.enter("person.deactivated", SYSTEM, ("person", "per_kim"))
    release_change(log, OTHER_CHANGE)
    find(resealed(tmp_path, log), "workflow", "Kim Doe did not hold the roles")


def test_a_contributor_who_decides_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    log.enter("role.granted", SYSTEM, ("person", "per_ada"), reason="informaticist")
    log.enter("change.opened", PEOPLE["ada"], ("change", "chg_9"), after=("draft", None))
    log.enter(
        "change.submit", PEOPLE["ada"], ("change", "chg_9"), 1, before=("draft", None), after=("evaluation", None)
    )
    log.enter("change.evaluated", SYSTEM, ("change", "chg_9"), 1, before=("evaluation", None), after=("review", None))
    log.enter("change.reword", PEOPLE["ada"], ("change", "chg_9"), 1, before=("review", None), after=("review", None))
    find(resealed(tmp_path, log), "workflow", "separation of duties")


def test_a_reviewer_who_also_signs_is_found(tmp_path: Path, find: Callable[..., None], monkeypatch: Any) -> None:
    monkeypatch.setitem(PEOPLE, "osei", PEOPLE["kim"])
    log = Log()
    opened = {"service_public_key": log.service.public.hex()}
    log.enter("log.opened", SYSTEM, ("log", "x"), payload=log.keep(opened))
    log.enter("role.granted", SYSTEM, ("person", "per_ada"), reason="author")
    log.enter("role.granted", SYSTEM, ("person", "per_kim"), reason="informaticist")
    log.enter("role.granted", SYSTEM, ("person", "per_kim"), reason="physician")
    release_change(log, CHANGE)
    find(resealed(tmp_path, log), "workflow", "reviewed the change and signed it too")


def test_a_token_that_decides_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    seq = seq_of(log, "change.start")
    actor = {**json.loads(log.leaves[seq])["actor"], "via": "token"}
    find(resealed(tmp_path, edited(log, seq, actor=actor)), "workflow", "a token made the move")


def test_the_system_cannot_sign(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    actor = {"id": "system", "name": "Prompt Formulary", "roles": [], "via": "system"}
    find(
        resealed(tmp_path, edited(log, seq_of(log, "change.sign"), actor=actor)),
        "workflow",
        "no move that the system makes",
    )


def test_a_signature_applied_twice_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    attest = json.loads(log.leaves[seq_of(log, "signature.applied")])["attest"]
    log.enter(
        "signature.applied", PEOPLE["kim"], ("signature", "sig_x"), after=("valid", "1" * 64), attest=tuple(attest)
    )
    find(resealed(tmp_path, log), "workflow", "a second time")


def test_a_transplanted_signature_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    """The approval of one change in the place of another's: the log's key is not enough, the service's key signed the subject."""
    log = example_log()
    release_change(log, OTHER_CHANGE)
    signs = [seq for seq, leaf in enumerate(log.leaves) if json.loads(leaf)["type"] == "change.sign"]
    first, second = (json.loads(log.leaves[seq])["attest"] for seq in signs)
    swap = {first[0].encode(): second[0].encode(), second[0].encode(): first[0].encode()}
    for seq, leaf in enumerate(log.leaves):
        found = next((digest for digest in swap if digest in leaf), None)
        log.leaves[seq] = leaf.replace(found, swap[found]) if found else leaf
    find(resealed(tmp_path, log), "envelopes", "signs another subject")


# -------------------------------------------------------------------------------------------- with both keys: what was signed is not enough


def test_a_foreign_service_key_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    find(resealed(tmp_path, log, seed=STRANGER_SEED), "envelopes", "a key that the log does not know")
    log = example_log()
    log.service = ServiceKey.from_seed(STRANGER_SEED)
    release_change(log, OTHER_CHANGE)
    log.service = ServiceKey.from_seed(SERVICE_SEED)
    find(resealed(tmp_path, log), "envelopes", "a key that the log does not know")


@pytest.mark.parametrize("public", LOW_ORDER)
def test_a_low_order_key_is_refused_everywhere(tmp_path: Path, find: Callable[..., None], public: str) -> None:
    raw = bytes.fromhex(public)
    body = b"\x01" + raw
    name = "kat.example/log"
    key_id = sha256_hex(name.encode() + b"\n" + body)[:8]
    vkey = f"{name}+{key_id}+{base64.b64encode(body).decode()}"
    log = Log()
    log.enter("log.opened", SYSTEM, ("log", "x"), payload=log.keep({"service_public_key": public}))
    files = files_of(log, older=())
    bundle = write_bundle(tmp_path / "b.zip", log, files)
    assert verify.main([str(bundle), "--key", vkey]) == verify.UNUSABLE
    find(bundle, "envelopes", "anybody can forge")
    row = {"vkey": vkey, "from_seq": 0, "until_seq": None, "revoked": None}
    files["policy/keys.json"] = canonical({"log": [row], "service": []})
    find(write_bundle(tmp_path / "c.zip", log, files), "notes", "anybody can forge")


def test_a_nonce_used_twice_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    manifest = json.loads(log.leaves[seq_of(log, "change.sign")])["after"]["sha256"]
    for _ in range(2):
        sign(log, PEOPLE["osei"], CHANGE, manifest, "hold", "rollout", "rollout", "hold of the rollout", nonce="same")
    find(resealed(tmp_path, log), "envelopes", "nonce")


def test_a_signature_of_another_meaning_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    manifest = json.loads(log.leaves[seq_of(log, "change.sign")])["after"]["sha256"]
    sign(log, PEOPLE["osei"], CHANGE, manifest, "hold", "rollout", "rollout", "approval")
    find(resealed(tmp_path, log), "envelopes", "another meaning")


def test_a_missing_envelope_or_payload_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    files = files_of(log)
    files.pop(next(name for name in files if name.startswith("signatures/")))
    find(write_bundle(tmp_path / "b.zip", log, files), "envelopes", "is missing")
    files = files_of(log)
    opened = json.loads(log.leaves[0])["payload"]["sha256"]
    files.pop(f"payloads/{opened}")
    find(write_bundle(tmp_path / "c.zip", log, files), "workflow", "neither in the bundle nor listed")


def test_a_release_after_its_signature_was_voided_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    applied = json.loads(log.leaves[seq_of(log, "signature.applied")])["entity"]["id"]
    seq = seq_of(log, "change.sign")
    early = example_log()
    early.leaves = early.leaves[: seq_of(log, "release.made") - 1]
    early.heads = {key: max(s for s in range(len(early.leaves)) if json.loads(early.leaves[s])["entity"]["id"] == key[1])
                   for key in early.heads if any(json.loads(leaf)["entity"]["id"] == key[1] for leaf in early.leaves)}  # fmt: skip
    early.enter("signature.voided", SYSTEM, ("signature", applied), reason="test")
    rest = log.leaves[seq_of(log, "release.made") - 1 : seq + 1]
    for leaf in rest:
        document = json.loads(leaf)
        entity = (document["entity"]["type"], document["entity"]["id"])
        here = len(early.leaves)
        early.leaves.append(canonical({**document, "seq": here, "prev": early.heads.get(entity), "eid": f"{here + 1:032x}",
                                       "ts": f"2026-03-02T12:{here:02d}:00.000Z"}))  # fmt: skip
        early.heads[entity] = here
    find(resealed(tmp_path, early), "releases", "was void")


def test_a_void_release_that_goes_live_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    manifest = json.loads(log.leaves[seq_of(log, "release.live")])["after"]["sha256"]
    log.enter("release.withdrawn", SYSTEM, ("release", f"rel_{CHANGE}"), after=("void", manifest))
    log.enter("release.live", SYSTEM, ("prompt", f"pro_{CHANGE}"), after=("live", manifest))
    find(resealed(tmp_path, log), "releases", "makes a void release live")


def test_what_was_never_released_cannot_go_live(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    log.enter("release.live", SYSTEM, ("prompt", "pro_x"), after=("live", "1" * 64))
    find(resealed(tmp_path, log), "releases", "never released")


def test_a_release_without_its_evaluation_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    log = example_log()
    find(resealed(tmp_path, edited(log, seq_of(log, "run.concluded"), after=None)), "releases", "no evaluation")


def test_a_high_risk_release_with_one_physician_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    find(resealed(tmp_path, example_log(risk_class="high_risk")), "releases", "are missing")


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        ({"evaluation": {"run": "run_other", "result_sha256": "1" * 64, "verdict": "pass"}}, "another evaluation"),
        ({"policy_sha256": "1" * 64}, "another policy"),
    ],
    ids=["evaluation", "policy"],
)
def test_a_release_that_points_elsewhere_than_its_contents_is_found(
    tmp_path: Path, find: Callable[..., None], claimed: dict[str, Any], reason: str
) -> None:
    log = example_log()
    release_change(log, OTHER_CHANGE, claimed=claimed)
    find(resealed(tmp_path, log), "releases", reason)


LUND = LeafActor("per_lund", "Per Lund", ("physician",), "session")


def two_signatures(first: LeafActor = LUND, risk_class: str = "high_risk") -> Log:
    """A release that ``first`` signed before Osei did."""
    log = example_log()
    log.enter("role.granted", SYSTEM, ("person", LUND.id), reason="physician")
    release_change(log, OTHER_CHANGE, risk_class, first_signers=[first])
    return log


def test_a_high_risk_release_with_two_physicians_holds_and_only_their_level_is_weak(tmp_path: Path) -> None:
    bundle = resealed(tmp_path, two_signatures())
    assert verify.main([str(bundle), "--key", VKEY]) == verify.WEAK


def test_one_physician_who_signs_twice_is_found(tmp_path: Path, find: Callable[..., None]) -> None:
    find(resealed(tmp_path, two_signatures(PEOPLE["osei"])), "workflow", "signed the change a second time")


def test_a_first_of_two_signatures_where_the_class_takes_one_is_found(
    tmp_path: Path, find: Callable[..., None]
) -> None:
    find(resealed(tmp_path, two_signatures(risk_class="clinical")), "envelopes", "first of two signatures")


# ------------------------------------------------------------------------------ what a bundle alone cannot show, and an earlier checkpoint can


def test_a_cut_tail_passes_alone_and_fails_with_an_earlier_checkpoint(
    tmp_path: Path, find: Callable[..., None]
) -> None:
    true, cut = example_log(), example_log()
    release_change(true, OTHER_CHANGE)
    prior = tmp_path / "prior"
    prior.write_bytes(checkpoint_of(true.leaves))
    bundle = resealed(tmp_path, cut)
    assert verify.main([str(bundle), "--key", VKEY]) == verify.GOOD
    find(bundle, "notes", "shorter than it was", "--key", VKEY, "--prior-checkpoint", str(prior))


def test_a_rewritten_and_re_signed_history_passes_alone_and_fails_with_an_earlier_checkpoint(
    tmp_path: Path, find: Callable[..., None]
) -> None:
    true, forged = example_log(), example_log()
    prior = tmp_path / "prior"
    prior.write_bytes(checkpoint_of(true.leaves[:8]))
    edited(forged, 4, actor={**json.loads(forged.leaves[4])["actor"], "name": "Somebody Else"})
    bundle = resealed(tmp_path, forged)
    assert verify.main([str(bundle), "--key", VKEY]) == verify.GOOD
    find(bundle, "consistency", "history was rewritten", "--key", VKEY, "--prior-checkpoint", str(prior))
    assert verify.main([str(resealed(tmp_path, true)), "--key", VKEY, "--prior-checkpoint", str(prior)]) == verify.GOOD


def test_an_earlier_checkpoint_of_another_key_is_not_believed(tmp_path: Path, find: Callable[..., None]) -> None:
    log, prior = example_log(), tmp_path / "prior"
    prior.write_bytes(checkpoint_of(log.leaves[:8], STRANGER_SEED))
    find(
        resealed(tmp_path, log),
        "notes",
        "not signed by this log's key",
        "--key",
        VKEY,
        "--prior-checkpoint",
        str(prior),
    )


def test_digests_name_their_bytes(good: Files) -> None:
    for name, content in good.items():
        if name.startswith("payloads/"):
            assert name == f"payloads/{sha256_hex(content)}"
