"""Where somebody lives and is treated: addresses, post codes, towns, hospitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.identifiers.kinds import Sighting
from webapp.domain.identifiers.not_names import NO_NAMES, PLACES_OF_THE_WORLD
from webapp.domain.scorers.words import word_set

_CAP = r"(?:(?:Mc|Mac|De|Di|La|Le|O'|D'|St\. ?)?[A-Z][a-z']{1,20}(?:-[A-Z]?[a-z]{1,20})?|[A-Z]\.|\d{1,3}(?:st|nd|rd|th)|[NSEW]{1,2})"
_STREET = (
    r"(?:[Ss]treet|[Aa]venue|[Rr]oad|[Ll]ane|[Dd]rive|Str|St|Ave?|Rd|Ln|Dr|Court|Ct|Way|Terrace|Ter|Close|Place|Pl|Boulevard|Blvd|Row|Rise|"
    r"Crescent|Cres|Square|Sq|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Loop|Mews|Grove|Gardens?|Gdns|Hills?|Park|Walk|Quay|Wharf|"
    r"Alley|Bend|"
    r"Bridge|Canyon|Causeway|Cliffs?|Coves?|Creek|Crossing|Dale|Estates?|Expressway|Fields?|Flats?|Fords?|Forest|Forges?|Forks?|Freeway|"
    r"Glens?|"
    r"Greens?|Harbors?|Haven|Heights|Hollow|Islands?|Isle|Junctions?|Keys?|Knolls?|Lakes?|Landing|Lodge|Mall|Manors?|Meadows?|Mills?|"
    r"Motorway|"
    r"Mount|Mountains?|Orchard|Overpass|Parade|Path|Pike|Pines?|Plains?|Plaza|Points?|Ports?|Prairie|Ranch|Rapids|Ridges?|River|Route|Run|"
    r"Shoals?|"
    r"Shores?|Springs?|Station|Stream|Summit|Trace|Turnpike|Valleys?|Viaduct|Villages?|Vista|Wells?|Yard|Drove|Gate)"
)
_UNIT = r"(?:(?:,? ?(?i:apt|apartment|suite|ste|unit|flat|floor|room|rm|no|#)\.? ?#?(?:[A-Z]?\d{1,5}[A-Z]?|[A-Z])\b)|,? ?#\d{1,5})"
_ZIP = r"(?:\d{5}(?:-\d{4})?)"
_STATE = (
    r"(?:A[AEKLPRSZ]|C[AOT]|D[CE]|F[LM]|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEHINOPST]|N[CDEHJMVY]|O[HKR]|P[ARW]|RI|S[CD]|T[NX]|UT|V[AIT]|"
    r"W[AIVY])"
)
_UK = r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})"
_TOWN = rf"(?:{_CAP}(?:[ -](?:upon|on|in|under|le|de|la|am|an der|sur|del|by|of|the|{_CAP})){{0,3}})"
_TAIL = rf"(?:,? {_TOWN})?(?:,? (?:{_STATE}\b|[A-Z][a-z]{{3,14}}))?,? ?(?:{_ZIP}\b|{_UK}\b)"
_US = re.compile(
    rf"(?<![\w.,/-])(?P<value>(?:(?:Flat|Apt\.?|Apartment|Unit|Suite) #?\w{{1,5}},? )?\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? "
    rf"(?:{_CAP} ){{1,4}}{_STREET}\b\.?(?: [NSEW]{{1,2}}\b)?{_UNIT}?"
    rf"(?:{_TAIL}|, {_TOWN}(?:, {_STATE}\b)?)?)"
)
_US_BY_END = re.compile(
    rf"(?<![\w.,/-])(?P<value>\d{{1,6}}[A-Za-z]? (?:{_CAP} ?){{1,5}}{_UNIT}?(?:, ?{_TOWN})?, ?{_STATE}\.?,? {_ZIP})\b"
)
_BOX = re.compile(
    rf"(?P<value>(?i:\bp\.? ?o\.? ?box|\bpostfach|\bapartado) ?\d{{1,6}}(?:, ?{_TOWN})?(?:,? {_STATE},? {_ZIP})?)\b"
)
_EUROPE = re.compile(
    r"(?<!\w)(?P<value>(?:(?:[A-Z][a-z-]{1,24}(?:strasse|str\.|strase|weg|platz|allee|gasse|straat|laan|gracht|plein|kade|vej|gade|gatan|"
    r"vagen)|"
    r"(?:[A-Z][a-z]{1,20}[ -]){1,3}(?:Strasse|Str\.|Strase|Weg|Platz|Allee|Straat|Laan)) ?\d{1,4}[a-z]?|"
    r"(?:\d{1,4}(?: ?(?:bis|ter))?,? )?(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Aa]llee|[Cc]hemin|[Qq]uai|[Pp]lace|[Ii]mpasse) (?:d'|de la |de l'|"
    r"des |du |de )?"
    r"[A-Z][a-z]{1,20}(?:[ -][A-Z][a-z]{1,20}){0,2}(?:,? \d{1,4})?|"
    r"(?:Calle|C/|Avenida|Avda\.|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua|Largo) (?:de la |de los |de |del |della |dei |di |da |"
    r"do )?[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){0,2},? \d{1,4})"
    r"(?:,? (?:[A-Z]{1,2}-)?\d{4,5}(?: [A-Z]{2})?,? [A-Z][a-z]{2,20}(?:[ -][A-Z][a-z]{2,20})?)?)(?!\w)"
)
_LABELLED = re.compile(
    r"(?<![A-Za-z])(?i:(?:home |mailing |current |postal |residential |street )?address(?: on file)?|lives at|living at|resid(?:es|ing|"
    r"ent) (?:at|of)|"
    r"stay(?:s|ing) at|domiciled at|wohnhaft|adresse)(?i:[*_\s]{0,3}(?:(?:is|was|[:=-])[*_\s]{0,3}){0,2})"
    rf"(?P<value>\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?:{_CAP}[ ,]{{0,2}}){{1,6}}{_UNIT}?(?:{_TAIL})?)"
)
_POSTCODE = re.compile(
    rf"(?<![A-Za-z])(?i:zip(?: ?code)?|post(?:al)? ?code|plz|code postal|cap|c\.p\.)(?i:[*_\s]{{0,3}}(?:(?:is|was|of|in|"
    rf"[:=#-])[*_\s]{{0,3}}){{0,2}})"
    rf"(?P<value>{_ZIP}|{_UK}|\d{{4}} ?[A-Z]{{2}}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{{4}})(?!\w)"
)
_STATE_ZIP = re.compile(rf"(?<=, ){_STATE},? (?P<value>{_ZIP})\b")
_UK_ALONE = re.compile(r"(?<![\w-])(?P<value>[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})(?!\w)")
_CITY = re.compile(
    r"(?<![A-Za-z])(?i:(?:lives?|living|lived|resid(?:es?|ed|ing)|dwell(?:s|ing)|based|grew up|born|raised|works?|working|employed|settled|"
    r"housed|homeless|stays?|"
    r"staying|vacation(?:ing|ed)|retired) (?:\w{2,9} ){0,2}(?:in|near|outside(?: of)?|to|from)|resident of|native of|moved (?:here )?(?:to|"
    r"from)|relocated (?:to|from)|"
    r"travell?(?:ed|ing) (?:in |here )?(?:to|from)|comes from|hails from|originally from|hometown(?: is|:)?|city(?: of)?:?|town(?: of)?:?|"
    r"city of residence:?|"
    r"drove (?:in )?from|transferred from|flown? in from|commutes? from)"
    rf"(?: the (?:city|town|village) of)?[ :]{{1,3}}(?P<value>{_CAP}(?:[ -](?:upon|sur|le|de|la|am|del|"
    rf"{_CAP})){{0,3}}(?:, (?:{_STATE}\b|[A-Z][a-z]{{3,14}}))?)"
)
_TOWN_IN_STATE = re.compile(rf"(?<![A-Za-z])(?:from|in|to|near|of|at|outside) (?P<value>{_TOWN}, {_STATE})(?![A-Za-z])")
_FACILITY = re.compile(
    rf"(?<!\w)(?P<value>(?:(?:St\.?|Saint|Mount|Mt\.?|Our Lady of|University of|The) )?(?:{_CAP}(?: (?:of|and|the|for|&|de|la))? ){{1,5}}"
    r"(?:Memorial |Regional |General |Community |University |Medical |Children's |Veterans |Family |Health |County |District |Teaching |"
    r"Surgical |Urgent )*"
    r"(?:Hospital|Hospitals|Clinic|Clinics|Medical (?:Center|Centre|Group|Associates)|Health (?:Center|Centre|System)|Healthcare|Infirmary|"
    r"Hospice|Nursing Home|"
    r"Surgery Center|Care (?:Center|Centre|Home)|Urgent Care|Sanatorium|Rehabilitation (?:Center|Centre)|Cancer (?:Center|Centre)|Klinikum|"
    r"NHS Trust))(?!\w)"
)
_CLINIC_AT = re.compile(
    r"(?<!\w)(?P<value>(?:University Hospital|Universitatsklinikum|Klinikum|Clinique|Hopital|Hospital|Policlinico|Clinica) (?:of |de |di |"
    r"del |der |Saint-|St\. )?[A-Z][a-z]{2,20}(?:[ -][A-Z][a-z]{2,20}){0,2})(?!\w)"
)
_NO_OWN_NAME = re.compile(
    r"(?i)(?:(?:the|a|an|our|your|this|follow|up|primary|urgent|outpatient|inpatient|emergency|day|pain|eye|dental|memory|heart|cardiology|"
    r"cardiac|surgical|surgery|"
    r"oncology|neurology|pulmonary|medical|general|children's|family|health|community|university|veterans|teaching|local|county|district|"
    r"regional|nearest|"
    r"internal|medicine|anticoagulation|coumadin|warfarin|diabetes|wound|walk|in|women's|womens|sleep|fracture|fertility|speciality|"
    r"specialty|hospital|clinic|"
    r"centers?|centre|of|and|at|to|patient|discharged|admitted|seen|previous|other|another|psychiatric|rehabilitation|care|home|nursing|"
    r"hospice|orthop(?:a)?edics?|"
    r"ophthalmology|gastroenterology|dermatology|rheumatology|nephrology|endocrinology|hematology|podiatry|physical|therapy|urology|ent|gi|"
    r"id|ed|er|icu)[ -]?)+"
)


def find_places(text: str) -> Iterator[tuple[int, Sighting]]:
    """Each place with its rank; the text is folded."""
    for rank, kind, pattern in _PATTERNS:
        for hit in pattern.finditer(text):
            start, end = hit.span("value")
            end -= len(hit["value"]) - len(hit["value"].rstrip(" ,."))
            if not _is_common(kind, text[start:end]):
                yield rank, Sighting(kind, start, end)


def _is_common(kind: str, value: str) -> bool:
    """A clinic without a name of its own, a country or state, or no town at all."""
    if kind == "facility":
        return bool(_NO_OWN_NAME.fullmatch(value + " "))
    if kind != "city":
        return False
    first = value.split(",")[0].casefold()
    return first in PLACES_OF_THE_WORLD or (
        first.split()[0] in NO_NAMES and first.split()[0] not in _TOWNS_BEGIN and " " not in first
    )


_TOWNS_BEGIN = word_set("north south east west new lake mount port fort san saint st york london paris berlin")
_PATTERNS = (
    (1, "address", _US_BY_END),
    (1, "address", _US),
    (1, "address", _BOX),
    (1, "address", _EUROPE),
    (1, "address", _LABELLED),
    (2, "postcode", _POSTCODE),
    (2, "postcode", _STATE_ZIP),
    (4, "postcode", _UK_ALONE),
    (2, "facility", _FACILITY),
    (2, "facility", _CLINIC_AT),
    (3, "city", _CITY),
    (3, "city", _TOWN_IN_STATE),
)
