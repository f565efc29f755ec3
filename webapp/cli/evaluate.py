"""``formulary evaluate``: what a prompt file does to the cases, on this machine and without a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from webapp.acts.case_text import result_without_words
from webapp.adapters.llm.gateway import Models
from webapp.adapters.yaml_source import read_yaml
from webapp.cli.client import speaks_in_sentences
from webapp.cli.files import read_file, suite_beside
from webapp.cli.reports import junit_option, write_junit
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.policy import ClassPolicy, read_policy
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.suite import Suite
from webapp.domain.prompts.suite_files import read_suite_file
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.report import FORMATS, read_report, render
from webapp.domain.workflow import RiskClass
from webapp.errors import InvalidInput, Refused
from webapp.services.evaluation.asking import Arm
from webapp.services.evaluation.local import evaluate_here

LEFT_OUT = "Left out: the test set holds patient data."


@click.command()
@click.argument("prompt_file", type=click.Path(path_type=Path))
@click.option("--baseline", type=click.Path(path_type=Path), help="The file to compare with; none: against thresholds.")
@click.option("--suite", type=click.Path(path_type=Path), help="The test set; the one beside the file otherwise.")
@click.option("--model", metavar="M", help="The model to ask, one of the file's model_compatibility.")
@click.option(
    "--risk-class", type=click.Choice([one.value for one in RiskClass]), help="Whose rules of the policy hold."
)
@click.option("--phi", is_flag=True, help="The test set holds patient data: only models that may receive it are asked.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@junit_option
@click.pass_context
@speaks_in_sentences
def evaluate(
    context: click.Context,
    /,
    prompt_file: Path,
    baseline: Path | None,
    suite: Path | None,
    model: str | None,
    risk_class: str | None,
    phi: bool,
    form: str,
    junit: Path | None,
) -> None:
    """Evaluate a prompt file here, without a server; nothing is stored.

    Exit 0 passed, 1 failed, 2 not usable as given, 3 too few cases to tell, 4 no verdict.

    \b
    Examples:
      formulary evaluate prompts/clinical-summarization/v2.0.yaml
      formulary evaluate v2.0.yaml --baseline v1.1.yaml --suite cases.jsonl --format markdown --junit report.xml
    """
    models, (new, raw) = _models(), _prompt(prompt_file)
    asked = _model(models, new, model)
    arms = {CANDIDATE: Arm(new, asked, sha256_hex(raw))}
    if baseline is not None:
        live, live_raw = _prompt(baseline)
        arms[BASELINE] = Arm(live, asked, sha256_hex(live_raw))
    rules = _rules(risk_class or new.risk_class or RiskClass.CLINICAL.value)
    for name in (asked, rules.judge.model) if rules.judge else (asked,):
        if phi and not models.fact(name).may_receive_phi:
            raise Refused(f"{name} may not receive patient data; choose a model with an agreement (BAA).", code="phi")
    with _bar() as tell:
        found = evaluate_here(models, arms, _suite(prompt_file, suite), rules, tell)
    report = read_report(_stand_in(new, raw), result_without_words(found, LEFT_OUT if phi else None))
    write_junit(report, junit)
    click.echo(render(report, form))
    context.exit(report.exit_code)


def _models() -> Models:
    from webapp.assembly import build_models
    from webapp.settings import read_settings

    return build_models(read_settings())


def _rules(risk_class: str) -> ClassPolicy:
    """The rules of the configured policy file, or of the one that ships."""
    from webapp.assembly import DEFAULTS
    from webapp.settings import read_settings

    path = read_settings().policy_file or DEFAULTS / "policy.yaml"
    return read_policy(read_yaml(path.read_bytes(), path.name)).of(risk_class)


def _prompt(path: Path) -> tuple[PromptFile, bytes]:
    raw = read_file(path)
    return read_prompt(read_yaml(raw, path.name), path.name), raw


def _suite(prompt_file: Path, given: Path | None) -> Suite:
    path = given or suite_beside(prompt_file)
    if path is None:
        raise InvalidInput("There is no test set beside the file; name one with --suite.")
    return read_suite_file(read_file(path), path.name)


def _model(models: Models, prompt: PromptFile, given: str | None) -> str:
    """The model that was asked for, else the file's own, else the first compatible one that can be asked."""
    wanted = given or prompt.model
    if wanted is not None:
        if prompt.model_compatibility and wanted not in prompt.model_compatibility:
            raise InvalidInput(
                f"{wanted} is not in the file's model_compatibility ({', '.join(prompt.model_compatibility)})."
            )
        return wanted
    usable = [fact.name for fact in models.facts() if fact.closed_because is None and not fact.retired]
    found = next((name for name in prompt.model_compatibility if name in usable), None)
    if found is None:
        raise InvalidInput("None of the file's models can be asked here; set a key, or name a model with --model.")
    return found


def _stand_in(prompt: PromptFile, raw: bytes) -> dict[str, Any]:
    """What a report says of the change, where there is none."""
    return {
        "id": "local",
        "prompt": prompt.name,
        "title": f"version {prompt.label}, evaluated here",
        "stage": "draft",
        "revision": 0,
        "digest": sha256_hex(raw),
    }


@contextmanager
def _bar() -> Iterator[Any]:
    """A progress bar on stderr, where that is a terminal."""
    with click.progressbar(length=1, label="Evaluating", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def tell(done: int, planned: int) -> None:
            """The bar stands at this count."""
            bar.length = planned
            bar.update(done - bar.pos)

        yield tell
