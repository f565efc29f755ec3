"""What scorers may look up, put together for a run."""

from __future__ import annotations

from dataclasses import replace

from webapp.adapters.codes import icd10_lookups
from webapp.adapters.patterns import search
from webapp.domain.scorers.interface import Lookups


def lookups() -> Lookups:
    """Codes and patterns."""
    return replace(icd10_lookups(), search=search)
