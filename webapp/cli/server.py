"""How both servers, pages and delivery, are run."""

from __future__ import annotations

from typing import Any

SERVER: dict[str, Any] = {"threads": 16, "connection_limit": 1000, "channel_timeout": 20, "ident": None}
"""Slow connections hold up nobody."""
