"""The rooms of the browser's door, in the order of the way."""

from __future__ import annotations

from flask import Blueprint

from webapp.web import (
    change,
    changes,
    evaluation,
    evaluation_checks,
    exports,
    factors,
    inbox,
    ledger,
    live_at,
    people,
    people_then,
    policy,
    post_audit,
    profile,
    prompts,
    review,
    rollout,
    session,
    signoff,
    staffing,
    submission,
    suites,
    tokens,
    trail,
)

ROOMS: tuple[Blueprint, ...] = (
    session.room,
    inbox.room,
    changes.room,
    submission.room,
    change.room,
    evaluation.room,
    evaluation_checks.room,
    review.room,
    signoff.room,
    rollout.room,
    post_audit.room,
    prompts.room,
    suites.room,
    ledger.room,
    live_at.room,
    people_then.room,
    staffing.room,
    trail.room,
    exports.room,
    policy.room,
    people.room,
    tokens.room,
    profile.room,
    factors.room,
)
