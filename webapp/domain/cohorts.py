"""Cohorts: the named sites, departments, applications or units that a step is meant for.

What must not live here: shares and buckets (``assignment``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from webapp.errors import InvalidInput

PARTS = ("sites", "departments", "applications", "units")
MOST_NAMES = 500


@dataclass(frozen=True)
class Place:
    """Where a request comes from: the unit's own id and what the application says of it. Empty: not said."""

    unit: str = ""
    site: str = ""
    department: str = ""
    application: str = ""


@dataclass(frozen=True)
class Cohort:
    """Who is meant: a request belongs when it fits every part that names anybody."""

    sites: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def holds(self, place: Place) -> bool:
        """Does the request belong? One that does not say where it comes from never does."""
        said = (place.site, place.department, place.application, place.unit)
        named = (self.sites, self.departments, self.applications, self.units)
        return all(word in names for word, names in zip(said, named, strict=True) if names)

    def is_within(self, wider: Cohort) -> bool:
        """Does everybody of this cohort belong to the wider one?"""
        return all(
            not had or (has and set(has) <= set(had))
            for had, has in ((getattr(wider, part), getattr(self, part)) for part in PARTS)
        )

    @property
    def words(self) -> str:
        """As "sites North, South; applications Clinic"."""
        return "; ".join(f"{part} {', '.join(names)}" for part, names in self.document().items())

    def document(self) -> dict[str, list[str]]:
        """The cohort for canonical JSON, without the parts that name nobody."""
        return {part: list(names) for part, names in asdict(self).items() if names}


def read_cohort(where: str, document: object) -> Cohort | None:
    """The cohort that ``document`` describes; None where nobody is named apart; InvalidInput says what is wrong."""
    if document is None:
        return None
    if not isinstance(document, Mapping) or set(document) - set(PARTS) or not document:
        raise InvalidInput(f"{where}: a cohort names {', '.join(PARTS)}, each as a list.")
    return Cohort(**{str(part): _names(where, str(part), names) for part, names in document.items()})


def _names(where: str, part: str, names: object) -> tuple[str, ...]:
    found = list(names) if isinstance(names, Sequence) and not isinstance(names, str) else []
    if not 1 <= len(found) <= MOST_NAMES or any(not _is_name(one) for one in found):
        raise InvalidInput(f"{where}: {part} of the cohort is a list of 1 to {MOST_NAMES} names of plain characters.")
    return tuple(sorted(set(found)))


def _is_name(one: object) -> bool:
    return isinstance(one, str) and 0 < len(one) <= 200 and one.isprintable()
