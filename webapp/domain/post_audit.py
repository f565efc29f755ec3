"""The follow-up audit: drawing a sample that anybody can draw again, and when two blind graders disagree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HARMS = ("none", "minor", "moderate", "severe")


@dataclass(frozen=True)
class GradeFacts:
    """One grade. ``kind``: grade or adjudication. ``harm`` is one of HARMS."""

    grader_id: str
    kind: str
    is_gradable: bool
    is_accurate: bool | None
    harm: str


def needs_adjudication(grades: Sequence[GradeFacts]) -> bool:
    """Do the blind grades differ in whether the answer can be graded, is accurate, or could harm?"""
    blind = [grade for grade in grades if grade.kind == "grade"]
    return len({(grade.is_gradable, grade.is_accurate, grade.harm != "none") for grade in blind}) > 1


def is_settled(grades: Sequence[GradeFacts]) -> bool:
    """Has a third person, who gave no blind grade, settled the disagreement?"""
    blind = {grade.grader_id for grade in grades if grade.kind == "grade"}
    return any(grade.kind == "adjudication" and grade.grader_id not in blind for grade in grades)


def final_grade(grades: Sequence[GradeFacts]) -> GradeFacts | None:
    """The grade that counts: the settling one where graders disagreed, else that of both; None while one is missing."""
    settling = [grade for grade in grades if grade.kind == "adjudication"]
    blind = [grade for grade in grades if grade.kind == "grade"]
    if settling:
        return settling[0]
    return blind[0] if len(blind) > 1 and not needs_adjudication(grades) else None


def is_failure(grades: Sequence[GradeFacts]) -> bool:
    """Was the answer found wrong, or able to harm, by the grade that counts?"""
    final = final_grade(grades)
    return final is not None and (final.is_accurate is False or final.harm != "none")


def draw_sample(seed: str, strata: Mapping[str, Sequence[str]], size: int) -> list[tuple[str, str]]:
    """``size`` (stratum, id) pairs, as even over the strata as they allow, in an order that tells nothing.

    Each id is ranked by SHA-256 of ``seed:id``; the lowest ranks of each stratum are taken in turn. The same seed and ids
    always give the same sample.
    """
    ranked = {name: sorted(ids, key=lambda item: _rank(seed, item)) for name, ids in sorted(strata.items())}
    taken: list[tuple[str, str]] = []
    depth = 0
    while len(taken) < size and any(depth < len(ids) for ids in ranked.values()):
        for name, ids in ranked.items():
            if depth < len(ids) and len(taken) < size:
                taken.append((name, ids[depth]))
        depth += 1
    return sorted(taken, key=lambda pair: _rank(f"order:{seed}", pair[1]))


def _rank(seed: str, item: str) -> str:
    return hashlib.sha256(f"{seed}:{item}".encode()).hexdigest()
