"""The guide's tree: read whole, or refused with the faults of all files."""

from __future__ import annotations

import pytest

from tests.domain.prompts.examples import CASE, PROMPT, changed, jsonl
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.serialise import serialise_prompt
from webapp.domain.prompts.tree import PromptTree, label_order, read_tree
from webapp.errors import InvalidInput

NAME = "clinical-summarization"


def version(label: str, name: str = NAME) -> bytes:
    return serialise_prompt(PROMPT | {"version": label, "name": name})


def tree() -> dict[str, bytes]:
    return {
        f"{NAME}/v1.10.yaml": version("1.10"),
        f"{NAME}/v1.9.yaml": version("1.9"),
        f"{NAME}/evaluation/test-cases.jsonl": jsonl(CASE),
        "medication-extraction/v1.0.yaml": version("1.0", "medication-extraction"),
        "prompt-config.yaml": b'active:\n  clinical-summarization: "1.9"\n',
        "README.md": b"hello",
    }


def read(files: dict[str, bytes]) -> PromptTree:
    return read_tree(files, read_yaml)


def refusal(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(InvalidInput) as found:
        read(files)
    return [f"{row['source']}: {row['sentence']}" for row in found.value.details["faults"]]


def test_versions_are_in_the_order_of_their_numbers() -> None:
    found = read(tree())
    assert [row.label for row in found.prompts[NAME]] == ["1.9", "1.10"]
    assert found.prompts[NAME][0].path == f"{NAME}/v1.9.yaml"
    assert found.prompts[NAME][0].raw == version("1.9")
    assert found.suites[NAME].name == NAME and len(found.suites[NAME].cases) == 1
    assert found.active == {NAME: "1.9"}


def test_attacks_stand_beside_the_test_cases_and_never_in_their_place() -> None:
    attacks = {f"{NAME}/evaluation/adversarial-cases.jsonl": jsonl(CASE | {"category": "adversarial"})}
    found = read(tree() | attacks)
    assert found.suites[NAME].cases[0].category != "adversarial"
    assert found.adversarial[NAME].name == f"{NAME}-adversarial"
    assert not read(tree()).adversarial
    lonely = {"lonely/evaluation/adversarial-cases.jsonl": jsonl(CASE)}
    assert any("holds no version" in sentence for sentence in refusal(tree() | lonely))


@pytest.mark.parametrize(
    "config",
    [
        b'clinical-summarization: "1.9"\n',
        b"active: {clinical-summarization: v1.9}\n",
        b"clinical-summarization: v1.9\n",
        b"\"clinical-summarization\": '1.9'\n",
    ],
)
def test_the_mapping_may_be_flat_and_may_say_v(config: bytes) -> None:
    assert read(tree() | {"prompt-config.yaml": config}).active == {NAME: "1.9"}


def test_a_tree_without_mapping_has_nothing_active() -> None:
    files = tree()
    del files["prompt-config.yaml"]
    assert read(files).active == {}


def test_a_prompt_may_be_called_active() -> None:
    files = {"active/v1.0.yaml": version("1.0", "active"), "prompt-config.yaml": b'active: "1.0"\n'}
    assert read(files).active == {"active": "1.0"}


@pytest.mark.parametrize(
    ("path", "raw", "words"),
    [
        ("prompt-config.yaml", b"active: {clinical-summarization: 1.9}", "with quotes"),
        ("prompt-config.yaml", b'active: {clinical-summarization: "3.0"}', "no good file v3.0.yaml"),
        ("prompt-config.yaml", b'active: {other: "1.0"}', "has no folder"),
        ("prompt-config.yaml", b"- a", "must map names"),
        ("prompt-config.yaml", b"active:", "must map names"),
        ("prompt-config.yaml", b"a: [", "not YAML"),
        ("prompt-config.yml", b'clinical-summarization: "1.9"', "stands beside"),
        (f"{NAME}/v2.0.yaml", version("2.1"), "is version 2.1, but the file is called v2.0"),
        (f"{NAME}/v2.0.yaml", version("2.0", "other-name"), "stands in the folder clinical-summarization"),
        (f"{NAME}/v1.9.yml", version("1.9"), "a second file for version 1.9"),
        (f"{NAME}/v2.0.yaml", b"a: &x 1", "anchor"),
        (f"{NAME}/v2.0.yaml", b"name: x", "is missing"),
        (f"{NAME}/2.0.yaml", version("2.0"), "has no place in the tree"),
        (f"{NAME}/drafts/v2.0.yaml", version("2.0"), "has no place in the tree"),
        (f"{NAME}/evaluation/more.jsonl", jsonl(CASE), "has no place in the tree"),
        (f"{NAME}/evaluation/test-cases.jsonl", b"[]", "not a JSON object"),
        ("lonely/evaluation/test-cases.jsonl", jsonl(CASE), "holds no version"),
    ],
)
def test_a_fault_names_its_file(path: str, raw: bytes, words: str) -> None:
    found = [row for row in refusal(tree() | {path: raw}) if words in row]
    assert found and all(row.startswith(f"{path}: ") for row in found)


def test_an_empty_tree_is_refused() -> None:
    assert refusal({"README.md": b""}) == ["the tree: holds no prompt; a version stands at NAME/v1.0.yaml"]


def test_the_faults_of_all_files_are_collected() -> None:
    files = tree() | {
        f"{NAME}/v2.0.yaml": b"version: 2.0\n",
        f"{NAME}/evaluation/test-cases.jsonl": jsonl(changed(CASE, "id", ...)),
        "prompt-config.yaml": b"- no",
    }
    assert {row.split(":")[0] for row in refusal(files)} == {
        f"{NAME}/v2.0.yaml", f"{NAME}/evaluation/test-cases.jsonl", "prompt-config.yaml"
    }  # fmt: skip


def test_a_mapping_to_a_faulty_version_says_so() -> None:
    files = tree() | {f"{NAME}/v2.0.yaml": b"[", "prompt-config.yaml": b'clinical-summarization: "2.0"'}
    assert any("no good file v2.0.yaml" in row for row in refusal(files))


def test_faults_beyond_the_list_are_still_counted() -> None:
    files = tree() | {f"{NAME}/evaluation/test-cases.jsonl": b"{}\n" * 100}
    with pytest.raises(InvalidInput) as found:
        read(files)
    assert found.value.details["count"] == 300 and len(found.value.details["faults"]) == 50


def test_labels_sort_by_number() -> None:
    labels = ["2.0", "1.10", "1.9", "2.0-short", "1.9.1", "10"]
    assert sorted(labels, key=label_order) == ["1.9", "1.9.1", "1.10", "2.0", "2.0-short", "10"]
