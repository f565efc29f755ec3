"""The settings, read once from the environment: the only reader of ``os.environ``.

All faults are listed at once; unknown ``FORMULARY_`` names are refused, so that a typing error cannot pass for a default.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from webapp.errors import InvalidInput

PREFIX = "FORMULARY_"
PACKAGE = Path(__file__).resolve().parent


class Secret:
    """A value that never prints itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)


@dataclass(frozen=True)
class Settings:
    """What the environment says. Paths are absolute; ``secret_key`` is empty only where a state folder may hold its own."""

    var_dir: Path
    database_url: str
    redis_url: str
    secret_key: Secret
    base_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    delivery_port: int = 8001
    delivery_url: str = ""
    models_file: Path | None = None
    policy_file: Path | None = None
    notary_dir: Path | None = None
    log_origin: str = "formulary.local/log"
    organisation: str = "Hospital"
    rp_id: str = "localhost"
    smtp_url: Secret = field(default_factory=lambda: Secret(""))
    mail_from: str = ""
    export_days: int = 30
    retention_years: int = 6
    alert_minutes: int = 15
    alert_failures: int = 5
    alert_people: int = 5
    alert_refusals: int = 20
    trail_review_days: int = 31
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    ca_file: Path | None = None
    allow_loopback_targets: bool = False
    server: str | None = None
    token: Secret = field(default_factory=lambda: Secret(""))
    is_demo: bool = False

    @property
    def serves_https(self) -> bool:
        """Is the site reached by https, so that cookies may be sent by nothing else?"""
        return self.base_url.startswith("https://")

    @property
    def emergency_url(self) -> str:
        """The page of a delivery host that stops prompts while this site is down; without a setting, beside this site."""
        site = urlsplit(self.base_url)
        beside = f"{site.scheme}://{site.hostname}:{self.delivery_port}"
        return (self.delivery_url or beside) + "/emergency"


KNOWN = {
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "BASE_URL",
    "HOST",
    "PORT",
    "DELIVERY_PORT",
    "DELIVERY_URL",
    "VAR_DIR",
    "MODELS_FILE",
    "POLICY_FILE",
    "NOTARY_DIR",
    "LOG_ORIGIN",
    "ORGANISATION",
    "RP_ID",
    "SMTP_URL",
    "MAIL_FROM",
    "EXPORT_DAYS",
    "RETENTION_YEARS",
    "ALERT_MINUTES",
    "ALERT_FAILURES",
    "ALERT_PEOPLE",
    "ALERT_REFUSALS",
    "TRAIL_REVIEW_DAYS",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "CA_FILE",
    "ALLOW_LOOPBACK_TARGETS",
    "SERVER",
    "TOKEN",
    "DEMO",
}
SECRETS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SMTP_URL", "TOKEN"}


