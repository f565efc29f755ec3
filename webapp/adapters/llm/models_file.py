"""The models file: which models there are, where they run, what they cost, how fast they may be asked.

What must not live here: calls to a model, keys (only the names under which keys are kept), today's date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from webapp.adapters.llm.model_fields import FieldReader
from webapp.adapters.yaml_source import read_yaml
from webapp.errors import InvalidInput, NotFound

TOKENS_PER_PRICE = 1_000_000
MODEL_KEYS = (
    "name",
    "provider",
    "litellm_name",
    "endpoint",
    "api_key_env",
    "api_base",
    "region",
    "baa",
    "offline",
    "streams",
    "prices",
    "rpm",
    "tpm",
    "request_tokens",
    "daily_tokens",
    "timeout_seconds",
    "retires_on",
    "note",
)
TOP_KEYS = ("allowed_regions", "models")
ENDPOINT_KEYS = ("url", "key_header")
PRICE_KEYS = ("valid_from", "input_microusd_per_million", "output_microusd_per_million", "nominal")


@dataclass(frozen=True)
class Price:
    """What a million tokens cost in micro-dollars from a day on; nominal when nobody is billed."""

    valid_from: date
    input_microusd_per_million: int
    output_microusd_per_million: int
    nominal: bool = False

    def cost_microusd(self, tokens_in: int, tokens_out: int) -> int:
        """Cost of one call, rounded up to whole micro-dollars."""
        exact = tokens_in * self.input_microusd_per_million + tokens_out * self.output_microusd_per_million
        return -(-exact // TOKENS_PER_PRICE)


@dataclass(frozen=True)
class Endpoint:
    """Where an application of the hospital is asked, and the header that carries its key."""

    url: str
    key_header: str


@dataclass(frozen=True)
class ModelEntry:
    """One model as the models file describes it; prices run from the oldest to the newest.

    Either ``litellm_name`` is set or ``endpoint``: an application of the hospital, with all that it puts round its model.
    """

    name: str
    provider: str
    litellm_name: str
    api_key_env: str | None
    api_base: str | None
    region: str
    baa: bool
    offline: bool
    prices: tuple[Price, ...]
    rpm: int
    tpm: int
    timeout_seconds: int
    retires_on: date | None
    note: str
    request_tokens: int | None = None
    daily_tokens: int | None = None
    streams: bool = False
    endpoint: Endpoint | None = None

    def price_on(self, day: date) -> Price | None:
        """The price that holds on that day, None before the first one."""
        held = [price for price in self.prices if price.valid_from <= day]
        return held[-1] if held else None

    def has_retired(self, day: date) -> bool:
        """Whether the vendor no longer offers the model on that day."""
        return self.retires_on is not None and self.retires_on <= day

    def may_receive_phi(self) -> bool:
        """Whether patient data may go there: under a business associate agreement, or never leaving this machine."""
        return self.baa or self.offline


@dataclass(frozen=True)
class ModelTable:
    """All models of one file, in file order; ``allowed_regions`` is None where the file allows every region it names."""

    entries: tuple[ModelEntry, ...]
    allowed_regions: tuple[str, ...] | None = None

    def names(self) -> tuple[str, ...]:
        """Names in file order."""
        return tuple(entry.name for entry in self.entries)

    def allows(self, entry: ModelEntry) -> bool:
        """May data go where this model runs? The model that never leaves this machine is always allowed."""
        return entry.offline or self.allowed_regions is None or entry.region in self.allowed_regions

    def per_minute(self, provider: str) -> tuple[int, int]:
        """Requests and tokens per minute of a provider: the lowest that any of its models states."""
        ours = [entry for entry in self.entries if entry.provider == provider]
        return min(entry.rpm for entry in ours), min(entry.tpm for entry in ours)

    def entry(self, name: str) -> ModelEntry:
        """The model of that name; NotFound lists the known ones."""
        for entry in self.entries:
            if entry.name == name:
                return entry
        raise NotFound(f"The models file has no model “{name}”. It has: {', '.join(self.names())}.", code="no_model")


def read_models(path: Path) -> ModelTable:
    """The models of the file; one InvalidInput lists every fault of it."""
    try:
        raw = path.read_bytes()
    except OSError as fault:
        sentence = f"The models file {path.name} cannot be read ({fault.strerror}). Check the path and its permissions."
        raise InvalidInput(sentence) from fault
    return models_of(read_yaml(raw, path.name), path.name)


def models_of(document: object, source: str) -> ModelTable:
    """The models of a parsed document; one InvalidInput lists every fault of it."""
    top = FieldReader(source, "", document, TOP_KEYS)
    rows = top.listing("models")
    entries = tuple(_entry(top.inside(f"models[{place}]", row, MODEL_KEYS)) for place, row in enumerate(rows, 1))
    _check_names(top, entries)
    regions = top.words("allowed_regions")
    top.raise_faults()
    return ModelTable(entries, regions)


def _entry(row: FieldReader) -> ModelEntry:
    offline, endpoint = row.flag("offline", default=False), _endpoint(row)
    key, base = row.environment_name("api_key_env"), row.web_address("api_base")
    if not offline and key is None and base is None and endpoint is None:
        row.fault("api_key_env", "name the environment variable that holds the key (a local model names api_base)")
    streams = row.flag("streams", default=False)
    if streams and (offline or endpoint is not None):
        row.fault("streams", "only a model of a provider streams; leave it out here")
    prices = tuple(
        _price(row.inside(f"prices[{place}]", price, PRICE_KEYS))
        for place, price in enumerate(row.listing("prices"), 1)
    )
    return ModelEntry(
        name=row.word("name"),
        provider=row.word("provider"),
        litellm_name=row.word("litellm_name") if endpoint is None else "",
        api_key_env=key,
        api_base=base,
        region=row.word("region"),
        baa=row.flag("baa"),
        offline=offline,
        prices=_in_order(row, prices),
        rpm=row.whole("rpm", 1, 1_000_000),
        tpm=row.whole("tpm", 1, 1_000_000_000),
        timeout_seconds=row.whole("timeout_seconds", 1, 900),
        retires_on=row.day("retires_on", optional=True),
        note=row.note("note"),
        request_tokens=row.whole_or_none("request_tokens", 1, 10_000_000),
        daily_tokens=row.whole_or_none("daily_tokens", 1, 10**13),
        streams=streams,
        endpoint=endpoint,
    )


def _endpoint(row: FieldReader) -> Endpoint | None:
    """The application behind this entry; None where the entry is a model."""
    if "endpoint" not in row.values:
        return None
    for field in ("litellm_name", "api_base", "offline"):
        if field in row.values:
            row.fault(field, "an endpoint is asked by its own address; leave this field out")
    reader = row.inside("endpoint", row.values["endpoint"], ENDPOINT_KEYS)
    url = reader.web_address("url")
    if url is None and "url" not in reader.values:
        reader.fault("url", "write the address that is asked")
    header = reader.word("key_header") if "key_header" in reader.values else "Authorization"
    return Endpoint(url or "", header)


def _price(row: FieldReader) -> Price:
    return Price(
        valid_from=row.day("valid_from") or date.max,
        input_microusd_per_million=row.whole("input_microusd_per_million", 0, 10**10),
        output_microusd_per_million=row.whole("output_microusd_per_million", 0, 10**10),
        nominal=row.flag("nominal", default=False),
    )


def _in_order(row: FieldReader, prices: tuple[Price, ...]) -> tuple[Price, ...]:
    days: list[Any] = [price.valid_from for price in prices]
    if len(set(days)) < len(days):
        row.fault("prices", "two prices start on the same day")
    return tuple(sorted(prices, key=lambda price: price.valid_from))


def _check_names(top: FieldReader, entries: tuple[ModelEntry, ...]) -> None:
    seen: set[str] = set()
    for place, entry in enumerate(entries, 1):
        if entry.name and entry.name in seen:
            top.fault(f"models[{place}].name", f"“{entry.name}” stands twice")
        seen.add(entry.name)
