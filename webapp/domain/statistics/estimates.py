"""Mean and spread of case values that may come in clusters: case-weighted mean, CR2 variance, Bell-McCaffrey degrees.

Cases of one encounter or patient resemble each other; taking them as separate would promise far too narrow an interval.
Source: Bell and McCaffrey 2002; Pustejovsky and Tipton 2018. For clusters of one case all of it is the ordinary t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special

from webapp.domain.statistics.bounds import clopper_pearson_upper

FEWEST_DIFFERING_CLUSTERS = 5


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and degrees of freedom; ``standard_error`` is 0 where all values agree."""

    mean: float
    standard_error: float
    degrees: float
    n: int
    clusters: int

    def bound_below(self, confidence: float) -> float:
        """The one-sided lower t bound."""
        if self.standard_error == 0:
            return self.mean
        return self.mean - float(special.stdtrit(self.degrees, confidence)) * self.standard_error

    def p_below(self, value: float) -> float:
        """One-sided p of a true mean at or above the value, given the mean seen."""
        if self.standard_error == 0:
            return 0.0 if self.mean < value else 1.0
        return float(special.stdtr(self.degrees, (self.mean - value) / self.standard_error))

    @property
    def spread(self) -> float:
        """The standard deviation that n independent cases of the same standard error would have."""
        return self.standard_error * math.sqrt(self.n)


def estimate(values: Sequence[float], clusters: Sequence[str]) -> Estimate:
    """The case-weighted mean with its CR2 standard error; needs at least two clusters for one above zero."""
    data = np.asarray(values, dtype=float)
    groups, index = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    n, sizes = len(data), np.bincount(index).astype(float)
    mean = float(data.mean())
    if len(groups) < 2:
        return Estimate(mean, 0.0, 0.0, n, len(groups))
    sums = np.bincount(index, weights=data - mean)
    weights = 1 / ((1 - sizes / n) * n * n)
    variance = float((weights * sums * sums).sum())
    tiny = variance <= (1e-12 * max(1.0, float(np.abs(data).max()))) ** 2
    error = 0.0 if tiny else math.sqrt(variance)
    return Estimate(mean, error, _degrees(sizes, weights, n), n, len(groups))


def sparse_reach(differences: Sequence[float], clusters: Sequence[str], confidence: float) -> float | None:
    """How far the mean could lie below zero where fewer than five clusters differ at all; None where more do.

    Too few differences say nothing of their spread. So auditors' Stringer bound (Bickel 1992): the exact upper bound for no
    cluster that gets worse, each by the most that is possible (1, or the largest value seen where measures are amounts),
    and for each one seen the growth of that bound times its own loss, largest first. For none worse of n this is the rule
    of three; where each loses all it is the bound of Clopper and Pearson. Gains are not set off.
    """
    sums: dict[str, float] = {}
    for difference, cluster in zip(differences, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + difference
    if sum(total != 0 for total in sums.values()) >= FEWEST_DIFFERING_CLUSTERS:
        return None
    count, largest = len(sums), max(1.0, *(abs(difference) for difference in differences))
    usual_size = len(differences) / count
    losses = sorted((min(1.0, -total / usual_size / largest) for total in sums.values() if total < 0), reverse=True)
    shares = [clopper_pearson_upper(worse, count, confidence) for worse in range(len(losses) + 1)]
    reach = shares[0] + sum(
        (after - before) * loss for (before, after), loss in zip(pairwise(shares), losses, strict=True)
    )
    return reach * largest


def sign_p(worse: int, better: int) -> float:
    """One-sided p of at least so many worse among those that differ, were both equally likely (exact McNemar)."""
    differing = worse + better
    return 1.0 if worse == 0 else float(special.bdtrc(worse - 1, differing, 0.5))


def _degrees(sizes: NDArray[np.float64], weights: NDArray[np.float64], n: int) -> float:
    """Satterthwaite degrees of freedom of the CR2 variance of a mean; G - 1 for clusters of equal size."""
    leverage = sizes / n
    own = float((weights**2 * sizes**2 * (1 - leverage) ** 2).sum())
    crossed = (float((weights * sizes**2).sum()) ** 2 - float((weights**2 * sizes**4).sum())) / n**2
    return float((1 / n) ** 2 / (own + crossed))
