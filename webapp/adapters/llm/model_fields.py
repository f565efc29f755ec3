"""Reading one mapping of the models file field by field, so that all its faults come out at once.

What must not live here: what a model is; this knows words, numbers, days and addresses only.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from webapp.errors import InvalidInput

Fault = dict[str, str]

ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}")
NOTE_LIMIT = 300


class FieldReader:
    """Reads fields of one mapping; every fault goes to one list shared with the readers inside it."""

    def __init__(self, source: str, place: str, found: object, keys: tuple[str, ...]) -> None:
        self.source, self.place, self.faults = source, place, list[Fault]()
        self.values = self._mapping(found, keys)

    def inside(self, place: str, found: object, keys: tuple[str, ...]) -> FieldReader:
        """A reader of a mapping inside this one; its faults are listed with ours."""
        reader = FieldReader(self.source, self._path(place), found, keys)
        self.faults.extend(reader.faults)
        reader.faults = self.faults
        return reader

    def fault(self, field: str, sentence: str) -> None:
        """One more fault of that field."""
        self.faults.append({"source": self.source, "field": self._path(field), "sentence": sentence})

    def raise_faults(self) -> None:
        """Nothing when the file is good; else one InvalidInput that names the first fault and counts the others."""
        if not self.faults:
            return
        first, more = self.faults[0], len(self.faults) - 1
        rest = f" ({more} more {'fault' if more == 1 else 'faults'} in the file)" if more else ""
        sentence = f"{self.source}, {first['field'] or 'top level'}: {first['sentence']}{rest}."
        raise InvalidInput(sentence, details={"faults": list(self.faults)})

    def word(self, field: str) -> str:
        """A short name without spaces."""
        found = self.values.get(field)
        if isinstance(found, str) and WORD.fullmatch(found):
            return found
        self.fault(field, "write a name of letters, digits and . _ : / @ - without spaces")
        return ""

    def note(self, field: str) -> str:
        """A free remark, empty when absent."""
        found = self.values.get(field) or ""
        if isinstance(found, str) and len(found) <= NOTE_LIMIT:
            return found
        self.fault(field, f"write a text of at most {NOTE_LIMIT} characters")
        return ""

    def flag(self, field: str, default: bool | None = None) -> bool:
        """true or false; a field without default must be written."""
        found = self.values.get(field, default)
        if isinstance(found, bool):
            return found
        self.fault(field, "write true or false")
        return False

    def whole(self, field: str, least: int, most: int) -> int:
        """A whole number between the two ends."""
        found = self.values.get(field)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self.fault(field, f"write a whole number from {least} to {most}")
        return least

    def whole_or_none(self, field: str, least: int, most: int) -> int | None:
        """A whole number between the two ends, None where nothing is written."""
        return None if self.values.get(field) is None else self.whole(field, least, most)

    def day(self, field: str, optional: bool = False) -> date | None:
        """A day written as 2026-11-30; None only where it may be absent."""
        found = self.values.get(field)
        if found is None and optional:
            return None
        try:
            return date.fromisoformat(found if isinstance(found, str) else "")
        except ValueError:
            self.fault(field, "write a day as 2026-11-30")
            return None

    def environment_name(self, field: str) -> str | None:
        """The name of an environment variable, or None; a key written into the file itself is refused unseen."""
        found = self.values.get(field)
        if found is None or (isinstance(found, str) and ENVIRONMENT_NAME.fullmatch(found)):
            return found
        self.fault(field, "write the name of an environment variable in capitals, never the key itself")
        return None

    def web_address(self, field: str) -> str | None:
        """An http or https address without user name, or None."""
        found = self.values.get(field)
        if found is None or (isinstance(found, str) and _is_plain_address(found)):
            return found
        self.fault(field, "write an http or https address without user name, password or query")
        return None

    def words(self, field: str) -> tuple[str, ...] | None:
        """A list of short names, or None when absent."""
        found = self.values.get(field)
        if found is None:
            return None
        if isinstance(found, list) and found and all(isinstance(one, str) and WORD.fullmatch(one) for one in found):
            return tuple(found)
        self.fault(field, "write a list of names without spaces, at least one")
        return ()

    def listing(self, field: str) -> list[object]:
        """A list with at least one row."""
        found = self.values.get(field)
        if isinstance(found, list) and found:
            return found
        self.fault(field, "write a list with at least one row")
        return []

    def _mapping(self, found: object, keys: tuple[str, ...]) -> dict[str, object]:
        if not isinstance(found, dict):
            self.fault("", f"write a mapping with {', '.join(keys)}")
            return {}
        for key in found:
            if key not in keys:
                self.fault(str(key)[:64], f"this field is not known; known are {', '.join(keys)}")
        return found

    def _path(self, field: str) -> str:
        return ".".join(part for part in (self.place, field) if part)


def _is_plain_address(found: str) -> bool:
    try:
        parts = urlsplit(found)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.query)
    except ValueError:
        return False
