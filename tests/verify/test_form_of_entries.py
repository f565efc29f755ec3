"""The form of an entry in the verifier is exactly that of what the application writes: canonical JSON of the closed schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp import verify
from webapp.domain.record.canonical import canonical, normalised

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['"', "\\", "\x00\x1f\x7f\n", "\u2028 \U0001f9ea", '","x":"']
)
NUMBERS = st.integers(0, 2**53 - 1)
DIGESTS = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
STATES = st.none() | st.fixed_dictionaries({"state": TEXTS, "sha256": st.none() | DIGESTS})
LEAVES = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "log": TEXTS,
        "seq": NUMBERS,
        "ts": st.just("2026-03-02T09:00:00.000Z"),
        "eid": st.integers(0, 2**128 - 1).map(lambda number: f"{number:032x}"),
        "type": st.just("change.opened"),
        "actor": st.fixed_dictionaries({"id": TEXTS, "name": TEXTS, "roles": st.lists(TEXTS, max_size=3), "via": TEXTS}),
        "entity": st.fixed_dictionaries({"type": TEXTS, "id": TEXTS, "version": st.none() | NUMBERS}),
        "prev": st.none() | NUMBERS,
        "before": STATES,
        "after": STATES,
        "reason": st.none() | TEXTS,
        "payload": st.none() | st.fixed_dictionaries({"sha256": DIGESTS, "len": NUMBERS, "media": TEXTS}),
        "attest": st.lists(DIGESTS, max_size=3),
        "app": st.fixed_dictionaries({"version": TEXTS, "config_sha256": TEXTS}),
    }
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(LEAVES)
def test_every_entry_that_can_be_written_is_read(document: dict[str, Any]) -> None:
    document = normalised(document)
    leaf = verify.read_leaf(canonical(document), document["seq"], canonical(document["log"]).decode())
    assert json.loads(leaf["entity_type"]) == document["entity"]["type"]
    assert (leaf["eid"], json.loads(leaf["prev"])) == (document["eid"], document["prev"])


@settings(max_examples=300, deadline=None)
@given(
    LEAVES,
    st.integers(0, 10**4),
    st.sampled_from([*'"\\{}[],: 01eu.-n', "\\u0041", "\\/", '"v":1,', "0", "\t"]),
    st.booleans(),
)
def test_what_is_read_is_canonical_whatever_was_changed_in_it(
    document: dict[str, Any], place: int, piece: str, instead: bool
) -> None:
    text = canonical(normalised(document)).decode()
    at = place % len(text)
    changed = text[:at] + piece + text[at + instead :]
    if verify.ENTRY(changed) is not None:
        assert canonical(json.loads(changed)).decode() == changed
        assert json.loads(changed).keys() == document.keys()


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("entity", {"type": "change", "id": "x", "version": 2**53}),
        ("payload", {"sha256": "0" * 64, "len": 2**53, "media": "x"}),
        ("ts", "2026-13-02T09:00:00.000Z"),
        ("type", "Change.opened"),
        ("actor", {"id": "x", "name": "x", "roles": [1], "via": "x"}),
        ("attest", ["0" * 63]),
        ("before", {"state": None, "sha256": None}),
        ("v", 2),
    ],
)
def test_a_member_of_another_type_is_refused(member: str, value: Any) -> None:
    actor = {"id": "x", "name": "x", "roles": [], "via": "x"}
    entity = {"type": "log", "id": "x", "version": None}
    document = {"v": 1, "log": "x", "seq": 0, "ts": "2026-03-02T09:00:00.000Z", "eid": "0" * 32, "type": "log.opened", "actor": actor,
                "entity": entity, "prev": None, "before": None, "after": None, "reason": None, "payload": None, "attest": [],
                "app": {"version": "x", "config_sha256": "x"}}  # fmt: skip
    assert verify.read_leaf(canonical(document), 0, '"x"')
    with pytest.raises(verify.BrokenEvidence):
        verify.read_leaf(
            json.dumps({**document, member: value}, sort_keys=True, separators=(",", ":")).encode(), 0, '"x"'
        )
