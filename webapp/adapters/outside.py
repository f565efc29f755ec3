"""The outside world as services receive it: one frozen bundle, built in ``webapp.assembly`` and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.adapters.chance import Chance, new_id
from webapp.adapters.clock import Clock, Step, no_step
from webapp.adapters.keys import Keyring
from webapp.adapters.llm.gateway import Models
from webapp.adapters.mail import Mail
from webapp.adapters.notary.client import Notary
from webapp.adapters.queue import Queue
from webapp.adapters.store.database import Database
from webapp.adapters.store.ledger import Stamp
from webapp.settings import Settings


@dataclass(frozen=True)
class Outside:
    """Database, clock, chance, keys, queue, models and notary; mail where a mail server is set up; how far the clock was moved."""

    settings: Settings
    database: Database
    now: Clock
    chance: Chance
    keyring: Keyring
    queue: Queue
    models: Models
    notary: Notary
    stamp: Stamp
    mail: Mail | None = None
    clock_step: Step = no_step

    def new_id(self, prefix: str) -> str:
        """A fresh identifier with this prefix."""
        return new_id(prefix, self.now(), self.chance)
