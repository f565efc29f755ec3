"""What a path on the command line means: a prompt file, a test set, or a tree of both.

What must not live here: sending anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from webapp.adapters.prompt_tree import collect_files
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.suite_files import CSV, form_of, read_suite_file
from webapp.domain.prompts.tree import CONFIG_NAMES, SUITE_PLACES, PromptTree, read_tree
from webapp.errors import InvalidInput

LARGEST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class PromptSource:
    """A prompt file to submit, with the test set that lies beside it."""

    path: Path
    raw: bytes
    suite: bytes | None


def read_file(path: Path) -> bytes:
    """The file's bytes; InvalidInput when it cannot be read or is far too large."""
    try:
        if path.is_file() and path.stat().st_size > LARGEST_BYTES:
            raise InvalidInput(f"{path} has more than {LARGEST_BYTES} bytes; name a smaller file.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}); check the path.") from None


def suite_beside(path: Path) -> Path | None:
    """The test set that belongs to a prompt file in the guide's tree."""
    folders = (path.resolve().parent, path.resolve().parent.parent)
    places = (folder / place for folder in folders for place in SUITE_PLACES)
    return next((place for place in places if place.is_file()), None)


def read_suite_lines(path: Path) -> bytes:
    """The test set as JSON lines, as servers take it: a table (.csv) is read here, anything else sent as it is."""
    raw = read_file(path)
    return read_suite_file(raw, str(path)).to_jsonl() if form_of(path.name) == CSV else raw


def name_of_suite(path: Path) -> str:
    """The test set's name: that of the prompt in whose folder it lies, else that of the file."""
    here = path.resolve()
    in_tree = here.parent.name == "evaluation" and any(place.endswith(f"/{here.name}") for place in SUITE_PLACES)
    return here.parent.parent.name if in_tree else here.stem


def open_tree(folder: Path) -> tuple[PromptTree, Path]:
    """The tree, and the folder that its paths start from. A single prompt's folder counts as a tree of one."""
    if is_single_prompt(folder):
        root = folder.resolve().parent
        files = {f"{folder.resolve().name}/{path}": raw for path, raw in collect_files(folder).items()}
    else:
        root, files = folder, collect_files(folder)
    return read_tree(files, read_yaml), root


def is_single_prompt(folder: Path) -> bool:
    """Does the folder hold versions itself, and no mapping of active ones?"""
    has_mapping = any((folder / name).is_file() for name in CONFIG_NAMES)
    return not has_mapping and (any(folder.glob("v*.yaml")) or any(folder.glob("v*.yml")))


def sources_of(path: Path, prompt: str | None, suite: Path | None) -> list[PromptSource]:
    """What to submit: the file itself, or the active version of each prompt of a tree (of one with ``prompt``)."""
    given = None if suite is None else read_suite_lines(suite)
    if not path.is_dir():
        if given is None and (beside := suite_beside(path)):
            given = read_suite_lines(beside)
        return [PromptSource(path, read_file(path), given)]
    tree, root = open_tree(path)
    names = [prompt] if prompt else sorted(tree.active or ([*tree.prompts] if is_single_prompt(path) else []))
    if not names:
        raise InvalidInput(f"{path} names no active version; write prompt-config.yaml, or name one prompt file.")
    return [_active(tree, root, name, given) for name in names]


def _active(tree: PromptTree, root: Path, name: str, suite: bytes | None) -> PromptSource:
    versions = tree.prompts.get(name)
    if not versions:
        raise InvalidInput(f"The tree holds no prompt {name}; it holds {', '.join(sorted(tree.prompts))}.")
    label = tree.active.get(name)
    if label is None and len(versions) > 1:
        raise InvalidInput(f"prompt-config.yaml names no active version of {name}; name the version's file instead.")
    version = next(version for version in versions if label in (None, version.label))
    if suite is None and (own := tree.suites.get(name)):
        suite = own.to_jsonl()
    return PromptSource(root / version.path, version.raw, suite)
