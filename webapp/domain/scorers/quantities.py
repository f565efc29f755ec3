"""Reading numbers with their units and the measurement they belong to: "BP 132/78", "seventy-five micrograms", "37.3 C".

A number without unit and without a known measurement before it is no fact of its own, but it can support one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from webapp.domain.scorers.terms import Token, read_tokens
from webapp.domain.scorers.words import word_set

_LOOK_BACK_TOKENS = 4
_ABOUT_TOKENS = 12

# Canonical unit = its spellings, as one to three words; a denominator follows "/" or "per".
_UNITS = """
mg=mg,milligram,milligramme; mcg=mcg,microgram,microgramme,ug,\u00b5g,\u03bcg; ng=ng,nanogram; pg=pg,picogram;
g=g,gm,gram,gramme; kg=kg,kilogram,kilo,kgs; lb=lb,lbs,pound; oz=oz,ounce; st=stone; ml=ml,milliliter,cc,mls; l=l,liter;
dl=dl,deciliter; cm=cm,centimeter; mm=mm,millimeter; m=m,meter; in=inch,inche,inches; ft=ft,feet,foot;
c=c,\u00b0c,celsiu,celsius,degree c,degree celsius,deg c; f=f,\u00b0f,fahrenheit,degree f,degree fahrenheit,deg f;
mmhg=mmhg,mm hg,millimeter of mercury,mm of hg,torr; %=%,percent,per cent; /min=bpm,beat per minute,breath per minute;
meq=meq,milliequivalent; mmol=mmol,millimole; umol=umol,\u00b5mol,\u03bcmol,micromole; nmol=nmol,nanomole;
pmol=pmol,picomole; u=u,unit,iu,miu,international unit; mosm=mosm,mosmol,milliosmole; h=h,hr,hour; min=min,minute;
s=sec,second; d=d,day; wk=wk,week; mo=month; y=y,yr,year,yo; mm3=mm3,cubic millimeter; ul=ul,\u00b5l,\u03bcl,microliter;
hpf=hpf,high power field; m2=m2,square meter; tablet=tablet,tab,capsule,pill; puff=puff; drop=drop; spray=spray;
patch=patch; time=time; pack=pack; drink=drink; degree=degree,\u00b0; kcal=kcal,calorie; breath=breath; beat=beat;
copy=copy,copie
"""
_LABELS = """
blood pressure=bp,blood pressure; pulse=pulse,heart rate,hr,pulse rate; temperature=temperature,temp;
respirations=respiration,respiratory rate,rr,resp,breathing rate; oxygen saturation=oxygen saturation,sat,spo2,o2
sat,saturation; weight=weight,wt; height=height,ht; bmi=bmi,body mass index; hemoglobin=hemoglobin,hb,hgb;
hematocrit=hematocrit,hct; platelets=platelet,platelet count,plt; white cells=leukocyte,leukocyte count,wbc,white cell,white
cell count,white blood cell count; creatinine=creatinine,cr; urea=urea,urea nitrogen,bun,blood urea nitrogen;
sodium=sodium,na; potassium=potassium,k; chloride=chloride,cl; bicarbonate=bicarbonate,hco3,hco; calcium=calcium,ca;
magnesium level=magnesium,mg level; phosphate level=phosphate,phosphorus; glucose=glucose,blood sugar,blood glucose,fasting
glucose,sugar; hba1c=hba1c,a1c,hemoglobin a1c; alt=alt; ast=ast; bilirubin=bilirubin,total bilirubin; alkaline
phosphatase=alkaline phosphatase,alp; albumin=albumin; lipase level=lipase; crp=crp; esr=esr; tsh=tsh; troponin=troponin;
lactate=lactate; d-dimer=d dimer; inr=inr; psa=psa; ferritin=ferritin; egfr=egfr,gfr; ph=ph; pco2=pco2,paco2; po2=po2,pao2;
ldl=ldl; hdl=hdl; triglycerides=triglyceride; cholesterol=cholesterol,total cholesterol; ejection fraction=ejection
fraction,ef,lvef; peak flow=peak flow; gcs=gcs,glasgow coma scale; apgar=apgar,apgar score; phq-9=phq 9; gestation=gestation
"""
_WORDS: dict[str, float] = {
    "zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "half": 0.5, "quarter": 0.25, "dozen": 12, "couple": 2, "fortnight": 2,
}  # fmt: skip
_SCALES = word_set("hundred thousand")
_JOINING = word_set("and a of point oh") | _SCALES
_CONVERSIONS: dict[tuple[str, str], tuple[float, float]] = {
    ("mg", "mcg"): (1000, 0), ("g", "mg"): (1000, 0), ("g", "mcg"): (1_000_000, 0), ("kg", "g"): (1000, 0),
    ("kg", "lb"): (2.2046, 0), ("in", "cm"): (2.54, 0), ("m", "cm"): (100, 0), ("cm", "mm"): (10, 0), ("l", "ml"): (1000, 0),
    ("c", "f"): (1.8, 32), ("y", "mo"): (12, 0), ("wk", "d"): (7, 0), ("d", "h"): (24, 0), ("h", "min"): (60, 0), ("mcg", "ng"): (1000, 0),
    ("meq", "mmol"): (1, 0), ("meq/l", "mmol/l"): (1, 0), ("mcg/l", "ng/ml"): (1, 0), ("mg/l", "mcg/ml"): (1, 0), ("g/dl", "g/l"): (10, 0),
    ("mcg/ml", "mcg/l"): (1000, 0), ("ng/ml", "ng/dl"): (100, 0), ("/mm3", "/ul"): (1, 0), ("y", "wk"): (52, 0), ("mo", "wk"): (4.345, 0),
    ("lb", "oz"): (16, 0), ("ft", "in"): (12, 0),
}  # fmt: skip
_TIMES = frozenset({"s", "min", "h", "d", "wk", "mo", "y", "time"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number as written; ``values`` are all it may mean, ``about`` the measurements named shortly before it."""

    values: tuple[float, ...]
    unit: str
    label: str
    about: frozenset[str]
    start: int
    end: int
    first: int
    last: int


