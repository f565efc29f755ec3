"""A small log with one signed and released change, made with test keys, and the bundle of it: what the tests then break.

The keys are those of the known-answer vector: the log's seed is 32 times 0x01, the service's 32 times 0x03.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webapp import verify
from webapp.adapters.bundle_file import BundleFile
from webapp.adapters.keys import ServiceKey
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.bundle import (
    LIST_OF_CONTENTS,
    README,
    SIGNED_LIST,
    ExportFacts,
    Scope,
    document_of_keys,
    list_of_contents,
    statement_of_contents,
    tiles_of,
)
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.dsse import envelope, statement
from webapp.domain.record.key_history import KeyHistory, KeyRow
from webapp.domain.record.leaf import Entry, LeafActor, Place, leaf_bytes
from webapp.domain.record.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of
from webapp.domain.record.notes import NoteKey, sign_note
from webapp.domain.record.proof_files import write_proof

ORIGIN = "kat.example/log"
LOG_SEED, SERVICE_SEED, STRANGER_SEED = b"\x01" * 32, b"\x03" * 32, b"\x09" * 32
VERIFIER = Path(__file__).resolve().parents[2] / "webapp" / "verify.py"
CHANGE, OTHER_CHANGE = "chg_1", "chg_2"
SIGNATURE_TYPE = "https://prompt-formulary.example/signature/v1"
RELEASE_TYPE = "https://prompt-formulary.example/release/v1"


@dataclass
class Signer:
    """A key of the log or of the service, from its seed."""

    seed: bytes

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def note_key(self) -> NoteKey:
        return NoteKey(ORIGIN, self.public)


def checkpoint_of(leaves: list[bytes], seed: bytes = LOG_SEED, origin: str = ORIGIN) -> bytes:
    """The signed note over these entries."""
    signer = Signer(seed)
    text = Checkpoint(origin, len(leaves), root_of([leaf_hash(leaf) for leaf in leaves])).to_text()
    return sign_note(text, [(NoteKey(origin, signer.public), signer.private.sign)]).to_bytes()


VKEY = Signer(LOG_SEED).note_key.to_vkey()


@dataclass
class Log:
    """A log in memory. Its entries are made by the application's own functions."""

    leaves: list[bytes] = field(default_factory=list)
    payloads: dict[str, bytes] = field(default_factory=dict)
    envelopes: dict[str, bytes] = field(default_factory=dict)
    assertions: dict[str, bytes] = field(default_factory=dict)
    heads: dict[tuple[str, str], int] = field(default_factory=dict)
    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    service: ServiceKey = field(default_factory=lambda: ServiceKey.from_seed(SERVICE_SEED))
    passkey: Callable[[bytes], dict[str, str]] | None = None  # what answers for statements of level L2

    def enter(
        self, kind: str, who: LeafActor, entity: tuple[str, str], version: int | None = None, **facts: Any
    ) -> int:
        seq = len(self.leaves)
        place = Place(ORIGIN, seq, self.at, f"{seq + 1:032x}", self.heads.get(entity), "test", "0" * 64)
        self.leaves.append(leaf_bytes(Entry(kind, who, *entity, version, **facts), place))
        self.heads[entity] = seq
        self.at += timedelta(minutes=1)
        return seq

    def keep(self, document: dict[str, Any]) -> tuple[str, int, str]:
        content = canonical(document)
        self.payloads[sha256_hex(content)] = content
        return sha256_hex(content), len(content), "application/json"

    def seal(self, payload: bytes) -> str:
        """The digest of the envelope that the service signs."""
        return self._keep_envelope(envelope(payload, self.service.keyid, self.service.sign))

    def seal_by_passkey(self, payload: bytes) -> str:
        """The digest of the envelope that bears a passkey's signature; its answer is kept beside it."""
        assert self.passkey is not None
        answer = self.passkey(payload)
        key, signature = (base64.b64decode(answer[name]) for name in ("public_key", "signature"))
        digest = self._keep_envelope(envelope(payload, sha256_hex(key), lambda _: signature))
        self.assertions[digest] = canonical(answer)
        return digest

    def _keep_envelope(self, signed: bytes) -> str:
        self.envelopes[sha256_hex(signed)] = signed
        return sha256_hex(signed)


