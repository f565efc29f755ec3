"""The list of ways in which a bundle may be broken, one bundle each, each told apart by its own sentence.

Who makes the bundle holds what he needs to be found by that check and no earlier one: no key, the service's, or the log's own too.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.synthetic import (
    LOG_SEED,
    OTHER_CHANGE,
    PEOPLE,
    RELEASE_TYPE,
    SERVICE_SEED,
    STRANGER_SEED,
    SYSTEM,
    VKEY,
    Files,
    Log,
    checkpoint_of,
    example_log,
    files_of,
    only_keys,
    pack,
    read_files,
    release_change,
    relisted,
    resigned,
    write_bundle,
)
from webapp import verify
from webapp.adapters.keys import ServiceKey
from webapp.domain.record.bundle import document_of_keys
from webapp.domain.record.canonical import canonical
from webapp.domain.record.dsse import statement

LOW_ORDER = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"


def good_files(tmp_path: Path) -> Files:
    log = example_log()
    return read_files(write_bundle(tmp_path / "good.zip", log, files_of(log)))


def edited_entry(tmp_path: Path) -> Path:
    """Entries and tiles are made anew, but the head can be signed by the log only."""
    log = example_log()
    head = files_of(log)["log/checkpoint"]
    log.leaves[1] = log.leaves[1].replace(b'"reason":"author"', b'"reason":"physician"')
    size = len(log.leaves)
    files = {**files_of(log, older=()), "log/checkpoint": head, f"log/checkpoints/{size}": head}
    return write_bundle(tmp_path / "b.zip", log, files)


def two_entries_swapped(tmp_path: Path) -> Path:
    log = example_log()
    log.leaves[1], log.leaves[2] = log.leaves[2], log.leaves[1]
    return write_bundle(tmp_path / "b.zip", log, files_of(log))


def middle_entry_deleted(tmp_path: Path) -> Path:
    files = good_files(tmp_path)
    lines = files["log/entries.jsonl"].split(b"\n")
    del lines[4]
    return pack(tmp_path / "b.zip", resigned({**files, "log/entries.jsonl": b"\n".join(lines)}))


def tail_deleted(tmp_path: Path) -> Path:
    """The log's own key signs the shorter log: only an earlier checkpoint shows it."""
    log = example_log()
    (tmp_path / "prior").write_bytes(checkpoint_of(log.leaves))
    short = example_log()
    del short.leaves[-1:]
    return write_bundle(tmp_path / "b.zip", short, files_of(short))


def entries_renumbered(tmp_path: Path) -> Path:
    log = example_log()
    del log.leaves[5]
    log.leaves = [canonical({**json.loads(leaf), "seq": seq}) for seq, leaf in enumerate(log.leaves)]
    return write_bundle(tmp_path / "b.zip", log, files_of(log))


def signed_again_by_somebody_else(tmp_path: Path) -> Path:
    log = example_log()
    return write_bundle(tmp_path / "b.zip", log, files_of(log, log_seed=STRANGER_SEED))


def history_rewritten_and_signed_again(tmp_path: Path) -> Path:
    """By the log's own key: only an earlier checkpoint shows it."""
    true, forged = example_log(), example_log()
    (tmp_path / "prior").write_bytes(checkpoint_of(true.leaves[:8]))
    forged.leaves[4] = forged.leaves[4].replace(b'"name":"Ada Roe"', b'"name":"Ada Row"')
    return write_bundle(tmp_path / "b.zip", forged, files_of(forged))


def signature_transplanted(tmp_path: Path) -> Path:
    log = example_log()
    release_change(log, OTHER_CHANGE)
    acts = [json.loads(leaf) for leaf in log.leaves if b'"change.sign"' in leaf]
    one, two = (act["attest"][0].encode() for act in acts)
    swap = {one: two, two: one}
    for seq, leaf in enumerate(log.leaves):
        found = next((digest for digest in swap if digest in leaf), None)
        log.leaves[seq] = leaf.replace(found, swap[found]) if found else leaf
    return write_bundle(tmp_path / "b.zip", log, files_of(log))


