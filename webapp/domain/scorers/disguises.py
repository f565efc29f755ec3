"""What a text says to somebody who decodes it: base64 and its kin, character codes, Morse, escapes, ROT47.

Each reading is looked for without knowing what it should hold. Letter shifts and reversals are no readings of the text but other
forms of a word (``planted``), which is cheaper. Time grows linearly with the text. What must not live here: what is looked for.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_BASE64_BROKEN = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{2,}+(?:\s{1,3}[A-Za-z0-9+/_-]{2,}+)++")
_BASE32 = re.compile(r"[A-Z2-7]{12,}|[a-z2-7]{12,}")
_BASE32_BROKEN = re.compile(r"(?<!\w)[A-Z2-7]{2,}+(?:\s{1,3}[A-Z2-7]{2,}+)++")
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{10,400}")
_HEX = re.compile(r"(?:(?:0x|\\x|%|=)?[0-9a-fA-F]{2}[\s:,;-]{0,2}){6,}")
_BINARY = re.compile(r"(?:[01]{7,8}[\s,;-]{0,2}){6,}")
_CODES = re.compile(r"(?:(?<!\d)\d{2,3}[\s,;-]{1,2}){5,}\d{2,3}(?!\d)")
_MORSE = re.compile(
    r"(?:[.\-\u00b7\u2022\u2013\u2014]{1,6}(?:\s{1,3}|\s?[/|]\s?)){5,}[.\-\u00b7\u2022\u2013\u2014]{1,6}"
)
_ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ALPHABET58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SIGNS = (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- "
    "y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----."
)
_LETTER_OF_SIGN = {one[1:]: one[0] for one in _SIGNS.split()}
_ROT47 = {33 + place: 33 + (place + 47) % 94 for place in range(94)}
_PRINTABLE = bytes((9, 10, 13, *range(32, 127)))
SHORTEST_READ = 6  # bytes; as short as the shortest word that is looked for in disguise
LONGEST_READ = 50_000  # characters; far more than any answer that a provider's limits allow


@lru_cache(maxsize=2)
def readings(text: str) -> tuple[bytes, ...]:
    """Every decoded reading of the text, also of readings that are text again; mostly nonsense, as nothing is known of it."""
    return tuple(dict.fromkeys(_read(text[:LONGEST_READ], 2)))


def is_text(raw: bytes) -> bool:
    """Whether nearly all of it is printable ASCII; nonsense is not decoded again."""
    return len(raw) >= SHORTEST_READ and len(raw.translate(None, _PRINTABLE)) <= 0.1 * len(raw)


def _read(text: str, depth: int) -> Iterator[bytes]:
    for raw in _readings(text):
        if len(raw) >= SHORTEST_READ:
            yield raw
        if depth > 1 and is_text(raw):
            yield from _read(raw.decode("utf-8", "replace"), depth - 1)
    if depth > 1:
        yield from _encoded(text[::-1])


def _readings(text: str) -> Iterator[bytes]:
    yield from _encoded(text)
    yield text.translate(_ROT47).encode("utf-8", "replace")
    if "&" in text:
        yield html.unescape(text).encode("utf-8", "replace")
    if "\\" in text:
        yield _ESCAPES.sub(lambda found: chr(int(found[1] or found[2], 16)), text).encode("utf-8", "replace")
    if "%" in text:
        yield unquote_to_bytes(text.encode("utf-8", "replace"))


def _encoded(text: str) -> Iterator[bytes]:
    """What stands in runs of the text that may be an encoding."""
    for pattern in (_BASE64, _BASE64_BROKEN):
        yield from _shifted(pattern, text, 4, _from_base64)
    for pattern in (_BASE32, _BASE32_BROKEN):
        yield from _shifted(pattern, text, 8, _from_base32)
    for found in _BASE58.finditer(text):
        yield _from_base58(found[0])
    for found in _HEX.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", found[0])
        for start in (0, 1):
            yield bytes.fromhex(digits[start : start + (len(digits) - start) // 2 * 2])
    for found in _BINARY.finditer(text):
        yield bytes(int(one, 2) for one in re.findall(r"[01]{8}|[01]{7}", found[0]))
    for found in _CODES.finditer(text):
        yield bytes(code for one in re.findall(r"\d+", found[0]) if (code := int(one)) < 127)
    for found in _MORSE.finditer(text):
        signs = re.split(r"[\s/|]+", re.sub("[\u00b7\u2022]", ".", re.sub("[\u2013\u2014]", "-", found[0])))
        yield "".join(_LETTER_OF_SIGN.get(sign, " ") for sign in signs).encode()


def _shifted(pattern: re.Pattern[str], text: str, block: int, decode: Callable[[str], bytes]) -> Iterator[bytes]:
    """Each run decoded from every place of its first block, since words of the answer may stand right before the code."""
    for found in pattern.finditer(text):
        parts = found[0].split()
        if all(map(_is_everyday, parts)):
            continue
        run = "".join(parts)
        for start in range(min(block, len(run))):
            yield decode(run[start:])


def _is_everyday(part: str) -> bool:
    """Whether the part looks like a word or a number of a sentence; codes mix capitals and digits."""
    return (part[1:].isalpha() and part[1:].islower()) or part.isdigit() or (part.isupper() and len(part) <= 4)


def _from_base64(run: str) -> bytes:
    whole = run.replace("-", "+").replace("_", "/")[: len(run) - (len(run) % 4 == 1)]
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return b""


def _from_base32(run: str) -> bytes:
    whole = run.upper()[: len(run) - (len(run) % 8 in (1, 3, 6))]
    try:
        return base64.b32decode(whole + "=" * (-len(whole) % 8))
    except (binascii.Error, ValueError):
        return b""


def _from_base58(run: str) -> bytes:
    number = 0
    for letter in run:
        number = number * 58 + _ALPHABET58.index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")
