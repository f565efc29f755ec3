"""Delivery: which signed release an application runs for this unit now. Nothing unsigned, void or tampered ever leaves here."""

from webapp.services.delivery.answering import Served, serve, stops_file
from webapp.services.delivery.board import Board, read_board
from webapp.services.delivery.emergency import Emergency, Typed
from webapp.services.delivery.shelves import KnownToken, Shelves
from webapp.services.delivery.snapshot import Snapshot, snapshot
from webapp.services.delivery.stopping import enter_stops, lift, stop

__all__ = [
    "Board",
    "Emergency",
    "KnownToken",
    "Served",
    "Shelves",
    "Snapshot",
    "Typed",
    "enter_stops",
    "lift",
    "read_board",
    "serve",
    "snapshot",
    "stop",
    "stops_file",
]
