"""Names of persons: by a title, a label, a relation or a person's verb beside them, or because given and family name are common ones.

The last word lies with tables of common names, of words that are no names, and of eponyms. Texts are folded first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.identifiers.given_names import GIVEN_NAMES
from webapp.domain.identifiers.kinds import Sighting
from webapp.domain.identifiers.not_names import EPONYMS, NO_NAMES, PLACES_OF_THE_WORLD
from webapp.domain.identifiers.surnames import ALSO_WORDS, SURNAMES

_ONE = r"(?:O'|D'|N'|L'|[AaEe]l-)?[A-Z][a-z]{1,20}(?:[A-Z][a-z]{2,20})?"
WORD = rf"(?:{_ONE}(?:['-](?:{_ONE}|[a-z]{{3,12}}))?(?![A-Za-z]))"
_SHOUTED = r"(?:[A-Z]{2,20}(?:['-][A-Z]{2,20})?)"
_ABROAD = r"(?:[^\W\d_A-Za-z]{2,20})"
_PARTICLE = r"(?:de|del|de la|de los|da|das|dos|di|du|van|van der|van den|van de|von|von der|zu|bin|bint|ibn|al|el|ter|ten|y|e|of)"
_INITIAL = r"(?:[A-Z]\.(?: ?[A-Z]\.)?)"
_BARE = r"(?:[A-Z]\b\.?)"
FULL = rf"(?:(?:{_INITIAL} ?|{WORD} )(?:{_BARE} |{_PARTICLE} |{WORD} ){{0,3}}{WORD})"
_ANY = rf"(?:{FULL}|{WORD})"
_SURNAME_FIRST = rf"(?:(?:{_PARTICLE} )?{WORD}(?: {WORD})?, ?{WORD}(?: {_BARE})?)"
_LOUD = rf"(?:{_SHOUTED}(?:,? {_BARE}|,? {_SHOUTED}){{0,3}})"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Master|Madam|Sir|Lady|Lord|Rev|Reverend|Father|Sister|Herr|Frau|Mme|Mlle|M\.|Monsieur|Madame|Senor|Senora|"
    r"Sr|Sra|Srta|Don|Dona|Signor|Signora|Sig|Mevrouw|Meneer|Pan|Pani|Shri|Smt|Hon|Sgt|Capt|Captain|Col|Lt|Officer|Deputy|Judge|MR|MRS|MS|"
    r"MISS)"
)
_CLINICAL_TITLE = (
    r"(?:[Dd]r|DR|[Dd]octor|DOCTOR|Prof|PROF|[Pp]rofessor|[Nn]urse|NURSE|RN|[Mm]idwife|Dra|Dott|Docteur|[Ss]urgeon|[Tt]herapist|PA|NP|"
    r"[Pp]hysician|[Pp]harmacist|[Pp]aramedic|[Ss]ocial worker|[Cc]ase manager)"
)
_POST = (
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|Pharm\.?D|DPM|DDS|LCSW|CRNA|MBBS|FRCS|FRCP|FACC|APRN|FNP(?:-C)?|DNP|LPN|MSW|DPT|"
    r"OD|MS|MPH)"
)
_CLINICAL_LABEL = (
    r"attending(?: physician)?|(?:referring|primary care|treating|consulting|ordering|admitting|discharging|family) (?:physician|provider|"
    r"doctor|clinician)|"
    r"provider|physician|clinician|surgeon|consultant|cardiologist|pcp|gp|resident|scribe|dictated by|(?:electronically )?signed(?: by)?|"
    r"cosigned by|"
    r"reviewed by|seen by|examined by|referred (?:by|to)|under the care of|interpreter|anesthesi(?:ologist|a)|radiologist|pathologist|cc|"
    r"author(?:ed by)?"
)
_LABEL = (
    r"(?:patient|pt|client|full|last|first|family|given|maiden|middle|preferred|legal|sur|birth|other|insured'?s?|guarantor|"
    r"subscriber)[ _]?(?:'s )?name|name|surname|"
    r"patient|pt|re|client|next of kin|nok|emergency contact|contact(?: person)?|guardian|guarantor|informant|power of attorney|"
    r"health ?care proxy|poa|proxy|"
    r"carer|caregiver|spouse|witness(?:ed by)?|mother|father|partner|husband|wife|daughter|son|subscriber|policy ?holder|insured|attn|"
    r"subject|dear|for|to|from"
)
_NAMED = (
    r"named|called|known as|goes by(?: the name)?|by the name of|(?:his|her|their|whose|the|patient's|my|your) (?:full |first |last |sur|"
    r"maiden )?name is|prefers(?: to be called)?|nickname(?:d)?|"
    r"n[eé]e|formerly|alias|aka|i am|i'm|this is|signed|sincerely|regards|mother of|father of|heisst|se llama|s'appelle"
)
_RELATION = (
    r"(?:(?:great-?|grand-?|step-?|half-?|foster |god)?(?:daughter|son|mother|father|child|parents|sister|brother|mom|mum|dad|ma|"
    r"pa)(?:-in-law)?|wife|husband|spouse|partner|fianc[eé]e?|"
    r"girlfriend|boyfriend|aunt|uncle|niece|nephew|cousin|friend|neighbou?r|roommate|flatmate|caregiver|carer|caretaker|guardian|landlord|"
    r"employer|boss|co-?worker|colleague|"
    r"twin(?: brother| sister)?|twins|grandchild|grandma|grandpa|granny|nanny|babysitter|teacher|coach|pastor|lawyer|attorney|ex-wife|"
    r"ex-husband)"
)
_IS_A_PERSON = (
    r"(?:(?:(?:is|was) )?(?:an? |the |now |currently )?(?:[a-z]+,? ){0,4}?\d{1,3}[ -]?(?:years?|yrs?|y/?o|months?|weeks?)[ -]?(?:old|"
    r"of age)?\b|"
    r"(?:is|was) an? (?:very |most )?(?:[a-z]+ )?(?:pleasant|delightful|lovely|man|woman|gentleman|lady|boy|girl)\b|accompan(?:ied|ies))"
)
_LIVES = (
    r"(?:presents?(?:ed)? (?:to|with|for|today|in|on|as|via)|reports?(?:ed)?|denie[sd]|states?(?:d)?\b|complain(?:s|ed)|endorses?(?:d)?|"
    r"accompan(?:ied|ies|ying)|return(?:s|ed) (?:to|for|today|with)|came|comes|arriv(?:es|ed)|lives?\b|lived|works?\b|worked|smokes|drinks|"
    r"was (?:seen|admitted|discharged|born|brought|referred|evaluated|diagnosed|started|"
    r"advised|told|given|asked|informed|transferred|found)|is (?:here|doing|currently|also|feeling|taking|following|seen|being|status|"
    r"concerned|able|allergic)|has (?:a |had |been |not |no |never )|"
    r"says|said|mentions|mentioned|describes|described|called|phoned|explains|explained|notes that|agree[sd]|requests?(?:ed)?|"
    r"will (?:follow|return|see|call|start|continue|need|be)|understands|wants|wishes|would like|"
    r"underwent|takes|took|sustained|fell|drove|brought|attended|visited|confirmed|signed|and (?:his|her|their) )"
)
_APOSTROPHE = r"(?:'s\b|s'(?!\w))"
_OF_AN_ILLNESS = (
    r"(?i:disease|syndrome|sign|signs|test|palsy|catheter|"
    r"thyroiditis|ophthalmopathy|fracture|lymphoma|tumou?r|sarcoma|contracture|"
    r"phenomenon|phenomena|node|nodes|ulcer|esophagus|cyst|criteria|score|scale|scan|monitor|stain|reaction|maneuver|manoeuvre|procedure|"
    r"operation|repair|reflex|area|point|dementia|anemia|chorea|hernia|"
    r"virus|bodies|body|cells?|classification|stage|grade|index|formula|law|triad|tetrad|tetralogy|method|position|exercises?|block|murmur|"
    r"pulse|respirations?|breathing|lines?|drain|tube|pouch|ring|"
    r"angina|arteritis|purpura|nephritis|encephalopathy|neuropathy|malformation|anomaly|deformity|spots?|rash|fever|gangrene|paralysis|"
    r"ataxia|atrophy|dystrophy|coma|aphasia|solution|lactate|ringer|swab|brace|"
    r"wires?|nails?|plates?|bandage|collar|splint|stockings|pain|tear|lesion|glands?|duct|canal|membrane|capsule|muscle|ligament|tendon|"
    r"deficiency|agent|equation|type|mole|lens|lamp|tracheostomy|fundoplication)"
)
_AFTER_EPONYM = re.compile(rf"(?:{_APOSTROPHE})?[ -](?:(?:{WORD}|and|or|'s)[ -]){{0,2}}(?:[a-z-]+ )?{_OF_AN_ILLNESS}\b")
_AFTER_ANY = re.compile(rf"(?:{_APOSTROPHE})?[ -]{_OF_AN_ILLNESS}\b")
_PATTERNS: tuple[tuple[int, str, str, re.Pattern[str]], ...] = (
    (0, "clinician", "title", re.compile(rf"(?<!\w){_CLINICAL_TITLE}(?:\.|:)? {{1,2}}(?:{_TITLE}\.? )?(?P<value>{FULL}|{WORD}|{_LOUD}"
        rf"|{_ABROAD})")),
    (0, "name", "title", re.compile(rf"(?<!\w){_TITLE}\.? {{1,2}}(?:{_CLINICAL_TITLE}\.? )?(?P<value>{_SURNAME_FIRST}|{FULL}|{WORD}"
        rf"|{_LOUD}|{_ABROAD})")),
    (1, "clinician", "post", re.compile(rf"(?<!\w)(?P<value>{_SURNAME_FIRST}|{_ANY}),? {_POST}(?![\w])")),
    (1, "clinician", "label", re.compile(rf"(?<!\w)(?i:{_CLINICAL_LABEL})(?: ?[:=-] ?| )[*_]{{0,2}}(?P<value>{_SURNAME_FIRST}|{_ANY})")),
    (1, "name", "label", re.compile(rf"(?<!\w)(?i:{_LABEL})[*_\"']{{0,3}} ?[:=][*_\" ]{{0,4}}(?P<value>{_SURNAME_FIRST}|{_ANY}|{_LOUD}"
        rf"|{_ABROAD}(?: {_ABROAD}){{0,2}})")),
    (1, "name", "label", re.compile(rf"(?<!\w)(?i:{_NAMED})(?: ?[:,] ?| )[\"*_]{{0,2}}(?P<value>{_ANY}|{_ABROAD})")),
    (1, "name", "label", re.compile(rf"(?<!\w)(?i:patient|pt|client) (?P<value>{_SURNAME_FIRST}|{FULL})")),
    (1, "name", "relation", re.compile(rf"(?<!\w)(?i:{_RELATION}),? \(?(?P<value>{_ANY})")),
    (2, "name", "is_person", re.compile(rf"(?<!\w)(?P<value>{_SURNAME_FIRST}|{_ANY}),? {_IS_A_PERSON}")),
    (2, "name", "lives", re.compile(rf"(?<!\w)(?P<value>{_SURNAME_FIRST}|{_ANY})(?:, ?(?:age[d ]{{0,3}})?\d{{1,3}},?|,"
        rf"| \(\w{{1,12}}\))? {_LIVES}")),
    (2, "name", "is_person", re.compile(rf"(?<!\w)(?P<value>{_ANY})(?: \(\d{{1,3}} ?[MF]?\)|, \d{{1,3}} ?(?:[MFmf]\b|y/?o|years))")),
    (3, "name", "common", re.compile(rf"(?<![\w-])(?P<value>{FULL})(?![\w-])")),
    (3, "name", "inverted", re.compile(rf"(?<![\w-])(?P<value>{_SURNAME_FIRST})(?![\w-])")),
    (3, "name", "common", re.compile(rf"(?<![\w-])(?P<value>{_SHOUTED} {_SHOUTED})(?![\w-])")),
    (3, "name", "inverted", re.compile(rf"(?<![\w-])(?P<value>{_SHOUTED}, ?{_SHOUTED})(?![\w-])")),
    (4, "name", "initial", re.compile(rf"(?<![\w.-])(?P<value>{_INITIAL} ?{WORD})(?![\w-])")),
    (4, "name", "vocative", re.compile(rf"(?i:(?<!\w)(?:hello|hi|thanks|thank you|morning|dear|goodbye|bye|sincerely|regards),? )"
        rf"(?P<value>{_ANY})")),
    (5, "name", "alone", re.compile(rf"(?<![\w.'-])(?P<value>{WORD})(?![\w-])")),
)  # fmt: skip


def find_people(text: str) -> Iterator[tuple[int, Sighting]]:
    """Each name with its rank; the text is folded. What is only a common given name is not sure."""
    for rank, kind, why, pattern in _PATTERNS:
        for hit in pattern.finditer(text):
            found = _judged(text, hit, why)
            if found:
                start, end, sure = found
                yield rank, Sighting(kind, start, end, sure)


def _judged(text: str, hit: re.Match[str], why: str) -> tuple[int, int, bool] | None:
    """The part of the match that is a name with its title, and whether that is sure; None where it is none."""
    start, end = _without_ordinary_words(text, *hit.span("value"))
    words = [one[0] for one in _NAME_WORD.finditer(text, start, end)]
    after = _AFTER_EPONYM if words and _is_eponym(words[-1]) else _AFTER_ANY
    if not words or (why != "title" and after.match(text, end)):
        return None
    label = text[max(0, hit.start() - LONGEST_LABEL) : hit.start("value")]
    sure = _is_sure("name_label" if why == "label" and _ASKS_A_NAME.search(label) else why, words)
    return None if sure is None else (*_with_title(text, start, end), sure)


def _is_sure(why: str, words: list[str]) -> bool | None:
    """True where title, context or tables say so, False for what is only likely, None for no name."""
    first, last = words[0], words[-1]
    if why == "title":
        return True if _may_be_name(first) else None
    if why in ("common", "inverted", "initial"):
        given, family = (last, first) if why == "inverted" else (first, last)
        known = (
            _is_family(family)
            if why == "initial"
            else _is_given(given) and family.casefold() not in PLACES_OF_THE_WORLD
        )
        return True if known and _may_be_name(family) and (len(words) > 1 or why == "initial") else None
    if len(words) > 1:
        return (
            True
            if all(map(_may_be_name, words))
            and (_is_known(first) or _is_known(last) or not any(map(_is_eponym, words)))
            else None
        )
    if not _is_known(first) or first.casefold() in NO_NAMES:
        if why == "name_label" and _may_be_name(first) and not _is_eponym(first):
            return True
        likely = (
            why in ("is_person", "relation", "post", "label")
            and _may_be_name(first)
            and first.casefold() not in NO_NAMES
        )
        return False if likely else None
    if why in ("lives", "alone", "vocative") and _is_eponym(first):
        return None
    return why != "alone" or (None if not _is_given(first) else False)


def _without_ordinary_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The match without words of notes at either end, such as the verb that begins the next sentence."""
    while True:
        words = list(re.finditer(r"\S+", text[start:end]))
        if len(words) < 2:
            return start, end
        if not _may_be_name(words[-1][0]):
            end = start + words[-2].end()
            end -= len(text[start:end]) - len(text[start:end].rstrip(","))
        elif not _may_be_name(words[0][0]):
            start += words[1].start()
        else:
            return start, end


