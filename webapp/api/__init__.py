"""The door for programs: bearer tokens, JSON, one error shape."""

from __future__ import annotations

from flask import Blueprint

ROOMS: tuple[Blueprint, ...] = ()
