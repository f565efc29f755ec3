"""YAML from strangers, read into plain values and written for them; the only module that knows the yaml package.

Built from parser events instead of the package's constructors: no tag, alias, merge key or object ever comes to life,
depth and size are bounded while reading, and every fault knows its line. What must not live here: what a document means.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NoReturn

import yaml

from webapp.errors import InvalidInput

LIMIT_BYTES = 262_144
LIMIT_DEPTH = 20
LIMIT_NODES = 20_000
LARGEST_INTEGER = 2**53 - 1

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
_TIMES = yaml.constructor.SafeConstructor()
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+([eE][-+]?[0-9]+)?")


def read_yaml(raw: bytes, source: str, *, limit_bytes: int = LIMIT_BYTES) -> object:
    """The one document as dict, list, str, int, float, bool or None; dates as ISO text. InvalidInput with source and line."""
    text = _decode(raw, source, limit_bytes)
    reader = _Reader(source)
    try:
        return reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as found:
        mark = found.problem_mark or found.context_mark
        problem = found.problem or found.context or "cannot be read"
        raise reader.fault(f"is not YAML: {problem}", mark.line + 1 if mark else 1) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise reader.fault("holds a character or escape that YAML does not allow", reader.line) from None


def write_yaml(document: object) -> str:
    """The document as YAML that people read and ``read_yaml`` reads back, keys in their order."""
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))


class _Reader:
    """Builds values from events; ``line`` is where it stands, from 1."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.line = 1
        self.nodes = 0

    def fault(self, sentence: str, line: int) -> InvalidInput:
        row = {"source": self.source, "line": line, "field": "", "sentence": sentence}
        return InvalidInput(f"{self.source}, line {line}: {sentence}", details={"faults": [row], "count": 1})

    def refuse(self, sentence: str) -> NoReturn:
        raise self.fault(sentence, self.line)

    def document(self, events: Iterator[Any]) -> object:
        """The value of the only document."""
        documents: list[object] = []
        for event in events:
            self.line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                if documents:
                    self.refuse("begins a second document; keep one document a file")
                documents.append(self.value(next(events), events, 0))
        if not documents:
            self.refuse("is empty; write the fields as `name: value`")
        return documents[0]

    def value(self, event: Any, events: Iterator[Any], depth: int) -> object:
        """The value that begins with this event."""
        self.line = event.start_mark.line + 1
        self.nodes += 1
        if self.nodes > LIMIT_NODES:
            self.refuse(f"holds more than {LIMIT_NODES} values")
        if depth > LIMIT_DEPTH:
            self.refuse(f"is nested more than {LIMIT_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self.refuse("uses an anchor or alias (& or *); write the text out, in quotes if it begins with & or *")
        if event.tag is not None:
            self.refuse("uses a tag (!); remove it, or put the text in quotes")
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(events, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, depth)
        return self.scalar(event)

    def sequence(self, events: Iterator[Any], depth: int) -> list[object]:
        items = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.value(event, events, depth + 1))
        return items

    def mapping(self, events: Iterator[Any], depth: int) -> dict[str, object]:
        fields: dict[str, object] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.value(event, events, depth + 1)
            if not isinstance(key, str):
                self.refuse("has a key that is not text; put the key in quotes")
            if key in fields:
                self.refuse(f"names {_shown(key)} a second time; keep one of them")
            fields[key] = self.value(next(events), events, depth + 1)
        return fields

    def scalar(self, event: Any) -> object:
        value: str = event.value
        if _CONTROL.search(value):
            self.refuse("holds a control character or half a character as an escape; remove it")
        if not event.implicit[0]:
            return value
        tag = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
        build = _PLAIN.get(str(tag).rpartition(":")[2])
        return build(self, value) if build else value

    def boolean(self, value: str) -> bool:
        if value.lower() in ("true", "false"):
            return value.lower() == "true"
        return self.refuse(f"{value!r} may mean yes/no or text; write true or false, or put it in quotes")

    def integer(self, value: str) -> int:
        if not _INTEGER.fullmatch(value):
            self.refuse("holds a number in an unusual form; write it as a plain decimal, or in quotes if it is text")
        if len(value) > 17 or abs(int(value)) > LARGEST_INTEGER:
            self.refuse("holds a whole number that is too large; put it in quotes if it is text")
        return int(value)

    def decimal(self, value: str) -> float:
        if not _DECIMAL.fullmatch(value) or not math.isfinite(float(value)):
            self.refuse("holds a number that is infinite, not a number or in an unusual form; write a plain decimal")
        return float(value)

    def moment(self, value: str) -> str:
        try:
            built = _TIMES.construct_yaml_timestamp(yaml.ScalarNode("tag:yaml.org,2002:timestamp", value))
        except (ValueError, OverflowError):
            self.refuse("holds a date that does not exist; correct it, or put it in quotes if it is text")
        assert isinstance(built, (date, datetime))
        return built.isoformat()

    def merge(self, _: str) -> NoReturn:
        self.refuse("uses a merge key (<<); write the fields out")


_PLAIN: dict[str, Callable[[_Reader, str], object]] = {
    "null": lambda _reader, _value: None,
    "bool": _Reader.boolean,
    "int": _Reader.integer,
    "float": _Reader.decimal,
    "timestamp": _Reader.moment,
    "merge": _Reader.merge,
}


def _decode(raw: bytes, source: str, limit_bytes: int) -> str:
    """The bytes as text, when they are plain UTF-8 of allowed size."""
    reader = _Reader(source)
    if len(raw) > limit_bytes:
        raise reader.fault(f"has {len(raw)} bytes; at most {limit_bytes} are allowed", 1)
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise reader.fault("begins with a byte order mark; save it as plain UTF-8", 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as found:
        raise reader.fault("is not UTF-8; save the file as UTF-8", raw.count(b"\n", 0, found.start) + 1) from None
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise reader.fault(f"holds the control character U+{ord(control[0]):04X}; remove it", line)
    return text


def _shown(key: str) -> str:
    return repr(key[:60])
