"""What the numbers of a measure say, as sentences: counts before shares, the worst that is possible before the mean."""

from __future__ import annotations

from webapp.domain.evaluation.judging import Judged
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.spread import Spread
from webapp.domain.measures import CONSISTENCY
from webapp.domain.statistics.absolute import Absolute
from webapp.domain.statistics.comparison import Comparison
from webapp.domain.verdict import Verdict, words_for

ARM_WORDS = {CANDIDATE: "New", BASELINE: "Live"}


def sentence_of(judged: Judged) -> str:
    """What is known of one measure, in one or two sentences."""
    if judged.measure.name == CONSISTENCY and judged.cases == 0:
        return "Shown from three answers a case on, and not where a version answers with the same bytes each time."
    if not judged.is_primary and judged.cases == 0:
        return "No case of this test set asks for it."
    if judged.measure.unit != "share" and not judged.is_primary:
        return _amounts(judged)
    if isinstance(judged.known, Absolute):
        return _alone(judged, judged.known)
    return _paired(judged, judged.known)


def amount(value: float, unit: str) -> str:
    """A value in the unit people read: percent, milliseconds, dollars."""
    if unit == "share":
        return f"{_short(value * 100)} %"
    if unit == "ms":
        return f"{value:.0f} ms"
    dollars = value / 1_000_000
    return f"${dollars:.2f}" if dollars >= 1 else f"${dollars:.6f}"


def size(value: float, unit: str) -> str:
    """The size of a difference without its sign."""
    if unit == "share":
        points = _short(abs(value) * 100)
        return f"{points} {'point' if points == '1' else 'points'}"
    return amount(abs(value), unit)


def _amounts(judged: Judged) -> str:
    """How the amounts lie in each arm, by their middle and their 95th percentile, and what moved on average."""
    if not judged.spreads:
        return "Not measured. No answer reported it; the offline model has no time and answers of earlier runs are left out."
    unit, known = judged.measure.unit, judged.known
    lines = [_spread(ARM_WORDS[arm], spread, unit) for arm, spread in judged.spreads.items()]
    if isinstance(known, Comparison) and known.difference is not None:
        lines.append(f"{_moved(known, unit)[:1].upper()}{_moved(known, unit)[1:]}")
    return ". ".join([*lines, "Shown only; the policy sets no limit."])


def _spread(arm: str, spread: Spread, unit: str) -> str:
    half, most = amount(spread.p50, unit), amount(spread.p95, unit)
    return f"{arm}: half of the answers up to {half}, 95 of 100 up to {most}, measured on {spread.answers}"


def _alone(judged: Judged, known: Absolute) -> str:
    unit = judged.measure.unit
    if known.candidate_mean is None:
        return _unknown(judged, known.reason or "Nothing reported it.")
    mean = f"{amount(known.candidate_mean, unit)} in {known.n} cases"
    if not judged.is_primary:
        return f"{mean}. Shown only; the policy sets no limit."
    lowest = "" if known.bound is None else f" (could be as low as {amount(known.bound, unit)})"
    asked = f"the policy asks for {amount(known.threshold, unit)}"
    return f"{_lead(judged.verdict, known.cases_needed)}: {mean}{lowest}; {asked}. {known.reason}".strip()


def _paired(judged: Judged, known: Comparison) -> str:
    if known.difference is None:
        return _unknown(judged, known.reason)
    counts = (
        f"{known.worse} {'case' if known.worse == 1 else 'cases'} worse, {known.better} better, {known.same} the same"
    )
    moved = _moved(known, judged.measure.unit)
    if not judged.is_primary:
        return f"{counts}; {moved}. Shown only; the policy sets no limit."
    accepted = f"the policy accepts a loss of {size(known.margin, judged.measure.unit)}"
    lead = _lead(judged.verdict, known.cases_needed)
    return f"{lead}: {counts}; {moved}; {accepted}. {known.reason}".strip()


def _lead(verdict: str, cases_needed: int | None) -> str:
    return words_for(Verdict(verdict), cases_needed)


def _moved(known: Comparison, unit: str) -> str:
    """The mean difference and the worst that is possible."""
    sign = 1 if known.higher_is_better else -1
    good, bad = ("better", "worse") if unit == "share" else ("less", "more")
    gain = sign * (known.difference or 0.0)
    mean = "no difference on average" if gain == 0 else f"{size(gain, unit)} {good if gain > 0 else bad} on average"
    if known.bound is None:
        return mean
    least = sign * (within_share(known.bound) if unit == "share" else known.bound)
    return f"{mean} ({'could be up to' if least < 0 else 'at least'} {size(least, unit)} {bad if least < 0 else good})"


def within_share(difference: float) -> float:
    """The limit of a difference of shares, kept to what is possible: very few cases leave t limits far beyond it."""
    return min(1.0, max(-1.0, difference))


def _unknown(judged: Judged, reason: str) -> str:
    if judged.is_primary:
        return f"{words_for(Verdict.UNMEASURED)}. {reason}".strip()
    return f"Not measured. {reason}".strip()


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
