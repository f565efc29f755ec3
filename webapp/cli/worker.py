"""``formulary worker``: evaluates what waits."""

from __future__ import annotations

import click


@click.command()
@click.option("--burst", is_flag=True, help="End when nothing waits any more.")
def worker(burst: bool) -> None:
    """Run a worker that evaluates; start as many as you have cores. Ctrl-C gives the present run back.

    \b
    Examples:
      formulary worker
      formulary worker --burst
    """
    from webapp.worker import run_worker

    run_worker(is_burst=burst)
