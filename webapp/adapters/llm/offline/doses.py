"""Dose, route and frequency in the words round a medicine.

What must not live here: medicine names, and whether the medicine is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from webapp.adapters.llm.offline.cues import CORRECTION

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
NUMBER_WORDS: Mapping[str, str] = {word: str(value) for value, word in enumerate(_SMALL.split())} | {
    "half a": "0.5", "half": "0.5", "a": "1", "an": "1", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60",
    "seventy": "70", "eighty": "80", "ninety": "90", "one hundred": "100", "a hundred": "100", "two hundred": "200",
    "five hundred": "500", "two and a half": "2.5", "seven and a half": "7.5", "one and a half": "1.5",
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_WORD_NUMBER = rf"(?:{_TENS})[- ](?:{_ONES})|" + "|".join(
    sorted((word for word in NUMBER_WORDS if word != "zero"), key=lambda w: -len(w))
)
UNITS: Mapping[str, str] = {
    "mg": r"mgs?|milligrams?|milligrammes?",
    "mcg": r"mcgs?|micrograms?|microgrammes?|µg|μg|ug",
    "g": r"g|gm|grams?|grammes?",
    "units": r"units?|iu|u",
    "mL": r"mls?|millilit(?:er|re)s?|cc",
    "puffs": r"puffs?|inhalations?",
    "drops": r"drops?|gtts?",
    "sprays": r"sprays?",
    "tablets": r"tablets?|tabs?|pills?",
    "capsules": r"capsules?|caps?",
    "sachets": r"sachets?",
    "patches": r"patch(?:es)?",
    "pumps": r"pumps?",
    "plasters": r"plasters?",
    "mmol": r"mmols?",
    "L/min": r"l/min|lit(?:er|re)s? (?:a|per) minute|litres?|l",
}
_RATE = r"(?:\s?/\s?(?:kg|hr|hour|h|min|day|dose)|\s(?:per|an) (?:kilo|kg|hour))*"
DOSE = re.compile(
    rf"(?<![\w.,])(?P<number>\d[\d,]{{0,8}}(?:\.\d{{1,4}})?|(?:{_WORD_NUMBER})(?=\s))(?:\s?(?:-|–|to)\s?(?P<upper>\d{{1,9}}(?:\.\d{{1,4}})?))?\s?-?"
    rf"(?P<unit>{'|'.join(UNITS.values())})(?P<rate>{_RATE})(?!\w|\s?/\s?(?:d?l|ml)\b)",
    re.I,
)
BARE_NUMBER = re.compile(
    r"^[\s:,(-]*(?:tablets?|(?:is |was )?(?:the )?)?\s*(\d{1,7}(?:\.\d{1,4})?)(?=[\s,.;)]|$)"
    r"(?!\s?(?:%|x\b|times|years?|weeks?|days?|months?|hours?|mmol|am\b|pm\b|/|per))",
    re.I,
)
NOT_THE_DOSE = re.compile(
    r"\b(?:was|were|from|used to (?:be|take)|previously|had been|not|max(?:imum)?|no more than|up to|instead of|limit|"
    r"never more than|under|than|earlier|before|old|of the|cut|usual)[\s:(]*(?:\w+ ){0,2}$",
    re.I,
)
CHANGES_FROM = re.compile(r"\b(?:from|raised|increased|reduced|cut|up|down|goes|dropped|lowered)[\s:]*(?:\w+ )?$", re.I)
THE_NEW_DOSE = re.compile(
    r"(?:\bnow|\bto|→|->|\binstead|\bbecomes|\bmake (?:it|that)|\bmeaning|\bgoes (?:up|down) to|\bmean|\bthat is|=)[\s:,]*"
    r"(?:\w+ ){0,2}$",
    re.I,
)
ROUTES: Mapping[str, re.Pattern[str]] = {
    route: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I)
    for route, words in {
        "subcutaneous": r"s/?c|subcut(?:aneous(?:ly)?)?|under the skin|subcutaneously",
        "intravenous": r"iv|i\.v\.|intravenous(?:ly)?|infusion|drip",
        "intramuscular": r"im|i\.m\.|intramuscular(?:ly)?|into the muscle",
        "sublingual": r"sl|sublingual(?:ly)?|under the tongue",
        "inhaled": r"inhaled|inhaler|nebs?|nebuli[sz](?:ed|er)|inh|via spacer|through the spacer|puffs?",
        "transdermal": r"patch(?:es)?|transdermal",
        "nasal": r"nasal(?:ly)?|nostrils?|intranasal|nose",
        "ophthalmic": r"ophthalmic|eye ?drops?|drops?[^.;]{0,20}\beyes?",
        "rectal": r"pr|rectal(?:ly)?|suppositor(?:y|ies)|enema",
        "vaginal": r"pv|vaginal(?:ly)?|pessar(?:y|ies)",
        "topical": r"topical(?:ly)?|cream|ointment|gel|lotion|to the skin|shampoo",
        "oral": r"po|p\.o\.|oral(?:ly)?|by mouth|swallow(?:ed)?|tablets?|capsules?",
    }.items()
}
_EACH = r"(?:a|per|each|every|/)"
FREQUENCIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I))
    for name, words in (
        ("as needed", r"prn|p\.r\.n\.?|as needed|when needed|if needed|as required|when required|if required|for breakthrough|"
                      r"when (?:it's|its|it is|they are|the pain is) bad|only if|when (?:he|she|i|you) needs? it|"
                      r"if (?:you|he|she) needs? (?:it|something)|when wheez\w+|on demand"),
        ("every other day", r"every other day|alternate days?|every second day|qod|on alternate days"),
        ("once weekly", rf"once (?:weekly|{_EACH} week)|weekly|every week|one {_EACH} week|each week|on (?:mon|tues|wednes|"
                        r"thurs|fri|satur|sun)days?|(?:mon|tues|wednes|thurs|fri|satur|sun)days only"),
        ("monthly", rf"monthly|once {_EACH} month|every (?:month|four weeks|4 weeks)"),
        ("every 4 hours", r"q4h|every (?:4|four) ?(?:hours|hrs?|h)|(?:4|four)[- ]hourly"),
        ("every 6 hours", r"q6h|every (?:6|six) ?(?:hours|hrs?|h)|(?:6|six)[- ]hourly"),
        ("every 8 hours", r"q8h|every (?:8|eight) ?(?:hours|hrs?|h)|(?:8|eight)[- ]hourly"),
        ("every 12 hours", r"q12h|every (?:12|twelve) ?(?:hours|hrs?|h)|(?:12|twelve)[- ]hourly"),
        ("four times daily", rf"qds|qid|q\.i\.d\.?|(?:four|4) times (?:daily|{_EACH} day|in a day)|4x/?d(?:ay)?"),
        ("three times daily", rf"tds|tid|t\.i\.d\.?|(?:three|3) times (?:daily|{_EACH} day)|thrice daily|3x/?d(?:ay)?"),
        ("twice daily", rf"bds?|bid|b\.i\.d\.?|twice (?:daily|{_EACH} day)|(?:two|2) times (?:daily|{_EACH} day)|2x/?d(?:ay)?|"
                        r"morning and (?:night|evening|bedtime)|night and morning|"
            r"with breakfast and (?:dinner|supper|tea)|both ends of the day"),
        ("at bedtime", r"nocte|noct|at (?:night|bedtime|bed time)|(?:every|each) (?:night|bedtime)|nightly|qhs|hs|before bed|"
                       r"at nights|nite|on going to bed|last thing"),
        ("in the morning", r"mane|in the mornings?|(?:every|each) morning|qam|mornings|(?:at|with|after|before) breakfast|breakfast"),
        ("once daily", rf"od|o\.d\.|qd|once (?:daily|{_EACH} day)|one {_EACH} day|daily|every day|each day|q24h|once every day|"
                       r"every (?:24|twenty-four) hours|1x/?d(?:ay)?|(?:at|with) (?:lunch|dinner|supper)|every evening|in the evenings?"),
        ("continuous", r"continuous(?:ly)?|continuous infusion|per hour|mL/h(?:r|our)?|units/h(?:r|our)?"),
        ("once", r"stat|single dose|one[- ]off|one dose|once only|as a single|once"),
    )
)  # fmt: skip
UNIT_PATTERNS = tuple((unit, re.compile(rf"(?:{words})", re.I)) for unit, words in UNITS.items())


def find_dose(after: str, guesses_unit: bool) -> tuple[str, str]:
    """(number, unit) of the dose that holds in the words after a medicine; empty where there is none."""
    found = [hit for hit in DOSE.finditer(after) if hit["unit"].lower() not in ("l", "u") or hit["number"][0].isdigit()]
    if not found:
        bare = BARE_NUMBER.match(after) if guesses_unit else None
        return (bare.group(1), "mg") if bare else ("", "")
    kept = [hit for hit in found if not _is_an_old_dose(hit, after)] or found[:1]
    corrected = [hit for hit in kept if CORRECTION.search(after[max(0, hit.start() - 40) : hit.start()])]
    changed = [hit for hit in kept if THE_NEW_DOSE.search(after[max(0, hit.start() - 24) : hit.start()])]
    best = (corrected or changed[:1] or kept[:1])[-1]
    rises = best["upper"] and CHANGES_FROM.search(after[max(0, best.start() - 24) : best.start()])
    return _number(best["upper"] if rises else best["number"]), _unit(best)


def _is_an_old_dose(hit: re.Match[str], after: str) -> bool:
    before = after[max(0, hit.start() - 28) : hit.start()]
    # A dose in quotation marks is what some paper says, not what the writer means.
    return not hit["upper"] and bool(NOT_THE_DOSE.search(before) or before.endswith(('"', "“")))


def find_route(around: str) -> str:
    """The route named in the words round a medicine, or empty."""
    for route, pattern in ROUTES.items():
        if pattern.search(around):
            return route
    return ""


def find_frequency(after: str) -> str:
    """The first frequency in the words after a medicine; "as needed" and longer steps win over the number of times."""
    found = [
        (hit.start(), rank, name) for rank, (name, pattern) in enumerate(FREQUENCIES) if (hit := pattern.search(after))
    ]
    if not found:
        return ""
    if any(name == "as needed" for _, _, name in found):
        return "as needed"
    changed = [row for row in found if THE_NEW_DOSE.search(after[max(0, row[0] - 12) : row[0]])]
    first = min(start for start, _, _ in changed or found)
    return min((row for row in changed or found if row[0] <= first + 12), key=lambda row: row[1])[2]


def _number(written: str) -> str:
    words = " ".join(written.lower().replace("-", " ").split())
    if words in NUMBER_WORDS:
        return NUMBER_WORDS[words]
    tens, _, ones = words.partition(" ")
    if tens in NUMBER_WORDS and ones in NUMBER_WORDS:
        return str(int(NUMBER_WORDS[tens]) + int(NUMBER_WORDS[ones]))
    plain = written.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _unit(hit: re.Match[str]) -> str:
    rate = hit["rate"].lower().replace("per ", "/").replace("an ", "/").replace(" ", "")
    rate = rate.replace("hour", "h").replace("hr", "h").replace("kilo", "kg").replace("/day", "").replace("/dose", "")
    for unit, pattern in UNIT_PATTERNS:
        if pattern.fullmatch(hit["unit"]):
            return unit + rate if unit != "L/min" else unit
    return hit["unit"]
