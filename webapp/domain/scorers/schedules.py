"""Reading how often and by which route a medicine is given: "bid", "b.d." and "twice a day" are one thing."""

from __future__ import annotations

import re

_TIMES = r"\s?(?:times|x|×)?\s?(?:a|per|/|each|every|in a)?\s?(?:day|daily|24 hours)"
_EVERY = r"\b(?:q\.?\s?|every\s|each\s)"

# name -> pattern; one text may match several ("four times daily as needed").
_FREQUENCIES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "twice daily": rf"\b(?:bid|b\.i\.d\.?|bd|b\.d\.?)(?!\w)|\btwice\s?(?:a|per|/|each|every)?[\s-]?(?:day|daily)|\b(?:two|2){_TIMES}",
        "three times daily": rf"\b(?:tid|t\.i\.d\.?|tds|t\.d\.s\.?)(?!\w)|\b(?:three|3){_TIMES}|\bthrice\s(?:a day|daily)",
        "four times daily": rf"\b(?:qid|q\.i\.d\.?|qds|q\.d\.s\.?)(?!\w)|\b(?:four|4){_TIMES}",
        "every 4 hours": rf"{_EVERY}(?:4|four)(?:\s?-\s?\d)?\s?(?:h|hr|hrs|hours|hourly)\b|\b(?:4|four)[\s-]?hourly",
        "every 6 hours": rf"{_EVERY}(?:6|six)(?:\s?-\s?\d)?\s?(?:h|hr|hrs|hours|hourly)\b|\b(?:6|six)[\s-]?hourly",
        "every 8 hours": rf"{_EVERY}(?:8|eight)\s?(?:h|hr|hrs|hours|hourly)\b|\b(?:8|eight)[\s-]?hourly",
        "every 12 hours": rf"{_EVERY}(?:12|twelve)\s?(?:h|hr|hrs|hours|hourly)\b|\b(?:12|twelve)[\s-]?hourly",
        "every other day": r"\bevery (?:other|second) day|\balternate days?|\bqod\b|\bq\.o\.d\.?|\bon alternating days",
        "once weekly": r"\bonce (?:a|per|each|every) week|\b(?:once )?weekly\b|\bevery week\b|\beach week\b|\ba week\b|"
        r"\b(?:every|each|on) (?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bq\s?wk\b|\bevery (?:7|seven) days",
        "monthly": r"\bmonthly\b|\bevery month\b|\bonce a month\b|\bevery (?:4|four) weeks|\bq\s?month\b",
        "every 2 weeks": r"\bfortnightly\b|\bevery (?:2|two|other) weeks?|\bbiweekly\b",
        "at bedtime": r"\b(?:at|before|every|each|on going to)\s?(?:bed|bedtime|night)\b|\bnightly\b|\bnocte\b|\bqhs\b|"
        r"\bq\.h\.s\.?|\bhs\b|(?-i:\bON\b)|\bin the evening\b|\b(?:every|each) evening|\bqpm\b|\bevenings\b",
        "in the morning": r"\b(?:in|every|each)\s(?:the\s)?mornings?\b|\bmornings\b|\bmane\b|\bqam\b|\bq\.a\.m\.?|\bom\b|"
        r"\bbefore breakfast|\bwith breakfast",
        "as needed": r"\bprn\b|\bp\.r\.n\.?|\b(?:as|if|when|only if|where) (?:needed|required|necessary)|\bon demand",
        "once": r"\bstat\b|\bsingle (?:dose|injection|infusion)|\bone[\s-]?(?:off|time)\b|\bonce only\b|\bonce(?=\s*(?:$|[,.;)]))"
        r"|\bas a single\b|\bone dose\b|\bx\s?1\b|\bone bag\b",
        "continuous": r"\bcontinuous(?:ly)?\b|\binfusion\b|\bper hour\b|/\s?hr?\b|\baround the clock\b",
        "once daily": r"\b(?:qd|q\.d\.?|od|o\.d\.?)(?!\w)|\b(?:once|one time|1\s?x?)\s?(?:a|per|/|each|every)?[\s-]?(?:day|daily)|"
        r"(?<!times )(?<!times a )(?<!twice )(?<!times per )(?<!twice a )(?<!twice-)(?<!x )(?<![2-9]x)\b(?:daily|"
        r"every day|each day|a day|per day|every 24 hours|q24h)\b|/day\b",
    }.items()
}
_MORNING_AND_EVENING = re.compile(r"\bmornings? and (?:evening|night)", re.IGNORECASE)
_IMPLIES: dict[str, tuple[str, ...]] = {
    "in the morning": ("once daily",),
    "at bedtime": ("once daily",),
    "every 12 hours": ("twice daily",),
    "every 8 hours": ("three times daily",),
    "every 6 hours": ("four times daily",),
    "twice daily": ("every 12 hours",),
    "three times daily": ("every 8 hours",),
    "four times daily": ("every 6 hours",),
}
_MORE_THAN_DAILY = frozenset(
    {"twice daily", "three times daily", "four times daily", "every other day", "once weekly", "monthly"}
)