def with_entry(spoil: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        log = example_log()
        log.leaves[4] = spoil(log.leaves[4])
        return write_bundle(tmp_path / "b.zip", log, files_of(log))

    return make


def foreign_service_key(tmp_path: Path) -> Path:
    log = example_log()
    log.service = ServiceKey.from_seed(STRANGER_SEED)
    release_change(log, OTHER_CHANGE)
    log.service = ServiceKey.from_seed(SERVICE_SEED)
    return write_bundle(tmp_path / "b.zip", log, files_of(log))


def low_order_key(tmp_path: Path) -> Path:
    log = Log()
    log.enter("log.opened", SYSTEM, ("log", "x"), payload=log.keep({"service_public_key": LOW_ORDER}))
    return write_bundle(tmp_path / "b.zip", log, files_of(log))


def extra_file(tmp_path: Path) -> Path:
    return pack(tmp_path / "b.zip", {**good_files(tmp_path), "payloads/extra": b"x"})


def path_traversal(tmp_path: Path) -> Path:
    return pack(tmp_path / "b.zip", resigned({**good_files(tmp_path), "../../etc/cron.d/evil": b"x"}))


def zip_bomb(tmp_path: Path) -> Path:
    """Four gigabytes are claimed for a file of some bytes; found before anything is unpacked."""
    path = pack(tmp_path / "b.zip", good_files(tmp_path))
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)
    return path


WAYS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "edit": (edited_entry, "The entries do not have the root that log/checkpoint states"),
    "swap": (two_entries_swapped, "Entry 1 calls itself 2"),
    "delete middle": (middle_entry_deleted, "log/entries.jsonl holds 14 entries, and the head covers 15"),
    "delete tail": (tail_deleted, "The log is shorter than it was"),
    "renumber": (entries_renumbered, "does not link to the previous entry of the same change"),
    "re-sign by somebody else": (signed_again_by_somebody_else, "is not signed by the key you gave"),
    "re-sign by the log": (history_rewritten_and_signed_again, "history was rewritten"),
    "transplanted signature": (signature_transplanted, "signs another subject"),
    "re-serialised JSON": (with_entry(lambda leaf: json.dumps(json.loads(leaf)).encode()), "is not in canonical form"),
    "duplicate key": (with_entry(lambda leaf: leaf[:-1] + b',"v":1}'), "one key stands there twice"),
    "unnormalised string": (with_entry(lambda leaf: leaf.replace(b"Ada", "Ade\u0301".encode())), "normal form C"),
    "foreign key": (foreign_service_key, "is signed by a key that the log does not know"),
    "low-order key": (low_order_key, "under which anybody can forge signatures"),
    "extra file": (extra_file, "is in the bundle and not in its list of contents"),
    "path traversal": (path_traversal, "a path that leads elsewhere"),
    "zip bomb": (zip_bomb, "claims to unpack to more than is possible (a zip bomb)"),
}
ONLY_WITH_AN_EARLIER_CHECKPOINT = ("delete tail", "re-sign by the log")