SYSTEM = LeafActor("system", "Prompt Formulary", (), "system")
PEOPLE = {
    "ada": LeafActor("per_ada", "Ada Roe", ("author",), "session"),
    "kim": LeafActor("per_kim", "Kim Doe", ("informaticist",), "session"),
    "osei": LeafActor("per_osei", "Abena Osei", ("physician",), "session"),
}


def example_log(risk_class: str = "clinical", level: str = "L1") -> Log:
    """One change from its opening to what is live: submitted by Ada, reviewed by Kim, signed by Osei."""
    log = Log()
    opened = {
        "instance": "0" * 32,
        "organisation": "Example",
        "salt": "0" * 32,
        "service_public_key": log.service.public.hex(),
    }
    log.enter("log.opened", SYSTEM, ("log", ORIGIN), payload=log.keep(opened))
    for person in PEOPLE.values():
        log.enter("role.granted", SYSTEM, ("person", person.id), reason=person.roles[0])
    release_change(log, CHANGE, risk_class, level)
    return log


def release_change(
    log: Log,
    change: str,
    risk_class: str = "clinical",
    level: str = "L1",
    first_signers: Iterable[LeafActor] = (),
    claimed: dict[str, Any] | None = None,
) -> str:
    """The change goes the whole way, signed by ``first_signers`` before Osei; returns the digest of its manifest.

    ``claimed``: what the release's attestation says beside the ordinary.
    """
    ada, kim, osei = PEOPLE["ada"], PEOPLE["kim"], PEOPLE["osei"]
    prompt = f"system: name the dose, {change}\n".encode()
    log.payloads[sha256_hex(prompt)] = prompt
    log.enter("change.opened", ada, ("change", change), after=("draft", None))
    log.enter("change.submit", ada, ("change", change), 1, before=("draft", "1" * 64), after=("evaluation", "1" * 64))
    result = log.keep({"kind": "result", "change": change, "verdict": "pass"})[0]
    log.enter(
        "run.concluded",
        SYSTEM,
        ("run", f"run_{change}"),
        1,
        before=("running", None),
        after=("complete", result),
        reason="pass",
    )
    manifest = log.keep(_manifest(change, sha256_hex(prompt), result, risk_class))[0]
    log.enter(
        "change.evaluated", SYSTEM, ("change", change), 1, before=("evaluation", "1" * 64), after=("review", manifest)
    )
    approvals = [sign(log, kim, change, manifest, "approve", "review", "signoff", "review")]
    for first in first_signers:
        approvals.append(sign(log, first, change, manifest, "sign", "signoff", "signoff", "approval", level=level))

    def make_release(approval: str) -> None:
        body = {"change": change, "prompt_sha256": sha256_hex(prompt), "risk_class": risk_class, "released_by_policy": False, **(claimed or {}),
                "signatures": sorted([*approvals, approval]), "made_at": "2026-03-02T09:00:00.000Z"}  # fmt: skip
        release = log.seal(statement(f"prompt/notes@{change}", manifest, RELEASE_TYPE, body))
        log.enter(
            "release.made", osei, ("release", f"rel_{change}"), 1, after=("approved", manifest), attest=(release,)
        )

    sign(log, osei, change, manifest, "sign", "signoff", "rollout", "approval", level=level, between=make_release)
    log.enter("change.start", ada, ("change", change), 1, before=("rollout", manifest), after=("rollout", manifest))
    log.enter(
        "release.live",
        ada,
        ("prompt", f"pro_{change}"),
        before=("nothing", None),
        after=("live", manifest),
        reason="started",
    )
    return manifest


def _manifest(change: str, prompt: str, result: str, risk_class: str) -> dict[str, Any]:
    return {
        "kind": "prompt-formulary/release-manifest/v1",
        "change": {"id": change, "revision": 1},
        "prompt": {"name": "notes", "version": 1, "sha256": prompt},
        "risk_class": risk_class,
        "evaluation": {"run": f"run_{change}", "result_sha256": result, "verdict": "pass"},
        "contributors": ["per_ada"],
    }


