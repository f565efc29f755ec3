"""Any single changed byte in any file of a bundle is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verify.synthetic import VKEY, Files, example_log, files_of, pack, read_files, write_bundle
from webapp import verify

CALM = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FOR_READING = (
    "README.txt",
    "verify/",
    "views/",
)  # known by the list of contents only; whoever can sign that may write them


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Files:
    log = example_log()
    return read_files(write_bundle(tmp_path_factory.mktemp("good") / "b.zip", log, files_of(log)))


def changed(content: bytes, place: int, by: int) -> bytes:
    at = place % len(content)
    return content[:at] + bytes([content[at] ^ by]) + content[at + 1 :]


@CALM
@given(data=st.data(), place=st.integers(0, 10**6), by=st.integers(1, 255))
def test_a_changed_byte_in_any_file_is_found(
    tmp_path: Path, good: Files, data: st.DataObject, place: int, by: int
) -> None:
    name = data.draw(st.sampled_from(sorted(good)))
    bundle = pack(tmp_path / "b.zip", {**good, name: changed(good[name], place, by)})
    assert verify.main([str(bundle), "--key", VKEY]) == verify.BROKEN
    assert verify.main([str(bundle)]) == verify.BROKEN


@CALM
@given(data=st.data(), place=st.integers(0, 10**6), by=st.integers(1, 255))
def test_a_changed_byte_of_evidence_is_found_even_if_the_list_of_contents_is_signed_anew(
    tmp_path: Path, good: Files, data: st.DataObject, place: int, by: int
) -> None:
    """Somebody who holds the service's key makes the list true again: the evidence still holds by itself."""
    log = example_log()
    files = files_of(log)
    name = data.draw(st.sampled_from([name for name in sorted(files) if not name.startswith(FOR_READING)]))
    bundle = write_bundle(tmp_path / "b.zip", log, {**files, name: changed(files[name], place, by)})
    assert verify.main([str(bundle), "--key", VKEY]) == verify.BROKEN, name


def test_every_byte_of_the_head_and_of_the_signed_list_is_guarded(tmp_path: Path, good: Files) -> None:
    for name in ("log/checkpoint", "manifest.dsse.json"):
        for place in range(0, len(good[name]), 7):
            bundle = pack(tmp_path / "b.zip", {**good, name: changed(good[name], place, 1)})
            assert verify.main([str(bundle), "--key", VKEY]) == verify.BROKEN, (name, place)
