"""``formulary scheduler``: what has to happen by itself."""

from __future__ import annotations

import signal
import threading

import click


@click.command()
def scheduler() -> None:
    """Run the scheduler: outbox, mail, sweeper, safety limits. One is enough; two do no harm.

    \b
    Example:
      formulary scheduler
    """
    from webapp.cli.house import open_to_write
    from webapp.scheduler import run_scheduler

    outside = open_to_write()
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    run_scheduler(outside, is_over)