def sign(
    log: Log,
    who: LeafActor,
    change: str,
    manifest: str,
    move: str,
    source: str,
    target: str,
    meaning: str,
    *,
    level: str = "L1",
    nonce: str | None = None,
    between: Callable[[str], None] | None = None,
    held: dict[str, Any] | None = None,
) -> str:
    """The act is signed and entered; returns the digest of its envelope."""
    display = log.keep({"kind": "display", "change": change, "move": move, "entries": len(log.leaves)})[0]
    claims = {
        "signer": {"id": who.id, "name": who.name, "title": "", "credentials": "", "organisation": "Example"},
        "role": who.roles[0], "meaning": meaning, "attestation": {"version": 1, "text": ATTESTATIONS[meaning]},
        "signed_at": "2026-03-02T09:00:00.000Z", "zone": "UTC", "level": level, "display_sha256": display,
        "workflow": {"move": move, "from": source, "to": target}, "prior_signatures": [], "log_origin": ORIGIN,
        "nonce": nonce or f"nonce-{len(log.leaves)}",
    }  # fmt: skip
    if held is not None:
        claims["role_held"] = held
    payload = statement(f"prompt/notes/change/{change}", manifest, SIGNATURE_TYPE, claims)
    digest = log.seal_by_passkey(payload) if level == "L2" and log.passkey else log.seal(payload)
    entity = ("signature", f"sig_{len(log.leaves)}")
    log.enter("signature.applied", who, entity, after=("valid", manifest), attest=(digest,))
    if between is not None:
        between(digest)
    log.enter(
        f"change.{move}",
        who,
        ("change", change),
        1,
        before=(source, manifest),
        after=(target, manifest),
        attest=(digest,),
    )
    return digest


def only_keys(log_seed: bytes, service: ServiceKey) -> KeyHistory:
    """One key of the log and one of the service, both since the first entry."""
    return KeyHistory((KeyRow(Signer(log_seed).note_key.to_vkey(), 0),), (KeyRow(service.public.hex(), 0),))


Files = dict[str, bytes]
WHOLE = Scope("all", "all", (CHANGE,))


def files_of(
    log: Log,
    *,
    older: Iterable[int] = (5,),
    log_seed: bytes = LOG_SEED,
    changes: tuple[str, ...] = (CHANGE,),
    history: KeyHistory | None = None,
) -> Files:
    """Every file of the bundle over the log, without its list of contents."""
    size = len(log.leaves)
    head = checkpoint_of(log.leaves, log_seed)
    hashes = [leaf_hash(leaf) for leaf in log.leaves]
    files: Files = {
        "README.txt": README.encode(),
        "log/checkpoint": head,
        f"log/checkpoints/{size}": head,
        "log/entries.jsonl": b"".join(leaf + b"\n" for leaf in log.leaves),
        "policy/keys.json": document_of_keys(history or only_keys(log_seed, log.service)),
        "verify/verify.py": VERIFIER.read_bytes(),
    }
    for smaller in (old for old in older if 0 < old < size):
        files[f"log/checkpoints/{smaller}"] = checkpoint_of(log.leaves[:smaller], log_seed)
        proof = consistency_proof(smaller, hashes)
        files[f"proofs/consistency/{smaller}-{size}"] = b"".join(_base64(item) + b"\n" for item in proof)
    for seq in range(min(size, 3)):
        files[f"proofs/{seq}.tlog-proof"] = write_proof(seq, inclusion_proof(seq, hashes), head)
    files.update(tiles_of(log.leaves))
    files.update({f"payloads/{digest}": content for digest, content in log.payloads.items()})
    files.update({f"signatures/{digest}.dsse.json": content for digest, content in log.envelopes.items()})
    files.update({f"signatures/{digest}.webauthn.json": content for digest, content in log.assertions.items()})
    return files


def write_bundle(
    path: Path,
    log: Log,
    files: Files,
    *,
    seed: bytes = SERVICE_SEED,
    scope: Scope = WHOLE,
    left_out: tuple[tuple[str, str], ...] = (),
) -> Path:
    """The bundle of these files, with a list of contents that is true of them, signed with the service's key."""
    with BundleFile(path) as bundle:
        for name, content in files.items():
            bundle.add(name, content)
        _add_list(bundle, len(log.leaves), scope, left_out, seed)
    return path