def read_quantities(text: str, tokens: Sequence[Token]) -> list[Quantity]:
    """Every number of the text in order, in digits or words; parts of dates, codes and list numbers are left out."""
    labels, place = read_labels(tokens), 0
    found: list[Quantity] = []
    while place < len(tokens):
        values, last = _number(text, tokens, place)
        if not values or _is_no_amount(text, tokens[place], tokens[last - 1]):
            place = max(last, place + 1)
            continue
        unit, end = _unit(text, tokens, last)
        label, about = _label(labels, text, tokens, place)
        if found and text[found[-1].end : tokens[place].start].strip() == "/":
            label = found[-1].label  # "132/78"
        label = "" if unit in _TIMES else label
        found.append(Quantity(values, unit, label, about, tokens[place].start, tokens[end - 1].end, place, end))
        place = end
    return found


def conversions(stated: Quantity) -> Iterator[tuple[str, float]]:
    """What the number is in every other unit that it can be converted to."""
    for (unit, other), (factor, shift) in _CONVERSIONS.items():
        if unit == stated.unit:
            yield from ((other, value * factor + shift) for value in stated.values)
        elif other == stated.unit:
            yield from ((unit, (value - shift) / factor) for value in stated.values)


def contrary_units(one: str, other: str) -> bool:
    """Whether both units are known and differ, whatever they are divided by."""
    head, tail = one.split("/")[0], other.split("/")[0]
    return bool(head and tail) and head != tail


def _number(text: str, tokens: Sequence[Token], place: int) -> tuple[tuple[float, ...], int]:
    """The values of the number that begins here and the place after it; no values where none begins."""
    key = tokens[place].key
    if key[0].isdecimal():
        return (float(key),), place + 1
    if key not in _WORDS and key not in _SCALES:
        return (), place
    words, last = [key], place + 1
    while last < len(tokens) and len(words) < 9:
        between, key = text[tokens[last - 1].end : tokens[last].start], tokens[last].key
        if (key not in _WORDS and key not in _JOINING) or between.strip(" -\u2010\u2011.") or between.startswith("."):
            break
        words += ["point", key] if "." in between else [key]
        last += 1
    while tokens[last - 1].key in _JOINING - _SCALES:
        last -= 1
    return _spoken(tuple(words)), last


@lru_cache(maxsize=4096)
def _spoken(words: tuple[str, ...]) -> tuple[float, ...]:
    """All that a row of number words may mean: "one twenty" is 120, but also 1 and 20."""
    plain = [word for word in words if word not in ("and", "a", "of")]
    values = {_WORDS[word] for word in plain if word in _WORDS} | {_summed(plain)}
    for at, (one, other) in enumerate(pairwise(plain)):
        if 1 <= _WORDS.get(one, 0) <= 20 and _WORDS.get(other, 0) >= 10:
            pair = _WORDS[one] * 100 + _WORDS[other]
            unit = _WORDS.get(plain[at + 2], 0) if at + 2 < len(plain) and _WORDS[other] >= 20 else 0
            values |= {pair, pair + (unit if 1 <= unit < 10 else 0)}
        if one in _WORDS and other in _WORDS:
            values.add(_WORDS[one] + _WORDS[other])
            values.add(_WORDS[one] * 10 + _WORDS[other])
            values.add(_WORDS[one] * _WORDS[other])
    return tuple(sorted(values))


def _summed(words: Sequence[str]) -> float:
    total, part, decimals = 0.0, 0.0, ""
    for at, word in enumerate(words):
        if word == "point":
            decimals = "".join(str(int(_WORDS.get(rest, 0))) for rest in words[at + 1 :] if _WORDS.get(rest, 99) < 100)
            break
        if word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            total, part = total + (part or 1) * 1000, 0.0
        else:
            part += _WORDS.get(word, 0)
    return total + part + (float(f"0.{decimals}") if decimals.isdecimal() else 0.0)


