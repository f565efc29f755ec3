"""What all checks of 500 clinical cases in both arms take, with every process they use: ``python -m bench.scoring`` is the work itself."""

from __future__ import annotations

import itertools
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from webapp.adapters.llm.calls import Completion
from webapp.domain.evaluation.planning import Call, arms
from webapp.domain.prompts.suite import Case, read_suite
from webapp.services.evaluation.asking import BATCH, Asked
from webapp.services.evaluation.scoring import Checks

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "prompts" / "clinical-summarization" / "evaluation" / "test-cases.jsonl"
CASES = 500


def score_everything() -> None:
    """Every answer is scored once; the answer to a case is its reference with the number of the case, so that no two are equal."""
    shipped = itertools.cycle(read_suite(SUITE.read_bytes(), SUITE.name).cases)
    cases = tuple(replace(next(shipped), id=f"case-{number}") for number in range(CASES))
    asked = [_asked(case, arm) for case in cases for arm in arms(True)]
    checks = Checks(cases)
    for start in range(0, len(asked), BATCH):
        checks.score(asked[start : start + BATCH])


def _asked(case: Case, arm: str) -> Asked:
    text = f"{case.expected.reference or case.inputs}\n\nNote {case.id}, {arm}."
    return Asked(Call(case, arm, 0), "bench", Completion(text, "bench", "bench", "stop", 500, 300, 7, 900, 1))


def measure_scoring() -> None:
    """Prints the processor time of the work in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "bench.scoring"], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"all checks of {CASES} clinical cases in both arms: {seconds:.0f} CPU s (bound 180)")


if __name__ == "__main__":
    score_everything()