def _with_title(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets with the title before and the degree or number behind."""
    before = _TITLE_BEFORE.search(text, max(0, start - 20), start)
    behind = _BEHIND.match(text, end)
    return before.start() if before else start, behind.end() if behind else end


def _may_be_name(word: str) -> bool:
    """No ordinary word of notes, or one that is also a name."""
    plain = word.casefold().strip(".,'")
    return plain not in _ORDINARY or plain in ALSO_WORDS or plain in GIVEN_NAMES or plain in SURNAMES


def _is_known(word: str) -> bool:
    return _is_given(word) or _is_family(word)


def _is_eponym(word: str) -> bool:
    return word.casefold().removesuffix("'s") in EPONYMS


def _is_given(word: str) -> bool:
    plain = word.casefold()
    return plain in GIVEN_NAMES or plain.split("-")[0] in GIVEN_NAMES


def _is_family(word: str) -> bool:
    plain = word.casefold()
    return plain in SURNAMES or plain.replace("'", "") in SURNAMES or any(part in SURNAMES for part in plain.split("-"))


LONGEST_LABEL = 40
_ASKS_A_NAME = re.compile(
    r"(?i)(?<!drug)(?<!brand)(?<!generic)(?<!medication)(?<!medicine)(?<!trade)(?<!product)(?<!test)(?<!device)(?<!file)(?<!hospital)"
    r"(?<!facility)(?<!pharmacy)[ _]?(?:\b|(?<=sur))(?:name|next of kin|nok|emergency contact|guardian|proxy|informant)\W{1,6}\Z"
)
_ORDINARY = NO_NAMES | PLACES_OF_THE_WORLD | {"and", "of", "de", "the"}
_NAME_WORD = re.compile(r"(?!\d|_)[^\Wa-z]\w+(?:['-]\w+)*")
_TITLE_BEFORE = re.compile(rf"(?<!\w)(?:(?:{_TITLE}|{_CLINICAL_TITLE})\.? {{1,2}}){{1,2}}\Z")
_BEHIND = re.compile(rf",? (?:{_POST}|Jr\.?|Sr\.?|II|III|IV|Esq\.?)(?![A-Za-z])(?:, {_POST}(?![A-Za-z]))?")


def is_plausible(value: str) -> bool:
    """Whether words that a reader took for a person's name may be one: two or more, none an ordinary one of notes or an eponym."""
    words = _NAME_WORD.findall(value)
    return len(words) > 1 and all(_may_be_name(word) and not _is_eponym(word) and len(word) > 1 for word in words)


def is_common(word: str) -> bool:
    """Whether the word is an ordinary one of notes, an eponym, or a name that many people have."""
    plain = word.casefold()
    return plain in _ORDINARY or plain in ALSO_WORDS or _is_eponym(plain) or _is_known(plain)
