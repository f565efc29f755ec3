"""Form input written once as a prompt file in the guide's layout; the bytes are then the content that is signed.

What must not live here: reading YAML (an adapter does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.prompt_file import prompt_document, read_prompt, texts_of

DEEPEST = 20
BLOCK_TEXTS = ("system_prompt", "user_template")
_SAFE_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_READ_AS_SOMETHING_ELSE = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
_NOT_IN_BLOCK = re.compile("[^\n\t -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NEEDS_ESCAPE = re.compile('["\\\\]|' + _NOT_IN_BLOCK.pattern + "|[\n\t]")


def serialise_prompt(fields: Mapping[str, object]) -> bytes:
    """The fields as canonical YAML; InvalidInput with all faults if they are no prompt. Line ends become newlines."""
    prompt = read_prompt(_with_newlines(dict(fields)), "the form")
    document = prompt_document(prompt)
    _refuse_controls(document)
    lines = [line for name, value in document.items() for line in _field(name, value)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _with_newlines(value: Any, depth: int = 0) -> Any:
    """The value with CR LF and CR, as browsers send them, turned into newlines; what is too deep is left to be refused."""
    if depth > DEEPEST:
        return value
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, (list, tuple)):
        return [_with_newlines(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: _with_newlines(item, depth + 1) for name, item in value.items()}
    return value


def _refuse_controls(document: dict[str, Any]) -> None:
    """Nothing happens when every text can be read back; a control character is a fault of its field."""
    faults = Faults()
    for field, text in texts_of(document):
        if _CONTROL.search(text):
            faults.add(Fault("the form", field, "holds a control character; remove it"))
    faults.raise_if_any()


def _field(name: str, value: Any) -> Iterator[str]:
    if name in BLOCK_TEXTS and _fits_block(value):
        yield from _block(name, value)
    elif name == "version":
        yield f"{name}: {_quoted(value)}"
    elif isinstance(value, dict):
        yield f"{name}:"
        yield from (f"  {_flow(key)}: {_flow(item)}" for key, item in value.items())
    elif isinstance(value, list):
        yield f"{name}:"
        yield from (f"  - {_flow(item)}" for item in value)
    else:
        yield f"{name}: {_flow(value)}"


def _fits_block(text: str) -> bool:
    return not _NOT_IN_BLOCK.search(text) and bool(text.strip("\n"))


def _block(name: str, text: str) -> Iterator[str]:
    """A literal block: the indentation is stated where the text begins with space, the last newlines by - or +."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    indentation = "2" if text.startswith((" ", "\t", "\n")) else ""
    yield f"{name}: |{indentation}{'-' if ends == 0 else '' if ends == 1 else '+'}"
    yield from (f"  {line}" if line else "" for line in body.split("\n"))
    yield from [""] * (ends - 1)


def _flow(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, str):
        plain = _SAFE_PLAIN.fullmatch(value) and value.lower() not in _READ_AS_SOMETHING_ELSE
        return value if plain else _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(name)}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, float):
        return _decimal(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _decimal(value: float) -> str:
    """The shortest decimal that reads back the same; YAML 1.1 takes an exponent only after a point."""
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}{'' if '.' in digits else '.0'}e{power}" if exponent else digits


def _quoted(text: str) -> str:
    return '"' + _NEEDS_ESCAPE.sub(lambda found: _escape(found[0]), text) + '"'


def _escape(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
