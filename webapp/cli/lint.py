"""``formulary lint``: prompt files, test sets and trees, checked without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from webapp.adapters.yaml_source import read_yaml
from webapp.cli.files import open_tree, read_file, suite_beside
from webapp.domain.prompts.lint import lint_prompt, unknown_variables
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.suite import Suite
from webapp.domain.prompts.suite_files import SUFFIXES, read_suite_file
from webapp.domain.prompts.template import template_values
from webapp.errors import InvalidInput


@dataclass(frozen=True)
class Remark:
    """One thing found in one file; ``line`` counts from 1."""

    level: str
    file: str
    line: int | None
    field: str
    sentence: str


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.pass_context
def lint(context: click.Context, paths: tuple[Path, ...], form: str) -> None:
    """Check prompt files, test sets (.jsonl, .csv) or a tree; exit 1 when something must be mended.

    \b
    Examples:
      formulary lint prompts/
      formulary lint prompts/clinical-summarization/v1.1.yaml
      formulary lint cases.csv
      formulary lint prompts/ --format github
    """
    remarks = [remark for path in paths for remark in remarks_on(path)]
    errors = sum(remark.level == "error" for remark in remarks)
    if form == "json":
        rows = [asdict(remark) for remark in remarks]
        document = {"errors": errors, "warnings": len(remarks) - errors, "findings": rows}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for remark in remarks:
            click.echo(_github(remark) if form == "github" else _text(remark))
        click.echo(f"{errors} to mend, {len(remarks) - errors} to look at.", err=form == "github")
    context.exit(1 if errors else 0)


def remarks_on(path: Path) -> Iterator[Remark]:
    """Everything found at the path, file by file."""
    try:
        if path.is_dir():
            yield from _on_tree(path)
        elif path.suffix.lower() in SUFFIXES:
            read_suite_file(read_file(path), str(path))
        else:
            yield from _on_file(path)
    except InvalidInput as error:
        yield from _faults(error, str(path))


def _on_tree(folder: Path) -> Iterator[Remark]:
    tree, root = open_tree(folder)
    for name, versions in tree.prompts.items():
        for version in versions:
            suites = (tree.suites.get(name), tree.adversarial.get(name))
            yield from _on_prompt(version.prompt, version.raw, str(root / version.path), *suites)


def _on_file(path: Path) -> Iterator[Remark]:
    raw = read_file(path)
    prompt = read_prompt(read_yaml(raw, str(path)), str(path))
    beside = suite_beside(path)
    suite = None if beside is None else read_suite_file(read_file(beside), str(beside))
    yield from _on_prompt(prompt, raw, str(path), suite)


def _on_prompt(prompt: PromptFile, raw: bytes, file: str, *suites: Suite | None) -> Iterator[Remark]:
    for finding in lint_prompt(prompt, raw=raw.decode()):
        yield Remark(finding.level, file, finding.line, finding.field, finding.sentence)
    warning = _end_of_model(prompt.model)
    if warning:
        yield Remark("warning", file, None, "model", warning)
    for suite in filter(None, suites):
        given = set.intersection(*(set(template_values(case)) for case in suite.cases))
        for name in unknown_variables(prompt, given):
            sentence = f"The template uses {{{name}}}, which not every case of the test set gives a value for."
            yield Remark("error", file, None, "user_template", sentence)


def _end_of_model(name: str | None) -> str | None:
    """A sentence when the models file knows that this model has ended or soon will."""
    from webapp.assembly import build_models
    from webapp.settings import read_settings

    if name is None:
        return None
    facts = build_models(read_settings()).facts()
    return next((fact.retirement_warning for fact in facts if fact.name == name), None)


def _faults(error: InvalidInput, path: str) -> Iterator[Remark]:
    rows = error.details.get("faults") or [{"sentence": error.sentence}]
    for row in rows:
        source = row.get("source") or path
        yield Remark("error", source, row.get("line"), row.get("field", ""), row["sentence"])
    more = int(error.details.get("count", len(rows))) - len(rows)
    if more > 0:
        yield Remark("error", path, None, "", f"{more} more faults are not listed; mend these first.")


def _text(remark: Remark) -> str:
    place = f"{remark.file}:{remark.line}" if remark.line else remark.file
    field = f" ({remark.field})" if remark.field else ""
    return _plain(f"{place}: {remark.level}{field}: {remark.sentence}")


def _github(remark: Remark) -> str:
    """A workflow command; its separators are escaped, so that a file's name cannot add another."""
    escapes = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
    place = f"file={remark.file.translate(escapes)}" + (f",line={remark.line}" if remark.line else "")
    words = f"{remark.field}: {remark.sentence}" if remark.field else remark.sentence
    return f"::{remark.level} {place}::{_plain(words).replace('%', '%25')}"


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
