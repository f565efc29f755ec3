"""Delivery: which signed release an application runs for this unit now. Nothing unsigned, void or tampered ever leaves here."""

from webapp.services.delivery.answering import Served, answer, serve, stops_file
from webapp.services.delivery.reading import read_shelf
from webapp.services.delivery.shelves import KnownToken, Shelves
from webapp.services.delivery.snapshot import Snapshot, snapshot
from webapp.services.delivery.stopping import enter_stops, lift, stop

__all__ = [
    "KnownToken",
    "Served",
    "Shelves",
    "Snapshot",
    "answer",
    "enter_stops",
    "lift",
    "read_shelf",
    "serve",
    "snapshot",
    "stop",
    "stops_file",
]
