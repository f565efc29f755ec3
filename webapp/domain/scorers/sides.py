"""Reading laterality: which side of the body a text speaks of, and at which site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domain.scorers.terms import Token
from webapp.domain.scorers.words import word_set

_REACH_TOKENS = 4
SIDES = {
    "left": "left",
    "right": "right",
    "bilateral": "both",
    "bilaterally": "both",
    "both": "both",
    "lt": "left",
    "rt": "right",
}
_LETTERS = {"L": "left", "R": "right"}
_SITES = word_set(
    "abdomen adrenal ankle arm armpit artery atrium axilla back brain breast bundle buttock calf carotid cheek chest clavicle "
    "collarbone cornea coronary diaphragm ear elbow extremity eye eyebrow eyelid face femur fibula finger flank foot forearm "
    "forefoot forehead foreleg groin hand heel hemisphere hemithorax hip humerus hypochondrium iliac index jaw kidney knee labium leg lid "
    "limb lobe lower lung maxilla mastoid nipple nostril ovary palm parotid patella quadrant radius renal rib sacroiliac scapula "
    "scrotum shin shoulder side sided sole temple testicle testis thigh thumb thyroid tibia toe tonsil tube ulna upper ureter "
    "ventricle ventricular wrist atrial facial fossa hindfoot big great middle little ring"
)
_VAGUE = word_set("side sided lower upper big great middle little ring index")
_OPPOSITE = {"left": "right", "right": "left"}
_BREAK = re.compile(r"[.;:\n!?]")


@dataclass(frozen=True, slots=True)
class Side:
    """A side with the site it belongs to; ``site`` is empty where the words name none."""

    side: str
    site: str
    start: int
    end: int


def read_sides(text: str, tokens: Sequence[Token]) -> list[Side]:
    """Every side of a body part in order; "right now" and "left the room" are none."""
    found = []
    for place, token in enumerate(tokens):
        side = SIDES.get(token.key) or _LETTERS.get(text[token.start : token.end])
        if side is None:
            continue
        near, site = _sites_after(text, tokens, place)
        if near:
            found.append(Side(side, site, token.start, near))
    return found


def opposite(side: str) -> str:
    """The other side, or nothing for both."""
    return _OPPOSITE.get(side, "")


def _sites_after(text: str, tokens: Sequence[Token], place: int) -> tuple[int, str]:
    """Where the words of the site end and the site itself, the most exact word of them; 0 where no body part follows."""
    end, site = 0, ""
    for step in range(place + 1, min(place + 1 + _REACH_TOKENS, len(tokens))):
        token = tokens[step]
        if _BREAK.search(text, tokens[step - 1].end, token.start) or token.key in SIDES or token.key in ("and", "or"):
            break
        if token.key in _SITES:
            end = token.end
            site = site if token.key in _VAGUE else token.key
    return end, site