def _add_list(bundle: BundleFile, size: int, scope: Scope, left_out: tuple[tuple[str, str], ...], seed: bytes) -> None:
    facts = ExportFacts(ORIGIN, size, scope, "per_quinn", "Quinn Reyes", "2026-03-03T09:00:00.000Z", False, left_out)
    key = ServiceKey.from_seed(seed)
    contents = list_of_contents(facts, bundle.files)
    bundle.add(SIGNED_LIST, envelope(statement_of_contents(contents), key.keyid, key.sign))
    bundle.add(LIST_OF_CONTENTS, contents)


def write_long_bundle(path: Path, count: int, entities: int = 50_000) -> int:
    """The bundle of a log with about ``count`` entries on so many entities, written in a stream; returns the bytes of its entries."""
    log = example_log()
    begun = len(log.leaves)
    stamp = log.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def leaves() -> Iterator[bytes]:
        yield from log.leaves
        for seq in range(begun, count):
            before = seq - entities
            yield LONG_LEAF % (
                seq + 1,
                seq % entities,
                str(before).encode() if before >= begun else b"null",
                seq,
                stamp.encode(),
            )

    tree, size = verify.Tree(), 0
    for leaf in leaves():
        tree.append(leaf)
        size += len(leaf) + 1
    signer = Signer(LOG_SEED)
    text = Checkpoint(ORIGIN, tree.size, tree.root()).to_text()
    files = files_of(log, older=())
    files["log/checkpoint"] = sign_note(text, [(signer.note_key, signer.private.sign)]).to_bytes()
    kept = ("payloads/", "signatures/", "policy/", "verify/", "README", "log/checkpoint")
    with BundleFile(path) as bundle:
        for name, content in files.items():
            if name.startswith(kept) and not name.startswith("log/checkpoints/"):
                bundle.add(name, content)
        bundle.add_stream("log/entries.jsonl", (leaf + b"\n" for leaf in leaves()), size)
        for name, content in tiles_of(leaves()):
            bundle.add(name, content)
        _add_list(bundle, tree.size, WHOLE, (), SERVICE_SEED)
    return size


LONG_LEAF = (
    b'{"actor":{"id":"per_01HXYZABCDEFGHJKMNPQRS","name":"Kim Doe","roles":["informaticist"],"via":"session"},"after":null,'
    b'"app":{"config_sha256":"' + b"0" * 64 + b'","version":"0.3.0"},"attest":[],"before":null,"eid":"%032x",'
    b'"entity":{"id":"run_01HXYZABCDEFGHJKMNPQ%07d","type":"case","version":1},"log":"kat.example/log","payload":null,'
    b'"prev":%s,"reason":"opened","seq":%d,"ts":"%s","type":"case.opened","v":1}'
)


def read_files(path: Path) -> Files:
    """Every file of a bundle, with the list of contents."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, files: Files) -> Path:
    """An archive of these files as they are: for bundles that somebody changed."""
    with BundleFile(path) as bundle:
        for name, content in files.items():
            bundle.add(name, content)
    return path


def relisted(files: Files) -> Files:
    """The files with their list of contents made true again, as somebody without any key can; its signature stays the old one."""
    listed = json.loads(files[LIST_OF_CONTENTS])
    names = sorted(set(files) - {LIST_OF_CONTENTS, SIGNED_LIST})
    listed["files"] = [
        {"path": name, "size": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()} for name in names
    ]
    return {**files, LIST_OF_CONTENTS: canonical(listed)}


def resigned(files: Files, seed: bytes = SERVICE_SEED) -> Files:
    """The same with the list of contents signed again too, as only who holds the service's key can."""
    again = relisted(files)
    key = ServiceKey.from_seed(seed)
    return {**again, SIGNED_LIST: envelope(statement_of_contents(again[LIST_OF_CONTENTS]), key.keyid, key.sign)}


def _base64(content: bytes) -> bytes:
    return base64.b64encode(content)
