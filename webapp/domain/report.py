"""The report of an evaluation for a pull request or a terminal: one sentence, the measures, the five worst cases, what is next.

Read from the published documents of a change and its evaluation. What must not live here: fetching them, and case texts.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from webapp.domain.verdict import WORDS, Verdict

MOST_WORST_CASES = 5
FORMATS = ("text", "json", "markdown", "junit")
PPM = 1_000_000
HAS_VERDICT = ("complete", "stopped")
PASSED, FAILED, TOO_FEW, NO_VERDICT = 0, 1, 3, 4
_EXIT = {"pass": PASSED, "fail": FAILED, "insufficient": TOO_FEW}
_HEADS = {
    "pass": "every measure holds",
    "fail": "worse",
    "insufficient": "too few cases to tell",
    "unmeasured": "it could not be measured",
}
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})


@dataclass(frozen=True)
class MeasureRow:
    """One measure in words; means with their unit, empty where unknown."""

    name: str
    words: str
    is_primary: bool
    verdict: str
    live: str
    new: str
    cases: str
    sentence: str


@dataclass(frozen=True)
class WorstCase:
    """One of the worst cases, by its id, with what is wrong in a sentence."""

    case: str
    sentence: str
    is_critical: bool


@dataclass(frozen=True)
class Report:
    """All that a report says. ``verdict``: pass, fail, insufficient, unmeasured, or none where no run is complete."""

    change: str
    prompt: str
    title: str
    stage: str
    revision: int
    digest: str
    run_state: str
    verdict: str
    sentence: str
    measures: tuple[MeasureRow, ...]
    worst_cases: tuple[WorstCase, ...]
    blocks: tuple[str, ...]
    asked_next: str
    is_offline: bool
    link: str

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 too few cases to tell, 4 no verdict."""
        return _EXIT.get(self.verdict, NO_VERDICT)


def read_report(change: Mapping[str, Any], evaluation: Mapping[str, Any]) -> Report:
    """The report of the two documents, as they were fetched at one time."""
    run = evaluation.get("run") or {}
    measures = tuple(_measure(row) for row in evaluation.get("measures") or ())
    verdict = str(run.get("verdict") or "none") if run.get("state") in HAS_VERDICT else "none"
    return Report(
        change=_plain(change["id"]),
        prompt=_plain(change["prompt"]),
        title=_plain(change.get("title", "")),
        stage=_plain(change["stage"]),
        revision=int(change["revision"]),
        digest=_plain(change["digest"]),
        run_state=_plain(run.get("state", "none")),
        verdict=verdict,
        sentence=_sentence(run, verdict, evaluation),
        measures=measures,
        worst_cases=tuple(_worst(row) for row in (evaluation.get("worst_cases") or ())[:MOST_WORST_CASES]),
        blocks=tuple(_plain(sentence) for sentence in change.get("blocks") or ()),
        asked_next=_asked(change.get("asked_next")),
        is_offline=bool(run.get("offline")),
        link=_plain((change.get("links") or {}).get("page", "")),
    )


def render(report: Report, form: str) -> str:
    """The report as text, json, markdown or junit, without a last newline."""
    return {"text": _text, "json": _json, "markdown": _markdown, "junit": _junit}[form](report)


def _sentence(run: Mapping[str, Any], verdict: str, evaluation: Mapping[str, Any]) -> str:
    """The one sentence that a reader may rely on."""
    if not run:
        return "No evaluation has been started yet."
    if run["state"] in ("queued", "running"):
        return f"The evaluation is going on: {run['done_calls']} of {run['planned_calls']} calls are done."
    if verdict == "none":
        why = f" {_plain(run['failure'])}" if run.get("failure") else ""
        return f"There is no verdict: the evaluation is {_plain(run['state'])}.{why}"
    if evaluation.get("sentence"):
        stopped = f" {_plain(run['failure'])}" if run["state"] == "stopped" and run.get("failure") else ""
        return _plain(evaluation["sentence"]) + stopped
    counts = evaluation.get("counts") or {}
    is_paired = any("baseline_mean_ppm" in row for row in evaluation.get("measures") or ())
    against = "New against live" if is_paired else "New alone, nothing is live yet"
    parts = [_HEADS.get(verdict, verdict)]
    if is_paired:
        parts.append(f"{counts.get('worse', 0)} cases got worse, {counts.get('better', 0)} better")
    critical = int(counts.get("critical", 0))
    parts.append(f"critical findings to decide: {critical}" if critical else "no new dangerous answer")
    return f"{against}, on these {counts.get('cases', 0)} cases: {'; '.join(parts)}."


def _measure(row: Mapping[str, Any]) -> MeasureRow:
    word = str(row.get("verdict", ""))
    return MeasureRow(
        name=_plain(row["measure"]),
        words=_plain(row.get("words", row["measure"])),
        is_primary=bool(row.get("primary")),
        verdict=WORDS[Verdict(word)] if word in list(Verdict) else "Not asked",
        live=_amount(row.get("baseline_mean_ppm"), row.get("unit", "share")),
        new=_amount(row.get("candidate_mean_ppm"), row.get("unit", "share")),
        cases=_plain(row.get("n", "")),
        sentence=_plain(row.get("sentence", "")),
    )


