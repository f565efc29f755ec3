"""``formulary submit``: hand in a prompt file or tree, with its git authors, and follow the evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from webapp.adapters.git_authors import authors_of
from webapp.cli.client import Client, change_path, connect, server_options, speaks_in_sentences
from webapp.cli.files import PromptSource, sources_of
from webapp.cli.following import Waiting, follow
from webapp.cli.reports import junit_option, write_junit
from webapp.domain.report import FAILED, FORMATS, NO_VERDICT, PASSED, TOO_FEW, render
from webapp.domain.workflow import RiskClass
from webapp.errors import Conflict, InvalidInput

LARGEST_INLINE_BYTES = 4 * 1024 * 1024
GRAVEST_FIRST = (FAILED, NO_VERDICT, TOO_FEW, PASSED)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--prompt", metavar="NAME", help="Only this prompt of a tree.")
@click.option(
    "--risk-class", type=click.Choice([risk_class.value for risk_class in RiskClass]), help="The class you propose."
)
@click.option("--model", metavar="M", help="The model to run on, one of model_compatibility.")
@click.option("--suite", type=click.Path(path_type=Path), help="The test set; the one beside the file otherwise.")
@click.option("--changes", metavar="TEXT", help="What changes for patients and clinicians, at most 300 characters.")
@click.option("--change", metavar="CHANGE", help="Hand in a further revision of this change.")
@click.option("--wait", is_flag=True, help="Follow the evaluation and print its report.")
@click.option("--timeout", type=click.IntRange(1), default=3600, show_default=True, help="Seconds to follow.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@junit_option
@server_options
@click.pass_context
@speaks_in_sentences
def submit(
    context: click.Context,
    /,
    path: Path,
    prompt: str | None,
    suite: Path | None,
    change: str | None,
    wait: bool,
    timeout: int,
    form: str,
    junit: Path | None,
    server: str | None,
    token: str | None,
    **words: str | None,
) -> None:
    """Submit a prompt file, or the active version of each prompt of a tree.

    With --wait: exit 0 passed, 1 failed, 2 not usable as given, 3 too few cases to tell, 4 no verdict.

    \b
    Examples:
      formulary submit prompts/clinical-summarization/v1.1.yaml --wait
      formulary submit prompts/ --prompt clinical-summarization --changes "Doses with their route."
      formulary submit v1.2.yaml --suite cases.jsonl --change chg_01J... --wait --format markdown
    """
    sources = sources_of(path, prompt, suite)
    if change and len(sources) > 1:
        raise InvalidInput("A revision is one prompt file; name the file, or one prompt of the tree with --prompt.")
    if junit and (not wait or len(sources) > 1):
        raise InvalidInput("--junit writes the report of one prompt that is followed; add --wait, and name one prompt.")
    client = connect(server, token)
    name = prompt if path.is_file() else None
    codes = []
    for source in sources:
        body = _body(client, source, {**words, "prompt": name})
        change_id = _hand_in(client, source, body, change)
        if wait and change_id:
            report = follow(client, change_id, Waiting(timeout))
            write_junit(report, junit)
            click.echo(render(report, form))
            codes.append(report.exit_code)
    context.exit(next((code for code in GRAVEST_FIRST if code in codes), PASSED))


def _body(client: Client, source: PromptSource, words: dict[str, str | None]) -> dict[str, Any]:
    """What is sent: the file byte for byte, the test set, the words that were given, the authors that git knows."""
    authors = authors_of(source.path)
    if authors.is_shallow:
        click.echo("This clone is shallow, so git may not name every author; fetch the full history.", err=True)
    try:
        body: dict[str, Any] = {"file": source.raw.decode()}
    except UnicodeDecodeError:
        raise InvalidInput(f"{source.path} is not UTF-8; save the file as UTF-8.") from None
    body |= {name: value for name, value in words.items() if value}
    body["contributors"] = [{"name": name[:200], "email": email[:254]} for name, email in authors.people]
    if source.suite is not None:
        body["suite"] = _suite(client, source)
    return body


def _suite(client: Client, source: PromptSource) -> str:
    """The test set as text, or, where that would be too large for one request, the digest of the stored one."""
    assert source.suite is not None
    if len(source.suite) > LARGEST_INLINE_BYTES:
        return str(client.post_lines("/suites", source.suite, name=source.path.parent.name)["digest"])
    try:
        return source.suite.decode()
    except UnicodeDecodeError:
        raise InvalidInput("The test set is not UTF-8; save the file as UTF-8.") from None


def _hand_in(client: Client, source: PromptSource, body: dict[str, Any], change: str | None) -> str | None:
    """The change that carries these bytes now; None where they are live already."""
    try:
        if change:
            digest = client.get(change_path(change))["digest"]
            done = client.post(change_path(change, "/revisions"), {**body, "expected_digest": digest})
        else:
            done = client.post("/changes", body)
    except Conflict as error:
        if error.code != "nothing_changed":
            raise
        click.echo(f"{source.path}: {error.sentence}", err=True)
        return error.details.get("change") or change
    click.echo(f"{source.path}: {done['id']}, revision {done['revision']}. {done['links']['page']}", err=True)
    for warning in done["warnings"]:
        click.echo(f"Look at this: {warning}", err=True)
    estimate = client.get(change_path(done["id"], "/evaluation"), limit="1").get("estimate")
    if estimate:
        click.echo(estimate["words"], err=True)
    return str(done["id"])