class _Reader:
    """Reads names of the environment and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        path = self.environ.get(f"{PREFIX}{name}_FILE") if name in SECRETS else None
        if path is None:
            return self.environ.get(PREFIX + name, default)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self.faults.append(f"{PREFIX}{name}_FILE names a file that cannot be read.")
            return default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.faults.append(f"{PREFIX}{name} must be a whole number from {least} to {most}.")
        return default

    def flag(self, name: str) -> bool:
        text = self.text(name, "0").lower()
        if text not in ("0", "1", "true", "false", "no", "yes"):
            self.faults.append(f"{PREFIX}{name} must be 1 or 0.")
        return text in ("1", "true", "yes")

    def path(self, name: str) -> Path | None:
        text = self.text(name)
        if not text:
            return None
        path = Path(text).expanduser().resolve()
        if not path.exists() and name != "NOTARY_DIR":
            self.faults.append(f"{PREFIX}{name} names {path.name}, which does not exist.")
        return path

    def refuse_unknown(self) -> None:
        known = {PREFIX + name for name in KNOWN} | {f"{PREFIX}{name}_FILE" for name in SECRETS}
        unknown = sorted(name for name in self.environ if name.startswith(PREFIX) and name not in known)
        self.faults.extend(f"{name} is not a setting of the formulary; check its spelling." for name in unknown)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of ``environ``; one InvalidInput that lists every fault."""
    reader = _Reader(os.environ if environ is None else environ)
    reader.refuse_unknown()
    var_dir = Path(reader.text("VAR_DIR", "var")).expanduser().resolve()
    base_url = reader.text("BASE_URL", "http://localhost:8000").rstrip("/")
    settings = Settings(
        var_dir=var_dir,
        database_url=reader.text("DATABASE_URL") or f"sqlite:///{var_dir / 'formulary.sqlite'}",
        redis_url=reader.text("REDIS_URL", "redis://127.0.0.1:6379/0"),
        secret_key=Secret(reader.text("SECRET_KEY")),
        base_url=base_url,
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8000, 1, 65535),
        delivery_port=reader.number("DELIVERY_PORT", 8001, 1, 65535),
        delivery_url=reader.text("DELIVERY_URL").rstrip("/"),
        models_file=reader.path("MODELS_FILE"),
        policy_file=reader.path("POLICY_FILE"),
        notary_dir=reader.path("NOTARY_DIR"),
        log_origin=reader.text("LOG_ORIGIN", "formulary.local/log"),
        organisation=reader.text("ORGANISATION", "Hospital"),
        rp_id=reader.text("RP_ID", "localhost"),
        smtp_url=Secret(reader.text("SMTP_URL")),
        mail_from=reader.text("MAIL_FROM"),
        export_days=reader.number("EXPORT_DAYS", 30, 1, 3650),
        retention_years=reader.number("RETENTION_YEARS", 6, 1, 100),
        alert_minutes=reader.number("ALERT_MINUTES", 15, 1, 1440),
        alert_failures=reader.number("ALERT_FAILURES", 5, 2, 1000),
        alert_people=reader.number("ALERT_PEOPLE", 5, 2, 1000),
        alert_refusals=reader.number("ALERT_REFUSALS", 20, 2, 10_000),
        trail_review_days=reader.number("TRAIL_REVIEW_DAYS", 31, 1, 366),
        allowed_hosts=tuple(filter(None, reader.text("ALLOWED_HOSTS").replace(" ", "").split(","))),
        trusted_proxies=reader.number("TRUSTED_PROXIES", 0, 0, 10),
        ca_file=reader.path("CA_FILE"),
        allow_loopback_targets=reader.flag("ALLOW_LOOPBACK_TARGETS"),
        server=reader.text("SERVER") or None,
        token=Secret(reader.text("TOKEN")),
        is_demo=reader.flag("DEMO"),
    )
    _check(settings, reader.faults)
    return settings


def _check(settings: Settings, faults: list[str]) -> None:
    if not settings.base_url.startswith(("http://", "https://")):
        faults.append(f"{PREFIX}BASE_URL must start with http:// or https://.")
    if settings.delivery_url and not settings.delivery_url.startswith(("http://", "https://")):
        faults.append(f"{PREFIX}DELIVERY_URL must start with http:// or https://.")
    if not settings.database_url.startswith(("sqlite:///", "postgresql")):
        faults.append(f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgresql.")
    if not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        faults.append(f"{PREFIX}REDIS_URL must start with redis://, rediss:// or unix://.")
    if settings.secret_key and len(settings.secret_key.reveal()) < 32:
        faults.append(f"{PREFIX}SECRET_KEY must have at least 32 characters.")
    if settings.smtp_url and not settings.smtp_url.reveal().startswith(("smtp://", "smtps://")):
        faults.append(f"{PREFIX}SMTP_URL must start with smtp:// or smtps://.")
    if settings.smtp_url and "@" not in settings.mail_from:
        faults.append(f"{PREFIX}MAIL_FROM must be the mail address that messages come from, because SMTP_URL is set.")
    if faults:
        raise InvalidInput("The settings cannot be used: " + " ".join(faults), details={"faults": faults})


def secret_reader(environ: Mapping[str, str] | None = None) -> Callable[[str], str | None]:
    """A function that gives the value of a provider's key by the name that the models file states."""
    source = os.environ if environ is None else environ

    def secret_of(name: str) -> str | None:
        """The key stored under ``name``, or None."""
        return source.get(name) or None

    return secret_of


def environment_without_settings() -> dict[str, str]:
    """The environment for a child process that gets settings of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def resource_dir(name: str) -> Path:
    """The folder of ``templates`` or ``migrations``: the checkout's when there is one, else the one in the package."""
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    return PACKAGE / "_resources" / name