_DATE_AROUND = re.compile(r"[/.\-\u2013]\d{1,4}[/.\-\u2013]\d{1,4}(?!\d)|[/.]\d{1,2}[/.]\d")


_DATE_BEFORE = re.compile(r"\d[/.\-]\d{1,2}[/.\-]$")
_RANGE = re.compile(r"(?:^|[\s(])\d{1,3}(?:\.\d{1,2})?[-\u2013]$")


def _is_no_amount(text: str, first: Token, last: Token) -> bool:
    """Whether the number is a part of a date, a code, a telephone number or the number of a list line."""
    before, after = text[max(0, first.start - 8) : first.start], text[last.end : last.end + 6]
    if first.key[0].isdecimal() and _RANGE.search(before) and not re.match(r"[-\u2013/]\d", after):
        return False
    if before[-1:].isalnum() or (before[-1:] in ("-", "#") and before[-2:-1].isalnum() and first.key[0].isdecimal()):
        return before[-1:] != "x"
    if _DATE_AROUND.match(after) or _DATE_BEFORE.search(before) or (before[-1:] in "/-" and re.match(r"[/-]\d", after)):
        return True
    leads = before.rpartition("\n")[2].strip() == "" and ("\n" in before or first.start < len(before) + 1)
    return leads and re.match(r"[.)]\s", after) is not None


def _unit(text: str, tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """The canonical unit that follows and the place after it; empty where none does."""
    if (
        place >= len(tokens)
        or len(text[tokens[place - 1].end : tokens[place].start].strip(" -\u2010\u2011*\u00b0")) > 0
    ):
        return "", place
    if (
        tokens[place].key in ("m", "f")
        and text[tokens[place].start] in "MF"
        and tokens[place].start == tokens[place - 1].end
    ):
        return "", place + 1  # "47M" is an age and sex
    unit, place = _unit_name(tokens, place)
    steps = 0
    while place + 1 < len(tokens) and tokens[place].key in ("/", "per", "a") and steps < 2:
        under, after = _unit_name(tokens, place + 1)
        if not under or (tokens[place].key == "a" and under not in ("d", "wk", "h", "min", "mo", "y")):
            break
        unit, place, steps = f"{unit}/{under}", after, steps + 1
    return unit.replace("breath/min", "/min").replace("beat/min", "/min"), place


def _unit_name(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    for length in (4, 3, 2, 1):
        name = _units().get(tuple(token.key for token in tokens[place : place + length]))
        if name and place + length <= len(tokens):
            return name, place + length
    return "", place


def read_labels(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """The measurements named, as place of the first word, place after the last, and canonical name."""
    names, found, place = _label_names(), [], 0
    firsts = _label_firsts()
    while place < len(tokens):
        step = 1
        for length in (4, 3, 2, 1) if tokens[place].key in firsts else ():
            name = names.get(tuple(token.key for token in tokens[place : place + length]))
            if name:
                found.append((place, min(place + length, len(tokens)), name))
                step = length
                break
        place += step
    return found


def _end(label: tuple[int, int, str]) -> int:
    return label[1]


def _label(
    labels: list[tuple[int, int, str]], text: str, tokens: Sequence[Token], place: int
) -> tuple[str, frozenset[str]]:
    """The measurement right before the number, and all those named shortly before it."""
    near = labels[bisect_left(labels, place - _ABOUT_TOKENS, key=_end) : bisect_right(labels, place, key=_end)]
    about = frozenset(name for _, _, name in near)
    if not near or place - near[-1][1] > _LOOK_BACK_TOKENS:
        return "", about
    between = text[tokens[near[-1][1] - 1].end : tokens[place].start]
    return ("" if re.search(r"[;\n,]|\.\s|\d", between.rstrip()) else near[-1][2]), about


def unit_name(word: str) -> str:
    """The canonical unit that one word means, or nothing."""
    return _units().get((word,), "")


@lru_cache(maxsize=1)
def _units() -> dict[tuple[str, ...], str]:
    return _by_words(_UNITS)


@lru_cache(maxsize=1)
def _label_names() -> dict[tuple[str, ...], str]:
    return _by_words(_LABELS)


@lru_cache(maxsize=1)
def _label_firsts() -> frozenset[str]:
    return frozenset(words[0] for words in _label_names())


def _by_words(table: str) -> dict[tuple[str, ...], str]:
    names = {}
    for entry in " ".join(table.split()).split(";"):
        canonical, _, spellings = entry.strip().partition("=")
        for spelling in spellings.split(","):
            words = tuple(token.key for token in read_tokens(spelling))
            if words:
                names[words] = canonical
    return names
