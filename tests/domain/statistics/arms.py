"""Pairs of results with a known truth, made from consecutive seeds that nobody chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.domain.statistics.comparison import Comparison
from webapp.domain.statistics.paired import Pair, compare


def pairs_of(
    baseline: Sequence[float], candidate: Sequence[float], clusters: Sequence[str] | None = None
) -> list[Pair]:
    groups = clusters or [""] * len(baseline)
    return [
        Pair(f"c{i:04}", group, float(old), float(new))
        for i, (old, new, group) in enumerate(zip(baseline, candidate, groups, strict=True))
    ]


def compared(pairs: Sequence[Pair], **limits: Any) -> Comparison:
    defaults = {"margin": 0.03, "least_cases": 30, "total_cases": len({pair.case_id for pair in pairs}), "unscored": 0}
    return compare(pairs, **{**defaults, **limits})


def two_arms(seed: int, n: int, drop: float = 0.0) -> list[Pair]:
    """Yes/no results: a case both get right 80 times of 100, either arm alone 5, and the candidate loses ``drop`` more."""
    chance = np.random.default_rng(seed).random(n)
    baseline = chance < 0.85
    candidate = (chance < 0.80 - drop) | ((chance >= 0.85) & (chance < 0.90))
    return pairs_of(baseline, candidate)


def graded_arms(seed: int, n: int, shift: float = 0.0) -> list[Pair]:
    """Marks in 0..1 with independent differences of mean ``shift``."""
    rng = np.random.default_rng(seed)
    baseline = rng.uniform(0.3, 0.7, n)
    return pairs_of(baseline, baseline + shift + rng.normal(0, 0.1, n))


def clustered_arms(seed: int, clusters: int, each: int, shift: float = 0.0) -> list[Pair]:
    """Marks whose differences are largely shared within a cluster."""
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(0, 0.08, clusters), each) + rng.normal(0, 0.04, clusters * each)
    names = [f"p{i // each}" for i in range(clusters * each)]
    return pairs_of([0.5] * len(names), 0.5 + shift + own, names)


def clustered_marks(seed: int, clusters: int, each: int) -> list[Pair]:
    """Yes/no results of which a patient's five resemble each other; the same truth in both arms."""
    rng = np.random.default_rng(seed)
    chance = np.repeat(rng.beta(4, 2, clusters), each)
    names = [f"p{i // each}" for i in range(clusters * each)]
    draws = rng.random((2, clusters * each)) < chance
    return pairs_of(draws[0].tolist(), draws[1].tolist(), names)


def skewed_arms(seed: int, n: int, clusters: int | None = None) -> list[Pair]:
    """Losses that are mostly small and sometimes large; their true mean is -0.1."""
    losses = np.random.default_rng(seed).exponential(0.1, n)
    names = None if clusters is None else [f"p{i % clusters}" for i in range(n)]
    return pairs_of([1.0] * n, (1.0 - losses).tolist(), names)


def quarter_marks(seed: int, n: int) -> list[Pair]:
    """Marks in quarters, the same truth in both arms."""
    rng = np.random.default_rng(seed)
    return pairs_of((rng.binomial(4, 0.8, n) / 4).tolist(), (rng.binomial(4, 0.8, n) / 4).tolist())


def lognormal_arms(seed: int, n: int) -> list[Pair]:
    """Extremely skewed losses; their true mean is -0.1 times the square root of e."""
    losses = 0.1 * np.random.default_rng(seed).lognormal(0, 1, n)
    return pairs_of([1.0] * n, (1.0 - losses).tolist())
