"""``formulary suite``: importing a test set as the next version of its name, and fetching a stored one.

What must not live here: what makes a test set good (``webapp.domain.prompts``).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from webapp.cli.client import connect, server_options, speaks_in_sentences
from webapp.cli.files import name_of_suite, read_file
from webapp.domain.prompts.suite_files import CSV, form_of, read_suite_file
from webapp.errors import InvalidInput

DIGEST = re.compile(r"[0-9a-f]{64}")
NOT_GOOD = 1


@click.group()
def suite() -> None:
    """Import test sets and fetch stored ones.

    \b
    Examples:
      formulary suite import cases.csv --name night-clinic
      formulary suite pull 3f8a91c2... -o cases.jsonl
    """


@suite.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", metavar="N", help="The test set's name; the prompt's folder or the file's name otherwise.")
@click.option("--contains-phi", is_flag=True, help="The cases hold patient data.")
@server_options
@click.pass_context
@speaks_in_sentences
def import_file(
    context: click.Context,
    /,
    path: Path,
    name: str | None,
    contains_phi: bool,
    server: str | None,
    token: str | None,
) -> None:
    """Import PATH (.jsonl or .csv) as the next version of its name; exit 1 with every fault where it is not good.

    A hold-out is imported on the page Test sets, by an informaticist: tokens belong to authors, who may not read it.

    \b
    Examples:
      formulary suite import prompts/clinical-summarization/evaluation/test-cases.jsonl
      formulary suite import cases.csv --name night-clinic --contains-phi
    """
    raw = read_file(path)
    try:
        read_suite_file(raw, str(path))
        query = {"name": name or name_of_suite(path), "contains_phi": _word(contains_phi)}
        done = connect(server, token).post_lines("/suites", raw, _type(path), **query)
    except InvalidInput as error:
        if "faults" not in error.details:
            raise
        _tell_faults(error, path)
        context.exit(NOT_GOOD)
    click.echo(f"{done['name']}, version {done['number']}: {done['cases']} cases", err=True)
    if difference := done["difference"]:
        counts = ", ".join(f"{len(difference[kind])} {kind}" for kind in ("added", "superseded", "removed", "edited"))
        click.echo(f"Against the version before: {counts}, {difference['kept']} kept", err=True)
    for warning in done["warnings"]:
        click.echo(f"Look at this: {warning}", err=True)
    click.echo(done["digest"])


@suite.command()
@click.argument("digest")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write, JSON lines.")
@click.option(
    "--with-case-text", is_flag=True, help="Also of patient data or a hold-out; that you read it is recorded."
)
@server_options
@speaks_in_sentences
def pull(digest: str, output: Path, with_case_text: bool, server: str | None, token: str | None) -> None:
    """Write the stored test set DIGEST to a file; importing it again gives the same digest.

    \b
    Examples:
      formulary suite pull 3f8a91c24be07d556a1e0c9b7d2f4e8813aa5c60d94bb7e2f10c6d8e95a4b372 -o cases.jsonl
    """
    if not DIGEST.fullmatch(digest):
        raise InvalidInput("Name the test set by its digest, 64 hexadecimal digits.")
    found = connect(server, token).get(f"/suites/{digest}", with_case_text=_word(with_case_text))
    if found["cases_left_out"]:
        raise InvalidInput("Its cases are left out: patient data or a hold-out. Ask for them with --with-case-text.")
    lines = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in found["rows"])
    try:
        output.write_bytes(lines)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written ({error.strerror}); choose another place.") from None
    click.echo(f"{output}: {found['name']}, version {found['number']}, {found['cases']} cases", err=True)


def _type(path: Path) -> str:
    return "text/csv" if form_of(path.name) == CSV else "application/jsonl"


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _tell_faults(error: InvalidInput, path: Path) -> None:
    """Every listed fault on stderr with its line and field, and how many there are."""
    for row in error.details["faults"]:
        place = f"{path}:{row['line']}" if row.get("line") else str(path)
        field = f" ({row['field']})" if row.get("field") else ""
        click.echo(f"{place}{field}: {row['sentence']}", err=True)
    count = int(error.details.get("count", 1))
    click.echo(f"Nothing was imported; {count} {'fault' if count == 1 else 'faults'} to mend.", err=True)
