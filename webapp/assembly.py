"""Assembly: the only place that builds concrete things and hands them to doors as one bundle."""

from __future__ import annotations

import asyncio
import time

from webapp import __version__
from webapp.acts.actors import SYSTEM
from webapp.acts.policies import adopt_first_policy
from webapp.acts.recording import enter
from webapp.adapters.chance import draw
from webapp.adapters.clock import measured_step, now
from webapp.adapters.keys import open_keyring
from webapp.adapters.llm.gateway import Models, Surroundings
from webapp.adapters.llm.models_file import read_models
from webapp.adapters.mail import SmtpMail
from webapp.adapters.notary.client import Notary, over_socket
from webapp.adapters.outside import Outside
from webapp.adapters.queue import RedisQueue
from webapp.adapters.store.database import Database
from webapp.adapters.store.ledger import Stamp, open_log
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.record.canonical import digest_of
from webapp.errors import Unavailable
from webapp.settings import PACKAGE, Settings, read_settings, secret_reader

DEFAULTS = PACKAGE / "defaults"


def build(settings: Settings | None = None) -> Outside:
    """The outside world as the settings describe it."""
    settings = settings or read_settings()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    return Outside(
        settings=settings,
        database=Database(settings.database_url),
        now=now,
        chance=draw,
        keyring=open_keyring(settings.var_dir / "keys", settings.secret_key.reveal(), draw),
        queue=RedisQueue(settings.redis_url),
        models=build_models(settings),
        notary=Notary(over_socket(settings.var_dir)),
        stamp=Stamp(__version__, _config_digest(settings)),
        clock_step=measured_step(),
        mail=SmtpMail(settings.smtp_url.reveal(), settings.mail_from) if settings.smtp_url else None,
    )


def build_models(settings: Settings) -> Models:
    """The models of the configured file, or of the one that ships."""
    around = Surroundings(
        secret_of=secret_reader(),
        today=lambda: now().date(),
        monotonic=time.monotonic,
        sleep=asyncio.sleep,
        chance=lambda: int.from_bytes(draw(4)) / 2**32,
        ca_file=settings.ca_file,
        allows_loopback=settings.allow_loopback_targets,
    )
    return Models(read_models(settings.models_file or DEFAULTS / "models.yaml"), around)


def prepare(outside: Outside) -> None:
    """The schema is current, the log is open with its first entry, and a policy is in force; safe to repeat."""
    from webapp.adapters.store.migrating import migrate

    migrate(outside.database)
    path = outside.settings.policy_file or DEFAULTS / "policy.yaml"
    policy = read_yaml(path.read_bytes(), path.name)
    with outside.database.writing() as session:
        if open_log(session, outside.settings.log_origin):
            payload = {
                "instance": outside.chance(16).hex(),
                "service_public_key": outside.keyring.service.public.hex(),
                "organisation": outside.settings.organisation,
            }
            enter(
                outside, session, SYSTEM, "log.opened", ("log", outside.settings.log_origin[:80], None), payload=payload
            )
        adopt_first_policy(outside, session, policy if isinstance(policy, dict) else {})


def require_prepared(outside: Outside) -> None:
    """The schema is the one this program knows; Unavailable says how to get there."""
    from webapp.adapters.store.migrating import is_current

    if not is_current(outside.database):
        raise Unavailable("The database is not at this program's version; run `formulary db upgrade` first.")


def _config_digest(settings: Settings) -> str:
    """The digest of the settings that shape the record; no secret and no path is among them."""
    return digest_of(
        {
            "base_url": settings.base_url,
            "organisation": settings.organisation,
            "log_origin": settings.log_origin,
        }
    )
