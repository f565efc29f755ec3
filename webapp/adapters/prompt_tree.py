"""A folder of prompt files brought into memory, with limits, before anything is read from it.

What must not live here: what the files mean (``domain/prompts/tree``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from webapp.errors import InvalidInput

SUFFIXES = (".yaml", ".yml", ".jsonl")
TABLE = "test-cases.csv"  # other tables that lie in the tree are none of ours
LIMIT_FILES = 2_000
LIMIT_FILE_BYTES = 8 * 1024 * 1024
LIMIT_TREE_BYTES = 64 * 1024 * 1024


def collect_files(root: Path) -> dict[str, bytes]:
    """The YAML and JSONL files and tables of cases under the root by path with /; hidden files and stored results are left out.

    Links that lead out of the root, linked folders and anything beyond the limits are InvalidInput.
    """
    if not root.is_dir():
        raise InvalidInput(f"{root.name or root} is not a folder; name the folder that holds the prompts.")
    files: dict[str, bytes] = {}
    left = LIMIT_TREE_BYTES
    for path in _paths(root):
        name = path.relative_to(root).as_posix()
        if len(files) >= LIMIT_FILES:
            raise InvalidInput(f"The folder holds more than {LIMIT_FILES} files; name a smaller one.")
        files[name] = _read(path, name)
        left -= len(files[name])
        if left < 0:
            raise InvalidInput(f"The folder holds more than {LIMIT_TREE_BYTES} bytes; name a smaller one.")
    return files


def _paths(root: Path) -> Iterator[Path]:
    """The files to read, in order; folders are walked without following links."""
    inside = root.resolve()
    for folder, folders, names in os.walk(root, onerror=_refuse_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (Path(folder) / name).is_symlink():
                raise InvalidInput(f"The folder {name} is a link; put the files themselves there.")
        for name in sorted(names):
            path = Path(folder) / name
            if not _is_wanted(name):
                continue
            if not path.resolve().is_relative_to(inside):
                raise InvalidInput(f"{path.relative_to(root).as_posix()} is a link that leads out of the folder.")
            yield path


def _is_wanted(name: str) -> bool:
    return (name.endswith(SUFFIXES) or name == TABLE) and not name.startswith((".", "results-"))


def _read(path: Path, name: str) -> bytes:
    try:
        if not path.is_file():
            raise InvalidInput(f"{name} is not a regular file or leads nowhere; remove it.")
        with path.open("rb") as stream:
            raw = stream.read(LIMIT_FILE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read ({error.strerror}); check its permissions.") from None
    if len(raw) > LIMIT_FILE_BYTES:
        raise InvalidInput(f"{name} has more than {LIMIT_FILE_BYTES} bytes; split it or remove it.")
    return raw


def _refuse_folder(error: OSError) -> None:
    raise InvalidInput(f"The folder {Path(str(error.filename)).name} cannot be read ({error.strerror}).") from None