_ROUTES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "oral": r"\boral(?:ly)?\b|\bpo\b|\bp\.o\.?(?!\w)|\bby mouth\b|\bper os\b|\btab(?:let)?s?\b|\bcap(?:sule)?s?\b",
        "subcutaneous": r"\bsub-?cut(?:aneous(?:ly)?)?\b|\bsubq\b|\bsc\b|\bs\.c\.?(?!\w)|\bsq\b|\bunder the skin\b",
        "intravenous": r"\bintravenous(?:ly)?\b|\biv\b|\bi\.v\.?(?!\w)|\bivpb\b",
        "intramuscular": r"\bintramuscular(?:ly)?\b|\bim\b|\bi\.m\.?(?!\w)",
        "inhaled": r"\binhal(?:ed|er|ation|ations)\b|\bpuffs?\b|\bnebuli[sz]ed\b|\bnebs?\b|\bnebuli[sz]er\b|\binh\b",
        "topical": r"\btopical(?:ly)?\b|\bcream\b|\bointment\b|\bgel\b|\bto (?:the )?(?:affected )?skin\b|\blotion\b|\bapply\b",
        "ophthalmic": r"\bophthalmic\b|\beye ?drops?\b|\b(?:both|each|left|right) eyes?\b|\binto the eyes?\b",
        "sublingual": r"\bsublingual(?:ly)?\b|\bunder the tongue\b|\bsl\b",
        "rectal": r"\brectal(?:ly)?\b|\bper rectum\b|\bpr\b|\bsuppositor(?:y|ies)\b|\benema\b",
        "nasal": r"\bnasal(?:ly)?\b|\bintranasal(?:ly)?\b|\bnostrils?\b|\bnose\b",
        "transdermal": r"\btransdermal(?:ly)?\b|\bpatch(?:es)?\b",
        "vaginal": r"\bvaginal(?:ly)?\b|\bpessar(?:y|ies)\b",
    }.items()
}


def frequencies(text: str) -> frozenset[str]:
    """All frequencies a short text states, in the words of a case."""
    found = {name for name, pattern in _FREQUENCIES.items() if pattern.search(text)}
    if {"in the morning", "at bedtime"} <= found or _MORNING_AND_EVENING.search(text):
        found.add("twice daily")
    return frozenset(found - {"once daily"} if found & _MORE_THAN_DAILY else found)


def frequency_named(words: str | None) -> str | None:
    """A case's own frequency in canonical words; what we cannot read stays as it is, in lower case."""
    if words is None:
        return None
    plain = " ".join(words.casefold().split())
    if plain in _FREQUENCIES:
        return plain
    found = frequencies(plain)
    return next(iter(found)) if len(found) == 1 else plain


def frequency_credit(expected: str, found: frozenset[str], text: str) -> float:
    """1 where the text states the expected frequency in any words, half where it says once daily without the hour."""
    if expected in found or expected in text.casefold():
        return 1.0
    if any(expected in _IMPLIES.get(name, ()) for name in found):
        return 1.0
    return 0.5 if any(name in _IMPLIES.get(expected, ()) for name in found) else 0.0


def routes(text: str) -> frozenset[str]:
    """All routes a short text states."""
    return frozenset(name for name, pattern in _ROUTES.items() if pattern.search(text))
