"""Reading doses: numbers in digits and words, units in their usual spellings, ranges, and what is the old dose.

Canonical units: mg for mass, units, mL, puffs, drops, tablets, sprays, mmol, mEq, patches, %; a rate keeps its denominator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_MASS_IN_MG = {"mg": Decimal(1), "mcg": Decimal("0.001"), "g": Decimal(1000), "ng": Decimal("0.000001")}
_SPELLINGS: dict[str, str] = {
    spelling: unit
    for unit, spellings in {
        "mg": "mg mgs milligram milligrams milligramme milligrammes",
        "mcg": "mcg mcgs µg μg ug microgram micrograms microgramme microgrammes",
        "ng": "ng nanogram nanograms",
        "g": "g gm gms gram grams gramme grammes",
        "units": "unit units iu u ius",
        "mL": "ml mls cc millilitre millilitres milliliter milliliters",
        "puffs": "puff puffs inhalation inhalations actuation actuations",
        "drops": "drop drops gtt gtts",
        "tablets": "tablet tablets tab tabs capsule capsules cap caps pill pills",
        "sprays": "spray sprays",
        "mmol": "mmol mmols millimole millimoles",
        "mEq": "meq meqs",
        "patches": "patch patches plaster plasters",
        "sachets": "sachet sachets",
        "pumps": "pump pumps",
        "L": "l litre litres liter liters",
        "%": "%",
    }.items()
    for spelling in spellings.split()
}
_COUNTED = ("tablets", "puffs", "sprays", "patches", "sachets")
_SMALL: dict[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
}  # fmt: skip
_WORDS: dict[str, Decimal] = {
    **{word: Decimal(number) for word, number in _SMALL.items()},
    **{f"{word} hundred": Decimal(number * 100) for word, number in _SMALL.items() if number < 20},
    **{f"{word} hundred{joint} fifty": Decimal(number * 100 + 50) for word, number in _SMALL.items() if number < 20
       for joint in ("", " and")},
    **{f"{word} thousand": Decimal(number * 1000) for word, number in _SMALL.items()},
    "twenty-five": Decimal(25), "seventy-five": Decimal(75), "eighty": Decimal(80), "ninety": Decimal(90),
    "a hundred": Decimal(100), "a thousand": Decimal(1000), "half a": Decimal("0.5"), "half": Decimal("0.5"), "quarter of a": Decimal("0.25"),
    "one and a half": Decimal("1.5"), "a": Decimal(1), "an": Decimal(1), "½": Decimal("0.5"), "¼": Decimal("0.25"),
}  # fmt: skip
_BY_LENGTH = sorted(_SPELLINGS, key=len, reverse=True)
_UNSEEN = "[\u00ad\u200b-\u200f\u2060\ufeff]"
# "5 000": thin spaces always part thousands; a plain one only before a nought, because "2 500 mg tablets" are two of them.
_THOUSANDS = rf"(?:,|[\u2007\u2009\u202f]|[ \u00a0](?=0)){_UNSEEN}{{0,3}}\d{{3}}(?!\d)"
_NUMBER = (
    rf"\d{{1,3}}(?:{_THOUSANDS}){{1,3}}(?:\.\d{{1,6}})?|\d(?:{_UNSEEN}{{0,3}}\d){{0,8}}(?:\.\d{{1,6}})?|\.\d{{1,6}}"
)
_WORD_NUMBER = "|".join(sorted((re.escape(word) for word in _WORDS), key=len, reverse=True))
_RATE = r"kg|m2|h|hr|hour|min|minute|day|d|24\s?h(?:ours)?"
_DOSE = re.compile(
    rf"(?<![\w.,/<>\u2264\u2265])(?P<low>{_NUMBER}|(?:{_WORD_NUMBER})(?=[\s-]))"
    rf"(?:\s?(?P<joint>[-\u2013/]|to|or)\s?(?P<high>{_NUMBER}|(?:{_WORD_NUMBER})(?=\s)))?"
    rf"[\s-]?\s?\**(?P<unit>{'|'.join(_BY_LENGTH)})(?![^\W_])"
    rf"(?P<rate>(?:\s?/\s?(?:{_RATE})(?!\w)|\sper\s(?:{_RATE})(?!\w)){{0,2}})(?P<lab>\s?/\s?(?:\d|[a-z])|\s(?:in|per)\s(?:\d{{1,4}}\s?m?l|m?l|litre|liter)\b)?",
    re.IGNORECASE,
)
_OLD_BEFORE = re.compile(
    r"\b(?:was|were|previously|formerly|from|instead of|rather than|not|no longer|had been(?: taking| on)?|used to (?:take|be)|"
    r"old dose|prior|up from|down from|reduced from|increased from)[\s:(*]{1,3}$",
    re.IGNORECASE,
)
_OLD_AFTER = re.compile(r"[\s)]{0,3}(?:previously|before (?:admission|today|this visit)|in the past)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Dose:
    """One dose as written: all ``amounts`` it may mean, in its canonical ``unit``."""

    amounts: frozenset[Decimal]
    unit: str
    words: str
    start: int
    end: int
    is_old: bool = False


def find_doses(text: str) -> Iterator[Dose]:
    """Each dose of the text in order; concentrations and laboratory values are left out."""
    for hit in _DOSE.finditer(text):
        if hit["lab"]:
            continue
        old = bool(
            _OLD_BEFORE.search(text[max(0, hit.start() - 24) : hit.start()]) or _OLD_AFTER.match(text, hit.end())
        )
        scale, unit = canonical_unit(hit["unit"] + _rate(hit["rate"]))
        amounts = frozenset(amount * scale for amount in _amounts(hit))
        yield Dose(amounts, unit, " ".join(hit.group().split()), hit.start(), hit.end(), old)


def stated_dose(amount: str | None, unit: str | None) -> Dose | None:
    """The dose of a case, given as decimal string and unit; None where the case gives no amount."""
    if amount is None:
        return None
    scale, canonical = canonical_unit(unit or "")
    return Dose(frozenset({Decimal(amount) * scale}), canonical, f"{amount} {unit or ''}".strip(), 0, 0)


def canonical_unit(unit: str) -> tuple[Decimal, str]:
    """The factor and the canonical unit for a unit as written, with the denominator of a rate kept."""
    numerator, slash, rate = unit.strip().replace(" per ", "/").partition("/")
    known = _SPELLINGS.get(numerator.strip().casefold(), numerator.strip().casefold())
    tail = slash + _rate(slash + rate).lstrip("/") if slash else ""
    if known in _MASS_IN_MG:
        return _MASS_IN_MG[known], "mg" + tail
    return Decimal(1), known + tail


def totals(doses: list[Dose]) -> frozenset[tuple[Decimal, str]]:
    """All (amount, unit) that the doses can mean together: each alone, and "2 tablets of 500 mg" as 1000 mg."""
    alone = {(amount, dose.unit) for dose in doses for amount in dose.amounts}
    counts = [amount for amount, unit in alone if unit in _COUNTED]
    return frozenset(
        alone | {(amount * count, unit) for count in counts for amount, unit in alone if unit not in _COUNTED}
    )


def power_of_ten_apart(one: Decimal, other: Decimal) -> bool:
    """Whether one is 10, 100, 1000 ... times the other."""
    if one <= 0 or other <= 0 or one == other:
        return False
    ratio = (max(one, other) / min(one, other)).normalize()
    return ratio.as_tuple().digits == (1,)


def _amounts(hit: re.Match[str]) -> set[Decimal]:
    low, high = _number(hit["low"]), _number(hit["high"]) if hit["high"] else None
    if high is None:
        return {low}
    return {low, high, low + high} if hit["joint"] == "/" else {low, high}


def _number(words: str) -> Decimal:
    plain = " ".join(words.casefold().split())
    return _WORDS[plain] if plain in _WORDS else Decimal(re.sub(r"[^\d.]", "", plain))


def _rate(rate: str | None) -> str:
    """The denominators in short form: "per hour" and "/hr" become "/h"."""
    parts = re.findall(rf"{_RATE}", (rate or "").casefold().replace("per", ""))
    short = {"hr": "h", "hour": "h", "minute": "min", "day": "d"}
    kept = ["d" if part.startswith("24") else short.get(part, part) for part in parts]
    return "".join(f"/{part}" for part in kept if part != "d")  # "mg per day" is a daily dose in mg
