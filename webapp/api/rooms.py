"""The rooms of the door for programs, as the web application opens them; delivery opens only its own."""

from __future__ import annotations

from flask import Blueprint

from webapp.api import (
    changes,
    delivery,
    health,
    interactions,
    ledger,
    log,
    ofrep,
    openapi,
    permissions,
    prompts,
    suites,
)

ROOMS: tuple[Blueprint, ...] = (
    changes.room,
    prompts.room,
    suites.room,
    delivery.room,
    ofrep.room,
    interactions.room,
    ledger.room,
    log.room,
    permissions.room,
    health.room,
    openapi.room,
)
