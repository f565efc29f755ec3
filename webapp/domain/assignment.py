"""Which version a unit gets: sticky, so that widening a share keeps everyone who is already in.

What must not live here: who may be served at all (``webapp.services.delivery``), and what was reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import mmh3

from webapp.domain.cohorts import Place
from webapp.domain.plan import EVERYONE, Plan, Step

OUTSIDE = -1
"""The step of a decision that no rollout counts."""


@dataclass(frozen=True)
class Assigned:
    """What a rollout's plan says of one request. ``step`` is the step that counts it, or ``OUTSIDE``.

    ``gets_new``: the new version is shown; ``runs_silently``: it runs beside the live one and nobody sees it.
    """

    step: int
    gets_new: bool = False
    runs_silently: bool = False


def bucket_of(unit_id: str, salt: str) -> int:
    """The bucket of a unit, 0..9999: MurmurHash3 (32 bit, unsigned, seed 0) of ``unit:salt``, modulo 10,000."""
    return int(mmh3.hash(f"{unit_id}:{salt}".encode(), seed=0, signed=False)) % 10_000


def gets_new_version(unit_id: str, salt: str, share_basis_points: int) -> bool:
    """Is the unit's bucket below the share? A unit that is in stays in when the share widens."""
    return bucket_of(unit_id, salt) < share_basis_points


def salt_of(manifest_sha256: str) -> str:
    """The salt of a release: the first 16 hexadecimal digits of its manifest's digest."""
    return manifest_sha256[:16]


def assign(plan: Plan, step_index: int, place: Place, salt: str) -> Assigned:
    """What the plan says of this request in this step. Without a unit id nothing is shared out: live, and counted by nobody.

    Whoever is in by an earlier step stays in, also where a later step names another cohort.
    """
    step = plan.steps[step_index]
    if not place.unit:
        return Assigned(OUTSIDE)
    if step.kind == "shadow":
        is_in = _is_in(step, place, salt)
        return Assigned(step_index if is_in else OUTSIDE, runs_silently=is_in)
    is_in = any(_is_in(one, place, salt) for one in plan.steps[: step_index + 1] if one.kind != "shadow")
    is_meant = step.cohort is None or step.cohort.holds(place)
    return Assigned(step_index if is_in or is_meant else OUTSIDE, gets_new=is_in)


def _is_in(step: Step, place: Place, salt: str) -> bool:
    if step.cohort is not None and not step.cohort.holds(place):
        return False
    return step.share_basis_points == EVERYONE or gets_new_version(place.unit, salt, step.share_basis_points)
