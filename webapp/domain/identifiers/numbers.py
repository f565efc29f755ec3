"""Numbers that belong to one person: by their form where it is unmistakable, else by the words before them.

Every pattern has bounded repeats, so that time grows linearly with the text. Texts are folded first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.identifiers.kinds import Sighting

_JOIN = r"[*_\s]{0,4}(?:(?:is|was|on|file|at|no\.?|num(?:ber)?\.?|nr\.?|code|id\.?|ending|in|[#:=\-(])[*_\s]{0,4}){0,4}"
_NUMBER = r"(?P<value>(?:[A-Z]{1,6}[- /]?)?\d[\dA-Za-z]{0,19}(?:[-/.][\dA-Za-z]{1,12}){0,5}(?: (?=\d)[\dA-Z]{2,6}\b){0,5}(?:[- ][A-Z]\b)?)"
_NO = r"(?:\s?(?:no\.?|num(?:ber)?\.?|nr\.?|id\.?|identifier|code|#))"
_PLATE = r"(?P<value>(?=[A-Z -]{0,9}\d)[A-Z0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){0,3})"
_PHONE = r"(?P<value>(?:\+|00)?\(?\d[\d()/.\s-]{5,20}\d(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?)"
_LABELS = (
    ("mrn", rf"mrn|m\.r\.n\.?|(?:medical|hospital|health|patient|clinic|unit)[ -]record{_NO}?|record{_NO}|"
     rf"(?:patient|hospital|chart|unit|clinic|case|file|encounter|visit|admission|accession|specimen|referral|ur){_NO}|pt\.? ?(?:id|no\.?|#)|"
     rf"chart|emr{_NO}?|ehr{_NO}?|csn|nhs{_NO}?|chi{_NO}|hospital patient{_NO}?|med(?:ical)?\.? rec(?:ords?)?\.?{_NO}?", _NUMBER),
    ("ssn", rf"ssn|s\.s\.n\.?|ss\s?#|social security(?: (?:number|no\.?|#))?|social|national (?:insurance|identity|id){_NO}?|"
     rf"(?:nino|insee|nir|pps|ppsn|bsn|dni|nie|curp|cpf|sin|tfn|aadhaar|personnummer|codice fiscale|steuer-?id|tax id|itin){_NO}?|ni{_NO}|"
     rf"passport{_NO}?", _NUMBER),
    ("account", rf"(?:bank |billing |patient |guarantor |hospital )?(?:account|acct|acc)\.?{_NO}?|billing{_NO}|invoice{_NO}?|iban|"
     rf"(?:credit |debit )?card(?: (?:number|no\.?|ending))|bill{_NO}|statement{_NO}|claim{_NO}?|sort code|receipt{_NO}", _NUMBER),
    ("insurance", rf"(?:health ?plan|insurance|member(?:ship)?|policy|subscriber|beneficiary|payer|plan|group|coverage|medicare|medicaid|"
     rf"mbi|hicn|hic|medi-?cal|insurer|versicherten)(?: (?:member|policy|card|subscriber|beneficiary|plan|group))?{_NO}|medicare|medicaid|"
     rf"mbi|hicn|"
     rf"(?:health ?plan|insurance|member|policy|subscriber|versichertennummer)(?= ?[:#])|"
     rf"(?:aetna|cigna|humana|kaiser|bupa|aok|blue (?:cross|shield)|bcbs|unitedhealthcare|uhc|anthem)(?: (?:id|member|"
     rf"policy))?{_NO}?", _NUMBER),
    ("license", rf"dea{_NO}?|npi{_NO}?|gmc{_NO}?|nmc{_NO}?|(?:driver'?s?'?|driving|medical|state|nursing|pilot|professional|physician)? ?"
     rf"(?:license|licence|lic\.?){_NO}|driver'?s?'? (?:license|licence)|driving licence|(?:medical|state) licen[cs]e|certificate{_NO}?|"
     rf"registration{_NO}|permit{_NO}?|\bdl{_NO}", _NUMBER),
    ("device", rf"(?:(?:device|pacemaker|icd|pump|implant|lead|generator|stent|valve|prosthesis|equipment|sensor|monitor|unit|hearing aid"
        rf"|cgm) )?"
     rf"serial{_NO}?|s/n|sn|udi{_NO}?|(?:device|implant|pacemaker|lot|asset|imei|mac(?: address)?){_NO}|imei|lot", _NUMBER),
    ("license_plate", r"(?:licen[cs]e |number |registration |vehicle |car )(?:plates?|tag)(?: (?:number|no\.?|#))?|"
     r"plates?(?: (?:number|no\.?)|(?= ?[:#]))|"
     r"vehicle (?:registration|reg\.?|id)(?: (?:number|no\.?))?|(?:car|vehicle) reg(?:istration)?|vin(?: (?:number|no\.?))?", _PLATE),
    ("fax", r"(?:tele)?fax(?: (?:number|no\.?|line))?|facsimile", _PHONE),
    ("phone", r"(?:tele)?phone(?: (?:number|no\.?))?|tel\.?|telefon|mobile|cell(?: phone)?|pager|beeper|call(?:ed|ing)? ?(?:back)?"
        r"(?: [a-z]{2,9}){0,2}|"
     r"contact(?: (?:number|no\.?))?|reach(?:ed|able)?(?: [a-z]{2,9}){0,2}|(?:home|work|office|direct|day|evening) (?:number|line|tel)|"
     r"ring|dial|"
     r"text(?:ed)?|whatsapp|voicemail|emergency contact|ph|handy|ph[#:.]", _PHONE),
)  # fmt: skip
_LABELLED = tuple(
    (kind, re.compile(rf"(?<![A-Za-z])(?i:{label})(?i:{_JOIN})(?<![A-Za-z0-9]){value}(?![A-Za-z0-9])"))
    for kind, label, value in _LABELS
)
_FORMS = (
    ("email", r"(?<![\w.+-])(?P<value>[\w.+'-]{1,64}(?:@| ?[\[(] ?at ?[\])] ?)[A-Za-z0-9-]{1,63}(?:"
        r"(?:\.| ?[\[(] ?dot ?[\])] ?)[A-Za-z0-9-]{2,63}){1,4})"),
    ("email", r"(?i:(?<![\w.+-])(?P<value>[\w.+'-]{2,64} at [a-z0-9-]{1,63}(?: dot [a-z0-9-]{2,63}){1,4}))(?!\w)"),
    ("url", r"(?P<value>\b(?:https?|ftp)://[^\s<>\"')\]]{3,300}|\bwww\.[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){1,4}(?:/[^\s<>\"')\]]{0,200})?|"
     r"(?<![\w@.-])[a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63}){0,3}\.(?:com|org|net|edu|gov|info|biz|health|io|de|fr|es|it|nl|eu|co\.uk|nhs\.uk|"
     r"org\.uk|ie|ch|at)"
     r"(?:/[^\s<>\"')\]]{1,200}))"),
    ("ip", r"(?<![\d.])(?P<value>(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))(?![\d.]*\d)"),
    ("ip", r"(?<![\w:])(?P<value>(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![\w:])"),
    ("device", r"(?<![\w:])(?P<value>(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})(?![\w:-])"),
    ("device", r"(?<![A-Za-z0-9])(?P<value>SN-?\d{5,14}[A-Z]?)(?![A-Za-z0-9])"),
    ("ssn", r"(?<![\d-])(?P<value>\d{3}-\d{2}-\d{4})(?![\d-])"),
    ("ssn", r"(?<![A-Za-z0-9])(?P<value>(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D])"
        r"(?![A-Za-z0-9])"),
    ("ssn", r"(?<![A-Za-z0-9])(?P<value>[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z])(?![A-Za-z0-9])"),
    ("ssn", r"(?<![A-Za-z0-9])(?P<value>[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z])(?![A-Za-z0-9])"),
    ("ssn", r"(?<![\w.])(?P<value>[12] ?\d{2} ?(?:0[1-9]|1[0-2]|20) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2})(?!\w)"),
    ("ssn", r"(?<!\w)(?P<value>(?:19|20)?\d{6}[-+]\d{4})(?!\w)"),
    ("insurance", r"(?<![A-Za-z0-9])(?P<value>[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?"
     r"[AC-HJKMNP-RT-Y]{2}\d{2})(?![A-Za-z0-9])"),
    ("insurance", r"(?<![A-Za-z0-9])(?P<value>[A-Z]{3}\d{8,12})(?![A-Za-z0-9])"),
    ("license", r"(?<![A-Za-z0-9])(?P<value>[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7})(?![A-Za-z0-9])"),
    ("license_plate", r"(?<![A-Za-z0-9])(?P<value>[A-HJ-NPR-Z0-9]{3}(?=[A-HJ-NPR-Z0-9]{0,13}[A-Z])(?=[A-HJ-NPR-Z0-9]{0,13}\d)"
     r"[A-HJ-NPR-Z0-9]{8}\d{6})(?![A-Za-z0-9])"),
    ("account", r"(?<![A-Za-z0-9])(?P<value>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])"),
    ("account", r"(?<![\d-])(?P<value>(?:4\d{3}|5[1-5]\d{2}|6011)[ -]\d{4}[ -]\d{4}[ -]\d{4}|3[47]\d{2}[ -]\d{6}[ -]\d{5})(?![\d-])"),
    ("mrn", rf"(?<![A-Za-z])(?i:id(?: (?:number|no\.?)| ?[:#]))(?i:{_JOIN})(?<![A-Za-z0-9]){_NUMBER}(?![A-Za-z0-9])"),
    ("mrn", r"(?<![A-Za-z0-9])(?P<value>[A-Z]\d{7,8})(?![A-Za-z0-9])"),
    ("phone", r"(?<![\w.+/-])(?P<value>(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)"
        r"(?![\w-]|\.\d)"),
    ("phone", r"(?<![\w+])(?P<value>(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{0,4}\)[ ./-]?)?\d{1,5}(?:[ ./-]?\d{2,5}){1,5})(?!\w)"),
    ("phone", r"(?<![\w.,+/-])(?P<value>\(?0\d{2,4}\)?[ /-]\d{3,8}(?:[ -]\d{2,6}){0,2})(?![\w-])"),
    ("phone", r"(?<![\w.,+/-])(?P<value>0\d(?:[ .]\d{2}){4})(?![\w-])"),
    ("phone", r"(?<![\w.,+/-])(?P<value>555-\d{4})(?![\w-])"),
)  # fmt: skip
_FORMED = tuple((kind, re.compile(pattern)) for kind, pattern in _FORMS)
_LEAST_DIGITS = {"phone": 7, "fax": 7, "license_plate": 1, "ssn": 4, "device": 4}
_LABELLED_FIRST, _FORMED_NEXT = 0, 1


def find_numbers(text: str) -> Iterator[tuple[int, Sighting]]:
    """Each number with its rank (lower wins where two overlap); the text is folded."""
    for kind, pattern in _LABELLED:
        for hit in pattern.finditer(text):
            start, end = _trimmed(text, *hit.span("value"))
            if sum(map(str.isdigit, text[start:end])) >= _LEAST_DIGITS.get(kind, 3):
                yield _LABELLED_FIRST, Sighting(kind, start, end)
    for kind, pattern in _FORMED:
        for hit in pattern.finditer(text):
            yield _FORMED_NEXT, Sighting(kind, *_trimmed(text, *hit.span("value")))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the full stop or bracket that ends the sentence."""
    while end - start > 1 and text[end - 1] in ".,;:!?'*_- \n":
        end -= 1
    return start, end
