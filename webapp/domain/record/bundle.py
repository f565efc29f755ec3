"""The contents of an export bundle as documents and bytes: list of contents, history of keys, tiles, the note on how to check.

What must not live here: reading the log and writing the archive (services and adapters), and checking (``webapp.verify``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from webapp.domain.record.audit_pack import Period
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.domain.record.dsse import statement
from webapp.domain.record.key_history import KeyHistory
from webapp.domain.record.merkle import leaf_hash, node_hash
from webapp.domain.record.tiles import WIDTH, bundle, index_path

KIND = "prompt-formulary/export/v1"
EXPORT_TYPE = "https://prompt-formulary.example/export/v1"
LIST_OF_CONTENTS = "manifest.json"
SIGNED_LIST = "manifest.dsse.json"

README = """\
An export of the audit log and of the evidence behind it.

How to check it, without trusting whoever gave it to you:

    python3 verify.py THIS.zip --key KEY --prior-checkpoint FILE

verify.py: take your own copy rather than the one in verify/ here, or compare its SHA-256 with the published one.
KEY: the line on the key card that was printed when the log was opened. Without it the answer is UNPINNED.
FILE: a checkpoint that you obtained earlier, from an older export or a quarterly slip. Without it a history that was rewound and signed
again cannot be told from the true one.

Exit codes: 0 good, 1 evidence broken, 2 usage or format, 3 good but weaker than policy.

The same checks can be made with openssl and with the note and tlog packages of Go (golang.org/x/mod/sumdb); the project's docs/verify.md
shows each command.

    manifest.json       every file with size and SHA-256; manifest.dsse.json signs it
    policy/keys.json    the history of the keys; for information, never a reason to trust them
    log/                checkpoints, tiles and entries.jsonl (the same entries, one a line)
    proofs/             that an entry stands in the log, and that one checkpoint continues another
    signatures/         what people and the service signed (DSSE envelopes)
    payloads/           what the digests in entries and signatures are of; each file is named by its SHA-256
    views/              for reading; the evidence is the rest of this bundle
"""

VERIFIER_NOTE = """\
verify.py here came with the bundle. Compare its SHA-256 with the one published with the release of this software, or better take your own copy:
whoever gave you the bundle could have given you another verifier.
"""


@dataclass(frozen=True)
class Scope:
    """What an export covers: ``kind`` change, prompt, period or all; ``value`` says which; ``changes`` are the ids of its changes."""

    kind: str
    value: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class ExportFacts:
    """What the list of contents says of its export. ``left_out`` is (SHA-256 of a payload, closed code of the reason).

    ``period``: which entries an audit pack covers.
    """

    origin: str
    log_size: int
    scope: Scope
    requester_id: str
    requester_name: str
    made_at: str
    with_case_text: bool
    left_out: Sequence[tuple[str, str]]
    period: Period | None = None


def list_of_contents(facts: ExportFacts, files: Mapping[str, tuple[int, str]]) -> bytes:
    """manifest.json: every file, by path, with its size in bytes and its SHA-256."""
    return canonical(
        normalised(
            {
                "kind": KIND,
                "log": facts.origin,
                "log_size": facts.log_size,
                "scope": {
                    "kind": facts.scope.kind,
                    "value": facts.scope.value,
                    "changes": sorted(facts.scope.changes),
                },
                "requester": {"id": facts.requester_id, "name": facts.requester_name},
                "made_at": facts.made_at,
                "with_case_text": facts.with_case_text,
                "files": [{"path": path, "size": files[path][0], "sha256": files[path][1]} for path in sorted(files)],
                "left_out": [{"sha256": digest, "reason": reason} for digest, reason in sorted(set(facts.left_out))],
                **({} if facts.period is None else {"period": facts.period.document()}),
            }
        )
    )


def statement_of_contents(contents: bytes) -> bytes:
    """The in-toto statement whose envelope signs the list of contents."""
    return statement(LIST_OF_CONTENTS, sha256_hex(contents), EXPORT_TYPE, {})


def document_of_keys(history: KeyHistory) -> bytes:
    """policy/keys.json: every key of log and service with the entries for which it counts, and what was revoked."""
    service = [
        {"keyid": sha256_hex(bytes.fromhex(row.name)), "public_key": row.name, **row.to_document()}
        for row in history.service
    ]
    return canonical({"log": [{"vkey": row.name, **row.to_document()} for row in history.log], "service": service})


def proof_lines(hashes: Sequence[bytes]) -> bytes:
    """A proof that one checkpoint continues another: a hash in base64 on each line."""
    return b"".join(base64.b64encode(item) + b"\n" for item in hashes)


def tiles_of(leaves: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every tile over these entries (C2SP tlog-tiles), hashes and bundles of entries, each as soon as it is full.

    Holds no more than one tile of each level.
    """
    levels: list[tuple[int, list[bytes]]] = []
    entries: list[bytes] = []
    count = 0
    for content in leaves:
        count += 1
        entries.append(content)
        if len(entries) == WIDTH:
            yield _path("entries", count // WIDTH - 1), bundle(entries)
            entries.clear()
        yield from _grow(levels, leaf_hash(content))
    if entries:
        yield _path("entries", count // WIDTH, len(entries)), bundle(entries)
    for level, (number, hashes) in enumerate(levels):
        if hashes:
            yield _path(str(level), number, len(hashes)), b"".join(hashes)


def _grow(levels: list[tuple[int, list[bytes]]], node: bytes, level: int = 0) -> Iterator[tuple[str, bytes]]:
    """One more hash at this level; a tile that became full is given out, and its root grows the level above."""
    if level == len(levels):
        levels.append((0, []))
    number, hashes = levels[level]
    hashes.append(node)
    if len(hashes) == WIDTH:
        yield _path(str(level), number), b"".join(hashes)
        levels[level] = (number + 1, [])
        yield from _grow(levels, _root_of_full_tile(hashes), level + 1)


def _root_of_full_tile(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[turn], hashes[turn + 1]) for turn in range(0, len(hashes), 2)]
    return hashes[0]


def _path(level: str, number: int, width: int = WIDTH) -> str:
    return f"log/tile/{level}/{index_path(number, width)}"
