"""Evidence that may be looked at after every unit: bets on a rate against a limit, bounds for new minus live, arms against shares.

An ordinary test that is repeated at every look calls one harmless rollout in five worse. What stands here keeps its promise however
often one looks, and whenever one stops. What must not live here: which limit applies, and what follows from a bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

BOLDEST_BET = 0.75
"""The largest part of the stake that is bet on one unit; below 1, so that no single unit ends the bet."""


@dataclass(frozen=True)
class Difference:
    """New minus live: the estimate with bounds that each hold at every look with the confidence asked for."""

    estimate: float
    low: float
    high: float


def evidence_above(values: Sequence[float], limit: float) -> float:
    """How much a bet won that the mean of ``values`` (each 0..1, in order of arrival) lies above ``limit``; the best of any look.

    Were the mean at most the limit, the bet would ever reach 1/a with a chance of at most a (Ville 1939). The stakes follow what
    was seen before each unit (Waudby-Smith and Ramdas 2024, betting; approximate growth-rate adaptive bets).
    """
    if not 0 < limit < 1:
        return 1.0
    seen = np.asarray(values, dtype=float)
    count = np.arange(1, len(seen) + 1)
    mean = (0.5 + np.concatenate(([0.0], np.cumsum(seen)[:-1]))) / count
    spread = (0.25 + np.concatenate(([0.0], np.cumsum((seen - mean) ** 2)[:-1]))) / count
    gap = mean - limit
    bets = np.clip(gap / (spread + gap * gap), 0.0, BOLDEST_BET / limit)
    won = np.cumsum(np.log1p(bets * (seen - limit)))
    return float(math.exp(min(700.0, max(0.0, won.max(initial=0.0)))))


def evidence_below(values: Sequence[float], limit: float) -> float:
    """The same bet that the mean lies below ``limit``."""
    return evidence_above([1 - value for value in values], 1 - limit)


def difference(
    new: Sequence[float], live: Sequence[float], *, planned: int, confidence: float, is_share: bool
) -> Difference | None:
    """New minus live over independent units, with one-sided bounds for every look; None with fewer than two units in an arm.

    The normal-mixture boundary (Howard, Ramdas, McAuliffe and Sekhon 2021, eq. 14) for means that are asymptotically normal
    (Waudby-Smith et al. 2024, confidence sequences). It is narrowest near ``planned`` units per arm, which must be fixed beforehand.
    """
    if min(len(new), len(live)) < 2:
        return None
    estimate = _mean(new) - _mean(live)
    variance = _variance_of_mean(new, is_share) + _variance_of_mean(live, is_share)
    time = len(new) * len(live) / (len(new) + len(live))
    reach = math.sqrt(variance / time) * _boundary(time, max(1.0, planned / 2), confidence)
    return Difference(estimate, estimate - reach, estimate + reach)


def paired_difference(
    differences: Sequence[float], *, planned: int, confidence: float, is_share: bool
) -> Difference | None:
    """The mean of paired differences, with one-sided bounds for every look; None with fewer than two pairs."""
    if len(differences) < 2:
        return None
    data, time = np.asarray(differences, dtype=float), float(len(differences))
    estimate = float(data.mean())
    spread = float(data.var(ddof=1))
    if (
        is_share
    ):  # as if one more pair had differed in each direction: no pair that differs is not no such pair possible
        spread = max(spread, (float((data * data).sum()) + 2) / (time + 2) - estimate * estimate)
    reach = math.sqrt(spread) / time * _boundary(time, max(1.0, planned), confidence)
    return Difference(estimate, estimate - reach, estimate + reach)


def evidence_of_wrong_shares(new: int, live: int, share: float) -> float:
    """How much a bet won that units do not reach the new version with this share; above 1,000 something assigns wrongly.

    The beta-binomial mixture against the planned share (Lindon and Malek 2022): valid at every look, where a chi-square
    test repeated at each look is not. ``share`` is above 0 and below 1.
    """
    weight = 100.0
    a, b = weight * share, weight * (1 - share)
    mixed = special.betaln(a + new, b + live) - special.betaln(a, b)
    planned = new * math.log(share) + live * math.log1p(-share)
    return float(math.exp(min(700.0, mixed - planned)))


def _boundary(time: float, best_at: float, confidence: float) -> float:
    """How far a standard Brownian motion strays upwards by ``time``, at any time, with a chance of at most 1 - confidence."""
    alpha = 1 - confidence
    root = -float(np.real(special.lambertw(-alpha * alpha / math.e, -1))) - 1
    rho = best_at / root
    return math.sqrt(2 * (time + rho) * math.log(math.sqrt((time + rho) / rho) / (2 * alpha) + 1))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(np.asarray(values, dtype=float)))


def _variance_of_mean(values: Sequence[float], is_share: bool) -> float:
    """The variance of the mean; of shares, and of marks from 0 to 1, as if one more were 1 and one more 0: none seen is not none possible."""
    data: NDArray[np.float64] = np.asarray(values, dtype=float)
    count = len(data)
    if is_share:
        return float(np.append(data, (0.0, 1.0)).var()) / count
    return float(data.var(ddof=1)) / count
