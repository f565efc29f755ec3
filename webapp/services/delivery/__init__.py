"""Delivery: which signed release an application runs for this unit now. Nothing unsigned, void or tampered ever leaves here."""

from webapp.services.delivery.answering import Served, serve, stops_file
from webapp.services.delivery.shelves import KnownToken, Shelves
from webapp.services.delivery.snapshot import Snapshot, snapshot
from webapp.services.delivery.stopping import enter_stops, lift, stop

__all__ = [
    "KnownToken",
    "Served",
    "Shelves",
    "Snapshot",
    "enter_stops",
    "lift",
    "serve",
    "snapshot",
    "stop",
    "stops_file",
]
