"""``formulary notary``: the process that holds the log key."""

from __future__ import annotations

import signal
import threading

import click


@click.command()
def notary() -> None:
    """Hold the log key and sign what continues the log; it never opens the database. Run exactly one.

    \b
    Example:
      FORMULARY_NOTARY_DIR=/var/lib/formulary-notary formulary notary
    """
    from webapp.adapters.chance import draw
    from webapp.adapters.notary.book import Book
    from webapp.adapters.notary.desk import serve
    from webapp.adapters.qr_code import blocks
    from webapp.domain.record.key_card import key_card
    from webapp.settings import read_settings

    settings = read_settings()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    book = Book(settings.notary_dir or settings.var_dir / "notary", settings.log_origin, draw)
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    click.echo(f"Keeping the log {settings.log_origin}; {book.held().size} entries are signed.")
    click.echo(key_card(book.key, blocks(book.key.to_vkey()) if book.is_card_due() else ""))
    serve(book, settings.var_dir, is_over)
    book.close()