def sentence_of(path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = verify.main([str(path), "--key", VKEY, *arguments])
    said = capsys.readouterr().out
    return code, next((line for line in said.splitlines() if line.startswith("FAIL")), said)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_being_broken_is_found_and_told_by_its_own_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    make, reason = WAYS[way]
    bundle = make(tmp_path)
    if way in ONLY_WITH_AN_EARLIER_CHECKPOINT:
        assert sentence_of(bundle, capsys)[0] == verify.GOOD
        code, said = sentence_of(bundle, capsys, "--prior-checkpoint", str(tmp_path / "prior"))
    else:
        code, said = sentence_of(bundle, capsys)
    assert code == verify.BROKEN
    assert [name for name, (_, sentence) in WAYS.items() if sentence in said] == [way], said
    assert reason in said


# ------------------------------------------------------------------------------------------ lists of contents that were written anew


def without_a_payload_that_is_called_left_out(files: Files) -> Files:
    """A piece of evidence is taken out and called left out, which only the service may say."""
    name = next(name for name in files if b'"kind":"result"' in files[name])
    listed = json.loads(files["manifest.json"])
    listed["left_out"].append({"sha256": name.removeprefix("payloads/"), "reason": "case_text"})
    return relisted({**{one: files[one] for one in files if one != name}, "manifest.json": canonical(listed)})


def with_members(**members: object) -> Callable[[Files], Files]:
    return lambda files: {**files, "manifest.json": canonical({**json.loads(files["manifest.json"]), **members})}


def signed_by_a_key_of_ones_own(files: Files) -> Files:
    return resigned({**files, "README.txt": b"All is well."}, STRANGER_SEED)


def signed_by_a_key_that_the_bundle_brings(files: Files) -> Files:
    """The key is put into the history of keys too; the log does not vouch for it."""
    keys = document_of_keys(only_keys(LOG_SEED, ServiceKey.from_seed(STRANGER_SEED)))
    return resigned({**files, "policy/keys.json": keys}, STRANGER_SEED)


def with_the_signed_list_of_another_export(files: Files) -> Files:
    """List and signature are true, of another export of the same log."""
    fewer = {name: content for name, content in files.items() if name != "README.txt"}
    other = resigned(fewer)
    return {**files, **{name: other[name] for name in ("manifest.json", "manifest.dsse.json")}}


def with_the_signature_of_another_list(files: Files) -> Files:
    return {**relisted({**files, "README.txt": b"All is well."})}


def with_an_envelope_of_the_log_in_place_of_the_lists(files: Files) -> Files:
    """A true signature of the service, over something else."""
    name = next(name for name in files if name.startswith("signatures/"))
    return relisted({**files, "README.txt": b"All is well.", "manifest.dsse.json": files[name]})


def without_signature(files: Files) -> Files:
    return {name: content for name, content in files.items() if name != "manifest.dsse.json"}


ANEW: list[tuple[Callable[[Files], Files], str]] = [
    (without_a_payload_that_is_called_left_out, "manifest.dsse.json does not sign this list"),
    (with_members(requester={"id": "per_x", "name": "Somebody Else"}), "manifest.dsse.json does not sign this list"),
    (with_members(scope={"kind": "change", "value": "chg_9", "changes": []}), "manifest.dsse.json does not sign this list"),
    (with_members(log_size=5), "disagree on the log or its size"),
    (with_members(kind="prompt-formulary/export/v2"), "is not the list of contents of a bundle"),
    (with_the_signature_of_another_list, "manifest.dsse.json does not sign this list"),
    (with_an_envelope_of_the_log_in_place_of_the_lists, "manifest.dsse.json does not sign this list"),
    (signed_by_a_key_of_ones_own, "manifest.dsse.json is signed by a key that the log does not know"),
    (signed_by_a_key_that_the_bundle_brings, "policy/keys.json tells another history of keys than the log"),
    (with_the_signed_list_of_another_export, "README.txt is in the bundle and not in its list"),
    (without_signature, "manifest.dsse.json is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "reason"), ANEW, ids=[str(number) for number in range(len(ANEW))])
def test_a_list_of_contents_that_was_written_anew_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], forge: Callable[[Files], Files], reason: str
) -> None:
    bundle = pack(tmp_path / "b.zip", forge(good_files(tmp_path)))
    code, said = sentence_of(bundle, capsys)
    assert code == verify.BROKEN
    assert reason in said


@pytest.mark.parametrize("folder", ["README", "log/", "payloads/", "policy/", "proofs/", "signatures/", "verify/"])
def test_no_file_can_be_changed_with_its_digest_set_right_in_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    files = good_files(tmp_path)
    for name in (one for one in files if one.startswith(folder)):
        changed = {**files, name: files[name][:-1] + bytes([files[name][-1] ^ 1])}
        code, said = sentence_of(pack(tmp_path / "b.zip", relisted(changed)), capsys)
        assert code == verify.BROKEN, (name, said)


def test_a_release_does_not_go_live_after_one_of_its_signatures_was_voided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own entry says nothing of it: the release was made before, and nobody entered that it was withdrawn."""
    log = example_log()
    live = json.loads(log.leaves[-1])
    signed = [json.loads(leaf)["entity"]["id"] for leaf in log.leaves if b'"signature.applied"' in leaf]
    manifest, prompt = live["after"]["sha256"], ("prompt", live["entity"]["id"])
    log.enter("signature.voided", SYSTEM, ("signature", signed[-1]), after=("void", manifest), reason="lapse")
    assert sentence_of(write_bundle(tmp_path / "a.zip", log, files_of(log)), capsys)[0] == verify.GOOD
    log.enter("release.live", SYSTEM, prompt, before=("live", manifest), after=("live", manifest))
    code, said = sentence_of(write_bundle(tmp_path / "b.zip", log, files_of(log)), capsys)
    assert code == verify.BROKEN
    assert "makes a release live whose signature was voided" in said


def log_of_a_release_by_policy(*, passes: bool, is_moved: bool = True) -> Log:
    """An administrative change that nobody reviewed, under a policy that allows it or does not."""
    log = example_log()
    policy = log.keep({"classes": {"administrative": {"passes_unreviewed": passes}}})[0]
    log.enter("policy.adopted", SYSTEM, ("policy", "policy"), 1, after=("in_force", policy))
    prompt = log.keep({"prompt": "List the open beds."})[0]
    result = log.keep({"kind": "result", "change": OTHER_CHANGE, "verdict": "pass"})[0]
    change, ada = ("change", OTHER_CHANGE), PEOPLE["ada"]
    log.enter("change.opened", ada, change, after=("draft", None))
    log.enter("change.submit", ada, change, 1, before=("draft", "1" * 64), after=("evaluation", "1" * 64))
    done = ("complete", result)
    log.enter(
        "run.concluded", SYSTEM, ("run", f"run_{OTHER_CHANGE}"), before=("running", None), after=done, reason="pass"
    )
    manifest = log.keep(
        {
            "kind": verify.MANIFEST_KIND,
            "change": {"id": OTHER_CHANGE},
            "prompt": {"name": "beds", "sha256": prompt},
            "risk_class": "administrative",
            "policy_sha256": policy,
            "evaluation": {"run": f"run_{OTHER_CHANGE}", "result_sha256": result, "verdict": "pass"},
            "contributors": [ada.id],
        }
    )[0]
    claims = {
        "change": OTHER_CHANGE,
        "prompt_sha256": prompt,
        "risk_class": "administrative",
        "released_by_policy": True,
    }
    sealed = log.seal(statement("prompt/beds@1", manifest, RELEASE_TYPE, {**claims, "signatures": []}))
    log.enter("release.made", SYSTEM, ("release", "rel_p"), 1, after=("approved", manifest), attest=(sealed,))
    if is_moved:
        after = ("rollout", manifest)
        log.enter("change.release_by_policy", SYSTEM, change, 1, before=("evaluation", "1" * 64), after=after)
    return log


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"passes": True}, None),
        ({"passes": False}, "passed without a review, which its policy does not allow"),
        ({"passes": True, "is_moved": False}, "is called one by policy, and no entry moved its change so"),
    ],
)
def test_nobody_had_to_approve_a_release_only_where_policy_and_log_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: dict[str, bool], reason: str | None
) -> None:
    log = log_of_a_release_by_policy(**how)
    code, said = sentence_of(write_bundle(tmp_path / "b.zip", log, files_of(log)), capsys)
    assert code == (verify.GOOD if reason is None else verify.BROKEN), said
    assert (reason or "") in said
