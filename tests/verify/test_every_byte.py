"""Every byte of every file of a real bundle, changed one at a time.

Files that the list of contents names go through the verifier's own check of digests, byte by byte; the list itself and its signature
through the check of that signature. Whole runs over all steps are sampled (here and in ``test_single_bytes``): a run takes a
tenth of a second, so all of them would take hours.
"""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.synthetic import Files, pack, read_files
from webapp import verify

LIST, SIGNED = "manifest.json", "manifest.dsse.json"
WHOLE_RUNS, RAW_BYTES = 60, 120


def each_byte_changed(content: bytes, by: int = 1) -> Iterator[bytes]:
    """The content once for each of its bytes, that one changed."""
    changed = bytearray(content)
    for place in range(len(changed)):
        changed[place] ^= by
        yield bytes(changed)
        changed[place] ^= by


@pytest.fixture(scope="module")
def good(exported: Path) -> Files:
    return read_files(exported)


@pytest.fixture
def audit(exported: Path, key: str) -> verify.Audit:
    """The verifier after all its steps over the good bundle."""
    audit = verify.Audit(exported, [verify.Key(key)], None)
    for _, step in verify.STEPS:
        step(audit)
    return audit


def test_every_byte_of_every_listed_file_is_guarded_by_its_digest(
    audit: verify.Audit, good: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = json.loads(good[LIST])["files"]
    assert {row["path"] for row in listed} == set(good) - {LIST, SIGNED}
    counted, shown = 0, [b""]
    monkeypatch.setattr(audit, "chunks", lambda _: iter(shown))
    for row in listed:
        for content in each_byte_changed(good[row["path"]]):
            shown[0] = content
            try:
                audit._require_digest(row["path"], row["size"], row["sha256"])
            except verify.BrokenEvidence as error:
                assert "is not the file that was exported" in str(error)
                counted += 1
    assert counted == sum(len(content) for name, content in good.items() if name not in (LIST, SIGNED))


def test_every_byte_of_the_list_of_contents_and_of_its_signature_is_guarded_by_the_signature(
    audit: verify.Audit, good: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature's own arithmetic is asked once for each different question: it depends on nothing else."""
    monkeypatch.setattr(verify, "is_ed25519", functools.lru_cache(verify.is_ed25519))
    for name in (LIST, SIGNED):
        for content in each_byte_changed(good[name]):
            files = {**good, name: content}
            monkeypatch.setattr(audit, "read", files.__getitem__)
            with pytest.raises((verify.BrokenEvidence, TypeError, ValueError, KeyError)):
                audit._check_manifest_signature()


@pytest.mark.parametrize("number", range(WHOLE_RUNS))
def test_a_changed_byte_anywhere_breaks_a_whole_run(tmp_path: Path, good: Files, key: str, number: int) -> None:
    chance = random.Random(number)
    name = sorted(good)[number % len(good)]
    changed = bytearray(good[name])
    changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
    bundle = pack(tmp_path / "b.zip", {**good, name: bytes(changed)})
    assert verify.main([str(bundle), "--key", key]) == verify.BROKEN, name


@pytest.mark.parametrize("number", range(RAW_BYTES))
def test_a_changed_byte_of_the_archive_itself_is_found_or_changes_no_file(
    tmp_path: Path, exported: Path, good: Files, key: str, number: int
) -> None:
    """An archive has bytes that no reader looks at (a file's second header); whatever they say, the files stay the same."""
    content = bytearray(exported.read_bytes())
    content[random.Random(number).randrange(len(content))] ^= 1 << number % 8
    (tmp_path / "b.zip").write_bytes(content)
    code = verify.main([str(tmp_path / "b.zip"), "--key", key])
    assert code in (verify.BROKEN, verify.UNUSABLE) or read_files(tmp_path / "b.zip") == good
