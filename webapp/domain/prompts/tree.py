"""The guide's tree of prompts: version files, test cases and the mapping of active versions, read as one.

What must not live here: the file system (``adapters/prompt_tree``) and YAML, whose reader is passed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from webapp.domain.prompts.faults import Fault, Faults, quote
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.suite import Suite
from webapp.domain.prompts.suite_files import read_suite_file
from webapp.errors import InvalidInput

ReadYaml = Callable[[bytes, str], object]
CONFIG_NAMES = ("prompt-config.yaml", "prompt-config.yml")
SUITE_PLACE = "evaluation/test-cases.jsonl"
ADVERSARIAL_PLACE = "evaluation/adversarial-cases.jsonl"
SUITE_PLACES = (SUITE_PLACE, "evaluation/test-cases.csv")

_VERSION_PATH = re.compile(r"(?P<name>[^/]+)/v(?P<label>[^/]+)\.ya?ml")
_SUITE_PATH = re.compile(rf"(?P<name>[^/]+)/({'|'.join(map(re.escape, SUITE_PLACES))})")
_ADVERSARIAL_PATH = re.compile(rf"(?P<name>[^/]+)/{re.escape(ADVERSARIAL_PLACE)}")
_OURS = re.compile(r".+/.+\.(ya?ml|jsonl)|.+/test-cases\.csv")


@dataclass(frozen=True)
class TreeVersion:
    """One version file: its label, its path in the tree, its bytes as submitted, and what they say."""

    label: str
    path: str
    raw: bytes
    prompt: PromptFile


@dataclass(frozen=True)
class PromptTree:
    """Versions by prompt name in the order of their labels, suites by prompt name, and which label is active.

    ``adversarial`` holds the suites of attacks: run by name (``--suite``), never in place of the test cases.
    """

    prompts: Mapping[str, tuple[TreeVersion, ...]]
    suites: Mapping[str, Suite]
    active: Mapping[str, str]
    adversarial: Mapping[str, Suite] = field(default_factory=dict)


def read_tree(files: Mapping[str, bytes], read_yaml: ReadYaml) -> PromptTree:
    """The whole tree (paths with / from its root); InvalidInput with the faults of all files otherwise."""
    reader = _TreeReader(read_yaml)
    for path in sorted(files):
        reader.take(path, files[path])
    active = reader.active()
    if not reader.versions and not reader.faults.count:
        reader.fault("", "holds no prompt; a version stands at NAME/v1.0.yaml")
    reader.faults.raise_if_any()
    prompts = {name: tuple(sorted(found, key=_label_order)) for name, found in reader.versions.items()}
    return PromptTree(prompts, reader.suites, active, reader.adversarial)


def label_order(label: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts 1.10 after 1.9: numbers by value, other text by letters."""
    return tuple(
        (1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", label)
    )


def _label_order(version: TreeVersion) -> tuple[tuple[int, int, str], ...]:
    return label_order(version.label)


@dataclass
class _TreeReader:
    """What was read so far; a faulty file adds faults and nothing else."""

    read_yaml: ReadYaml
    versions: dict[str, list[TreeVersion]] = field(default_factory=dict)
    suites: dict[str, Suite] = field(default_factory=dict)
    adversarial: dict[str, Suite] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    named: set[str] = field(default_factory=set)  # prompts with a version file, good or faulty
    configs: dict[str, bytes] = field(default_factory=dict)

    def fault(self, path: str, sentence: str, where: str = "") -> None:
        self.faults.add(Fault(path or "the tree", where, sentence))

    def take(self, path: str, raw: bytes) -> None:
        """The file is read, remembered as the mapping, or found to be none of ours."""
        try:
            if path in CONFIG_NAMES:
                self.configs[path] = raw
            elif found := _ADVERSARIAL_PATH.fullmatch(path):
                self.adversarial[found["name"]] = read_suite_file(raw, path, name=f"{found['name']}-adversarial")
            elif found := _SUITE_PATH.fullmatch(path):
                self.suite(path, raw, found["name"])
            elif found := _VERSION_PATH.fullmatch(path):
                self.named.add(found["name"])
                self.version(path, raw, found["name"], found["label"])
            elif _OURS.fullmatch(path):
                self.fault(
                    path,
                    f"has no place in the tree; versions stand at NAME/v1.0.yaml, cases at NAME/{SUITE_PLACE}, "
                    f"attacks at NAME/{ADVERSARIAL_PLACE}",
                )
        except InvalidInput as error:
            self.faults.add_error(error, path)

    def suite(self, path: str, raw: bytes, folder: str) -> None:
        if folder in self.suites:
            self.fault(path, f"stands beside another form of the same test set ({SUITE_PLACES[1]}); keep one of them")
        self.suites[folder] = read_suite_file(raw, path, name=folder)

    def version(self, path: str, raw: bytes, folder: str, label: str) -> None:
        prompt = read_prompt(self.read_yaml(raw, path), path)
        if prompt.name != folder:
            self.fault(
                path, f"is named {prompt.name} but stands in the folder {quote(folder)}; make them equal", "name"
            )
        if prompt.label != label:
            self.fault(
                path, f"is version {prompt.label}, but the file is called v{quote(label)}; make them equal", "version"
            )
        if any(other.label == prompt.label for other in self.versions.get(folder, ())):
            self.fault(path, f"is a second file for version {prompt.label}; keep one of them", "version")
        self.versions.setdefault(folder, []).append(TreeVersion(prompt.label, path, raw, prompt))

    def active(self) -> dict[str, str]:
        """The active label of each prompt that the mapping names; also checks what only the whole tree can tell."""
        for name in (self.suites.keys() | self.adversarial.keys()) - self.named:
            self.fault(
                f"{name}/{SUITE_PLACE}", "has test cases, but the folder holds no version; add one or remove the cases"
            )
        if len(self.configs) > 1:
            self.fault(CONFIG_NAMES[1], f"stands beside {CONFIG_NAMES[0]}; keep one of them")
        mapping: dict[str, str] = {}
        for path, raw in self.configs.items():
            try:
                mapping = self.mapping(path, self.read_yaml(raw, path))
            except InvalidInput as error:
                self.faults.add_error(error, path)
        return mapping

    def mapping(self, path: str, document: object) -> dict[str, str]:
        rows = document.get("active") if isinstance(document, dict) and list(document) == ["active"] else document
        if isinstance(rows, str):  # a prompt may itself be called "active"
            rows = document
        if not isinstance(rows, dict):
            self.fault(path, 'must map names to versions, as in `active: {clinical-summarization: "1.1"}`')
            return {}
        return {name: label for name, value in rows.items() if (label := self.label(path, name, value)) is not None}

    def label(self, path: str, name: str, value: object) -> str | None:
        """The label that the mapping means for the prompt, with or without its leading v; None with a fault."""
        if not isinstance(value, str):
            self.fault(path, f'write {quote(name)}: "1.1" with quotes, the version as text', quote(name))
            return None
        labels = {version.label for version in self.versions.get(name, ())}
        found = value if value in labels else value.removeprefix("v")
        if found in labels:
            return found
        if name not in self.named:
            self.fault(
                path, f"names the prompt {quote(name)}, which has no folder with versions in the tree", quote(name)
            )
        else:
            self.fault(
                path, f"names version {quote(value)}, but there is no good file v{quote(found)}.yaml", quote(name)
            )
        return None
