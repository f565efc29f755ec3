"""Where the files of exports are kept: one folder, each named by its export."""

from __future__ import annotations

from pathlib import Path

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow

SUFFIXES = {"dossier": ".pdf"}


def folder_of(outside: Outside) -> Path:
    """The folder of all exports."""
    return outside.settings.var_dir / "exports"


def place_of(folder: Path, row: ExportRow) -> Path:
    """Where the file of this export is kept."""
    return folder / f"{row.id}{SUFFIXES.get(row.scope, '.zip')}"