def _worst(row: Mapping[str, Any]) -> WorstCase:
    return WorstCase(_plain(row["case"]), _plain(row.get("sentence", "")), bool(row.get("critical")))


def _asked(asked: Mapping[str, Any] | None) -> str:
    if not asked:
        return ""
    people = ", ".join(_plain(name) for name in asked.get("people") or ()) or "nobody holds this role and may act"
    return f"{_plain(asked.get('stage_words', ''))}: {_plain(asked.get('role', ''))} ({people})"


def _amount(ppm: object, unit: object) -> str:
    """A mean in parts per million of its unit, in words; empty where unknown."""
    if not isinstance(ppm, int) or isinstance(ppm, bool):
        return ""
    if unit == "share":
        return f"{ppm / PPM:.1%}"
    return f"{ppm / PPM:.0f} ms" if unit == "ms" else f"${ppm / PPM / PPM:.6f}"


def _plain(value: object) -> str:
    """The value as one line that no terminal, table or parser takes for more than text."""
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def _rows(report: Report) -> Sequence[tuple[str, ...]]:
    """The table of measures, primary ones first."""
    ordered = sorted(report.measures, key=lambda row: not row.is_primary)
    return [
        (f"{row.words}{'' if row.is_primary else ' (watched)'}", row.live, row.new, row.cases, row.verdict)
        for row in ordered
    ]


_COLUMNS = ("Measure", "Live", "New", "Cases", "Verdict")


def _text(report: Report) -> str:
    lines = [f"{report.prompt}: {report.title} ({report.change}, revision {report.revision})", "", report.sentence]
    lines += _notes(report)
    if report.measures:
        lines += ["", *_aligned([_COLUMNS, *_rows(report)])]
    if report.worst_cases:
        lines += ["", "Worst cases:", *(f"  {_case_line(row)}" for row in report.worst_cases)]
    return "\n".join([*lines, "", *_tail(report)]).rstrip()


def _notes(report: Report) -> list[str]:
    return ["Answered by the offline model: not an LLM; for trying the workflow."] if report.is_offline else []


def _case_line(row: WorstCase) -> str:
    return f"{row.case}: {'CRITICAL: ' if row.is_critical else ''}{row.sentence}"


def _next_lines(report: Report) -> list[str]:
    asked = [f"Asked next: {report.asked_next}"] if report.asked_next else []
    return [*(f"Blocks: {sentence}" for sentence in report.blocks), *asked]


def _tail(report: Report) -> list[str]:
    return [*_next_lines(report), *([f"Page: {report.link}"] if report.link else [])]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _json(report: Report) -> str:
    return json.dumps({**asdict(report), "exit_code": report.exit_code}, ensure_ascii=False, indent=2)


def _markdown(report: Report) -> str:
    lines = [f"### {_safe(report.prompt)}: {_safe(report.title)}", "", f"**{_safe(report.sentence)}**"]
    lines += ["", *(f"_{note}_" for note in _notes(report))] if report.is_offline else []
    if report.measures:
        lines += ["", _line(_COLUMNS), _line(["---"] * len(_COLUMNS))]
        lines += [_line([_safe(cell) for cell in row]) for row in _rows(report)]
    if report.worst_cases:
        lines += ["", "Worst cases", "", *(f"- {_safe(_case_line(row))}" for row in report.worst_cases)]
    lines += ["", *(f"- {_safe(sentence)}" for sentence in _next_lines(report))]
    place = f"revision {report.revision}, `{report.digest[:12]}`"
    return "\n".join([*lines, "", f"[Open {report.change}]({report.link}), {place}" if report.link else place])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    return text.translate(_MARKDOWN)


def _junit(report: Report) -> str:
    """One test case a primary measure; without a verdict one case in error, so that nobody takes it for success."""
    primary = [row for row in report.measures if row.is_primary]
    suite = ElementTree.Element("testsuite", name=report.prompt)
    for row in primary:
        case = ElementTree.SubElement(suite, "testcase", classname=report.prompt, name=row.words)
        if row.verdict != WORDS[Verdict.PASS]:
            ElementTree.SubElement(case, "failure", message=row.verdict).text = row.sentence
    errors = 0
    if report.verdict == "none" or not primary:
        errors = 1
        case = ElementTree.SubElement(suite, "testcase", classname=report.prompt, name="evaluation")
        ElementTree.SubElement(case, "error", message="no verdict").text = report.sentence
    suite.set("tests", str(len(primary) + errors))
    suite.set("failures", str(sum(row.verdict != WORDS[Verdict.PASS] for row in primary)))
    suite.set("errors", str(errors))
    lines = [report.sentence, *(_case_line(row) for row in report.worst_cases), *_tail(report)]
    ElementTree.SubElement(suite, "system-out").text = "\n".join(lines)
    return ElementTree.tostring(suite, encoding="unicode")
