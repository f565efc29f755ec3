"""Phrases that tell what a sentence does: deny, examine, conclude, plan, warn, speak of somebody else.

What must not live here: medicines and conditions by name.
"""

from __future__ import annotations

import re

from webapp.adapters.llm.offline.sentences import Sentence


class Cue:
    """Phrases with one meaning; single words are looked up in a sentence's words, which is ten times as fast."""

    def __init__(self, phrases: str) -> None:
        self._all = re.compile(rf"\b(?:{phrases})\b", re.I)
        alternatives = _alternatives(phrases)
        self._words = frozenset(one for one in alternatives if one.isalpha() and one.islower())
        rest = "|".join(one for one in alternatives if one not in self._words)
        self._rest = re.compile(rf"\b(?:{rest})\b", re.I) if rest else None

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in any text."""
        return self._all.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Whether a text opens with it."""
        return self._all.match(text)

    def is_in(self, sentence: Sentence) -> bool:
        """Whether a whole sentence has it."""
        if not self._words.isdisjoint(sentence.vocabulary):
            return True
        return self._rest is not None and self._rest.search(sentence.text) is not None


def _alternatives(phrases: str) -> list[str]:
    """The alternatives of a pattern, split at the bars outside of brackets."""
    found, depth = [""], 0
    for letter in phrases:
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return found


NEGATION = Cue(
    r"no|not|nor|denies|denied|denying|without|never|nil|none|negative for|no evidence of|ruled out|excluded|unlikely|"
    r"hasn't|haven't|isn't|wasn't|didn't|doesn't|rather than|against|rule out|neither|free of|absent"
)
FAMILY = Cue(
    r"family history|mother|father|brother|sister|mum|mom|dad|aunt|uncle|cousin|son|daughter|wife|husband|partner|"
    r"grand(?:mother|father|son|daughter|ma|pa|dad|mum)|nan|gran|neighbour|neighbor|friend|flatmate|nephew|niece|"
    r"brother-in-law|sister-in-law|FH|twin"
)
PAST = Cue(
    r"history of|h/o|previous|previously|prior|past|old|childhood|years ago|months ago|resolved|used to|in (?:19|20)\d\d|"
    r"PMH|PMHx|former|formerly|since (?:19|20)\d\d|aged \d+|as a child"
)
UNCERTAIN = re.compile(
    r"\b(?:possible|possibly|probable|probably|suspected|suspicion of|query|cannot exclude|can't exclude|cannot rule out|"
    r"not excluded|may be|might be|could be|presumed|likely|differential|awaiting|to exclude|\?)\b|\?(?=\w)",
    re.I,
)
CONCLUSION = Cue(
    r"impression|imp|assessment|diagnosis|diagnosed|diagnoses|dx|consistent with|in keeping with|this is|that is|it's|"
    r"we call|what we call|looks like|i think|conclude|conclusion|fits|likely|working diagnosis|due to|secondary to|"
    r"explained by|flare|exacerbation|confirmed|confirms|is your"
)
FINDING = Cue(
    r"on examination|o/e|exam|bp|blood pressure|pulse|hr|heart rate|rr|resp(?:iratory)? rate|sp ?o2|sats|saturations?|"
    r"temp|temperature|weight|bmi|gcs|ecg|ekg|x-?ray|cxr|ct|mri|ultrasound|us|uss|echo|bloods|potassium|sodium|"
    r"creatinine|egfr|hba1c|a1c|crp|wcc|wbc|hb|haemoglobin|hemoglobin|platelets|glucose|lactate|troponin|inr|tsh|"
    r"ferritin|urine|dipstick|peak flow|pef|fev1|auscultation|palpation|tender|tenderness|swelling|murmur|crackles|"
    r"wheeze|oedema|edema|lungs|chest clear|abdomen|soft|reflexes|power|sensation|pupils|lymph nodes|throat|erythema|"
    r"range of motion|apgar|fundal|score|scored|phq|gad-?7|mmse|moca|epworth|alert|afebrile|looks|looked|appears|"
    r"measured|reading|readings|mmhg|mmol|g/l|mg/dl|bilirubin|alt|ast|lipase|culture|biopsy|scan|film|showed|shows"
)
INTENTION = Cue(
    r"plan|start|started|starting|begin|continue|continues|continued|stop|stopped|increase|increased|reduce|reduced|"
    r"refer|referral|review|repeat|recheck|follow[- ]?up|return|come back|ring|call|book|booked|arrange|arranged|"
    r"prescribe|prescribed|advise|advised|will|going to|tomorrow|in (?:one|two|three|four|six|\d+) (?:days?|weeks?|months?)|"
    r"weeks?|admit|discharge|monitor|avoid|switch|switched|change|changed|goes|add|added|keep|hold|withhold|"
    r"appointment|clinic|let's|want you to|need to|should|must|home|to take|for now|tto"
)
ALLERGY = Cue(
    r"allerg(?:y|ies|ic)|anaphyla\w+|intoleran(?:t|ce)|nkda|nka|react(?:s|ed|ion)? (?:to|badly)|brought (?:me|her|him) out|"
    r"hives|angioedema|angio-oedema|came (?:up|out) in|swelled up|upsets (?:his|her|my|their) stomach"
)
ALLERGY_TO = Cue(
    r"allerg(?:y|ies|ic)|anaphyla\w+|intoleran(?:t|ce)|rash|hives|wheals|swelling|swelled|itch\w*|stiff neck|react\w*|"
    r"vomit(?:s|ed)?|urticaria|upsets"
)
WARNING = Cue(
    r"suicid\w*|self[- ]harm|kill (?:my|him|her|them)self|end (?:it|my life|his life|her life)|not safe|unsafe|safeguarding|"
    r"overdose|red flags?|emergency|999|911|112|straight away|immediately|urgent(?:ly)?|same[- ]day|within the hour|"
    r"sepsis|septic|chest pain|thunderclap|worst headache|cauda equina|saddle|black stools?|melaena|bleed(?:ing)?|"
    r"teratogen\w*|malformations?|pregnan\w+|breastfeeding|bruis\w+|hit (?:me|her|him)|afraid of|weapon|gun|knife|means|"
    r"not to restart|do not restart|don't restart|never again|must not|do not give|not to be given|neutropeni\w+|"
    r"drowsy|unresponsive|collapsed?|blue lips|stiff neck|worse|danger(?:ous)?|toxic\w*|in error|error|wrong"
)
CORRECTION = re.compile(
    r"(?:\bno,? wait|\bwait,? no|\bsorry,|\bcorrection\b|\bstrike that|\bscratch that|\bi mean\b|\bmake (?:it|that)\b|"
    r"\bhang on|\brather\b|\bi meant\b|\bdelete that|\bnot [\d.]+ ?\w*[,;:]? (?:but )?)",
    re.I,
)
NOT_GIVEN_YET = Cue(
    r"not started|not begun|does not take|doesn't take|not taking|not to take|"
    r"weighed up|considered|would consider|consider|might (?:start|try|need)|could (?:try|start)|"
    r"has never taken|never taken|never had|not for|if (?:she|he|they|it) (?:spikes|fails|worsens)|only if|instead of|"
    r"rather than|declined|declines|refused|offered|has never had|avoid|avoids|avoided|no more|do not give|not to have|"
    r"must not have|not please"
)
SMALL_TALK = Cue(
    r"hi|hello|hey|good (?:morning|afternoon)|thank you|thanks|nice|great|awesome|bye|okay|ok|yeah|right|sure|come in|"
    r"have a seat|kind regards|yours|dear|lovely|mm|uh|um"
)
