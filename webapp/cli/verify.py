"""``formulary verify``: the offline verifier as a command; the same code as the file that stands alone."""

from __future__ import annotations

from pathlib import Path

import click

from webapp import verify as verifier


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@click.option("--entry", type=click.Path(path_type=Path), metavar="FILE", help="One entry instead of a bundle.")
@click.option("--proof", type=click.Path(path_type=Path), metavar="FILE", help="The proof of that entry.")
@click.option("--key", "keys", multiple=True, metavar="VKEY", help="The log's key from the key card; may be repeated.")
@click.option(
    "--prior-checkpoint",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A checkpoint that you obtained earlier.",
)
@click.pass_context
def verify(
    context: click.Context,
    bundle: Path | None,
    entry: Path | None,
    proof: Path | None,
    keys: tuple[str, ...],
    prior_checkpoint: Path | None,
) -> None:
    """Verify an export BUNDLE, or one entry with its proof, offline; needs no server, no database and no network.

    Exit codes: 0 good, 1 evidence broken, 2 usage or format, 3 good but weaker than policy (also: no key given).

    \b
    Examples:
      formulary verify dossier.zip --key hospital.example/log+9374531d+AYqI49...
      formulary verify all.zip --key hospital.example/log+9374531d+AYqI49... --prior-checkpoint slip.txt
      formulary verify --entry entry-12.json --proof entry-12.tlog-proof --key hospital.example/log+9374531d+AYqI49...
    """
    arguments = [*([] if bundle is None else [str(bundle)]), *(f"--key={key}" for key in keys)]
    files = (("prior-checkpoint", prior_checkpoint), ("entry", entry), ("proof", proof))
    arguments += [f"--{name}={path}" for name, path in files if path is not None]
    context.exit(verifier.main(arguments))
