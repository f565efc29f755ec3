"""The rooms of the browser's door, in the order of the way."""

from __future__ import annotations

from flask import Blueprint

from webapp.web import ledger, post_audit, rollout, session

ROOMS: tuple[Blueprint, ...] = (
    session.room,
    rollout.room,
    post_audit.room,
    ledger.room,
)
