"""Kinds of field, each of which both checks a value and writes its own JSON Schema, so that the two cannot differ.

What must not live here: the names of our fields. Those tables stand beside what they describe.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from webapp.domain.prompts.faults import quote

Complaint = tuple[str, str]  # the field's path, the sentence
LARGEST_INTEGER = 2**53 - 1  # beyond it JSON readers disagree (RFC 8259, section 6)
SUGGESTIONS = 20
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Kind(Protocol):
    """A kind of field."""

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        """Everything wrong with the value; nothing when it is good."""
        ...

    def schema(self) -> dict[str, object]:
        """The same rule as JSON Schema, draft 2020-12."""
        ...


@dataclass(frozen=True)
class Text:
    """Text of ``least`` to ``most`` characters; ``pattern`` covers the whole text, ``contains`` some part of it."""

    most: int
    least: int = 1
    pattern: str = ""
    contains: str = ""
    says: str = ""

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if not isinstance(value, str):
            yield field, _not_text(value, field)
        elif len(value) > self.most:
            yield field, f"has {len(value)} characters; at most {self.most} are allowed"
        elif len(value) < self.least:
            yield field, "is empty; write something here or leave the field out"
        elif not storable(value):
            yield field, "holds a NUL or half a character that cannot be stored; remove it"
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield field, f"{quote(value)!r} is not allowed: {self.says}"
        elif self.contains and not re.search(self.contains, value):
            yield field, self.says

    def schema(self) -> dict[str, object]:
        rule: dict[str, object] = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.pattern or self.contains:
            rule["pattern"] = f"^(?:{self.pattern})$" if self.pattern else self.contains
        return rule


@dataclass(frozen=True)
class Number:
    """A finite number from ``low`` to ``high``; ``whole`` numbers only where it says so."""

    low: float
    high: float
    whole: bool = False

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        allowed = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            yield field, f"must be a {'whole number' if self.whole else 'number'}, not {describe(value)}"
        elif not self.low <= value <= self.high:  # NaN fails this too
            yield field, f"must be from {self.low} to {self.high}"

    def schema(self) -> dict[str, object]:
        return {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class YesNo:
    """true or false."""

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if not isinstance(value, bool):
            yield field, f"must be true or false, not {describe(value)}"

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if value not in self.options:
            shown = repr(quote(value)) if isinstance(value, str) else describe(value)
            yield field, f"must be one of {', '.join(self.options)}, not {shown}"

    def schema(self) -> dict[str, object]:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class OrNull:
    """The kind, or null for "not stated"."""

    kind: Kind

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if value is not None:
            yield from self.kind.complaints(value, field)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [self.kind.schema(), {"type": "null"}]}


@dataclass(frozen=True)
class ListOf:
    """A list of ``least`` to ``most`` values of one kind."""

    kind: Kind
    most: int
    least: int = 0
    unique: bool = False

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if not isinstance(value, list):
            yield field, f"must be a list, not {describe(value)}"
            return
        if not self.least <= len(value) <= self.most:
            yield field, f"has {len(value)} items; {self.least} to {self.most} are allowed"
            return
        for place, item in enumerate(value):
            yield from self.kind.complaints(item, f"{field}[{place}]")
        if self.unique and all(isinstance(item, str) for item in value) and len(set(value)) < len(value):
            yield field, "names the same thing twice"

    def schema(self) -> dict[str, object]:
        rule: dict[str, object] = {
            "type": "array", "items": self.kind.schema(), "minItems": self.least, "maxItems": self.most
        }  # fmt: skip
        return rule | ({"uniqueItems": True} if self.unique else {})


@dataclass(frozen=True)
class MapOf:
    """Names chosen by the author, each with a value of one kind."""

    key: Text
    kind: Kind
    most: int
    least: int = 0

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if not isinstance(value, dict):
            yield field, f"must be a mapping of names to values, not {describe(value)}"
            return
        if not self.least <= len(value) <= self.most:
            yield field, f"has {len(value)} names; {self.least} to {self.most} are allowed"
            return
        for name, item in value.items():
            where = _below(field, name)
            yield from ((where, f"name: {sentence}") for _, sentence in self.key.complaints(name, where))
            yield from self.kind.complaints(item, where)

    def schema(self) -> dict[str, object]:
        return {
            "type": "object",
            "propertyNames": self.key.schema(),
            "additionalProperties": self.kind.schema(),
            "minProperties": self.least,
            "maxProperties": self.most,
        }


@dataclass(frozen=True)
class Slot:
    """One field of a record."""

    kind: Kind
    about: str
    required: bool = False


@dataclass(frozen=True)
class Record:
    """Fields with fixed names; any other name is refused with the closest known one."""

    slots: Mapping[str, Slot]

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if not isinstance(value, dict):
            yield field, f"must be a mapping of fields to values, not {describe(value)}"
            return
        for name, slot in self.slots.items():
            if name in value:
                yield from slot.kind.complaints(value[name], _below(field, name))
            elif slot.required:
                yield _below(field, name), "is missing; " + slot.about
        yield from self._unknown(value, field)

    def _unknown(self, value: dict[object, object], field: str) -> Iterator[Complaint]:
        unknown = [name for name in value if name not in self.slots]
        for place, name in enumerate(unknown):
            close = get_close_matches(str(name)[:60], self.slots, 1) if place < SUGGESTIONS else []
            hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(self.slots)}"
            yield _below(field, name), f"is not a known field{hint}"

    def schema(self) -> dict[str, object]:
        return {
            "type": "object",
            "properties": {name: slot.kind.schema() | {"description": slot.about} for name, slot in self.slots.items()},
            "required": [name for name, slot in self.slots.items() if slot.required],
            "additionalProperties": False,
        }


@dataclass(frozen=True)
class Anything:
    """Whatever JSON can hold, ``depth`` levels deep, with finite numbers, short names and texts of ``most``."""

    depth: int = 6
    most: int = 2_000

    def complaints(self, value: object, field: str) -> Iterator[Complaint]:
        if isinstance(value, (dict, list)):
            yield from self._inside(value, field)
        elif isinstance(value, str):
            yield from Text(self.most, least=0).complaints(value, field)
        elif isinstance(value, (bool, type(None))):
            return
        elif isinstance(value, (int, float)):
            if not abs(value) <= LARGEST_INTEGER:
                yield field, "is too large a number; write it as text, in quotes"
        else:
            yield field, f"must be text, a number, true, false, a list or a mapping, not {describe(value)}"

    def _inside(self, value: dict[object, object] | list[object], field: str) -> Iterator[Complaint]:
        if self.depth == 0:
            yield field, "is nested too deeply"
            return
        within = Anything(self.depth - 1, self.most)
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            where = _below(field, name) if isinstance(value, dict) else f"{field}[{name}]"
            if isinstance(value, dict):
                yield from METADATA_NAME.complaints(name, where)
            yield from within.complaints(item, where)

    def schema(self) -> dict[str, object]:
        return {}


METADATA_NAME = Text(64)


def describe(value: object) -> str:
    """What the value is, in words that stand in a sentence; never the value itself, which may be long or private."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is not finite"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return names.get(type(value), "something else")


def storable(text: str) -> bool:
    """Whether UTF-8 and every database can hold the text: no NUL, no lone surrogate."""
    return UNSTORABLE.search(text) is None


def _not_text(value: object, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"must be text, not {describe(value)}"
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return "must be text: write the number with quotes"
    name = field.rpartition(".")[2]
    return f'write "{value}" with quotes' if name.endswith("]") else f'write {name}: "{value}" with quotes'


def _below(field: str, name: object) -> str:
    return f"{field}.{quote(str(name), 40)}" if field else quote(str(name), 40)
