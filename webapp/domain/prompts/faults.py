"""What is wrong with a submitted file, all of it at once; no knowledge of what a prompt or a case is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from webapp.errors import InvalidInput

LISTED_FAULTS = 50


@dataclass(frozen=True)
class Fault:
    """One thing to mend: ``line`` counts from 1, ``field`` is a path such as ``expected.medications[0].dose``."""

    source: str
    field: str
    sentence: str
    line: int | None = None

    def in_words(self) -> str:
        """The fault as one sentence that says where it stands."""
        where = quote(self.source, 120) if self.source else "the input"
        where += f", line {self.line}" if self.line is not None else ""
        where += f", field {quote(self.field, 80)}" if self.field else ""
        return f"{where}: {self.sentence}"


@dataclass
class Faults:
    """Collects faults in the order found: counts all of them, keeps the first ``LISTED_FAULTS``."""

    listed: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """The fault is counted, and listed while there is room."""
        self.count += 1
        if len(self.listed) < LISTED_FAULTS:
            self.listed.append(fault)

    def add_error(self, error: InvalidInput, source: str) -> None:
        """Every fault that another reader raised is counted here too."""
        rows = error.details.get("faults") or [{"source": source, "field": "", "sentence": error.sentence}]
        for row in rows:
            self.add(Fault(row.get("source", source), row.get("field", ""), row["sentence"], row.get("line")))
        self.count += max(0, int(error.details.get("count", len(rows))) - len(rows))

    def raise_if_any(self) -> None:
        """Nothing was found; otherwise InvalidInput with the first fault in words and all listed ones as rows."""
        if self.listed:
            raise as_error(self.listed, self.count)


def as_error(listed: Iterable[Fault], count: int) -> InvalidInput:
    """InvalidInput that names the first fault and how many more there are."""
    rows = list(listed)
    more = count - 1
    also = f" ({more} more {'fault' if more == 1 else 'faults'})" if more else ""
    return InvalidInput(rows[0].in_words() + also, details={"faults": [asdict(row) for row in rows], "count": count})


def quote(text: str, most: int = 60) -> str:
    """The text fit to stand in a sentence: shortened, and every character that does not print named by its number."""
    shown = "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text[:most])
    return shown + ("..." if len(text) > most else "")
