"""The rooms of the browser's door, in the order of the way."""

from __future__ import annotations

from flask import Blueprint

from webapp.web import evaluation, ledger, people, policy, post_audit, profile, rollout, session, submission, tokens

ROOMS: tuple[Blueprint, ...] = (
    session.room,
    submission.room,
    evaluation.room,
    rollout.room,
    post_audit.room,
    ledger.room,
    policy.room,
    people.room,
    tokens.room,
    profile.room,
)
