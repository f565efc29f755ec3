"""The client of Prompt Formulary: an application gets the signed prompt that is live for its unit, from memory."""

from formulary_client.client import Client
from formulary_client.errors import (
    ClockDiffers,
    CutOff,
    DowntimeError,
    NothingLive,
    NotSealed,
    NotTrusted,
    Stopped,
    Tampered,
    Unevaluated,
    UnknownPrompt,
    Unsigned,
    Voided,
    WrongKey,
)
from formulary_client.resolved import Resolved, Runnable

__all__ = [
    "Client",
    "ClockDiffers",
    "CutOff",
    "DowntimeError",
    "NotSealed",
    "NotTrusted",
    "NothingLive",
    "Resolved",
    "Runnable",
    "Stopped",
    "Tampered",
    "Unevaluated",
    "UnknownPrompt",
    "Unsigned",
    "Voided",
    "WrongKey",
]
