"""What pages, policies and runs may know of a model today, with sentences for what speaks against it.

What must not live here: calls, keys, pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from webapp.adapters.llm.models_file import ModelEntry, Price

WARNING_DAYS = 90
RETIRED = "{name} was retired by {provider} on {day:%-d %B %Y}. Choose another model."
RETIRES = "{name} is retired by {provider} on {day:%-d %B %Y}, in {days}. Plan the change to its successor."
NO_REGION = "{name} processes data in {region}, which is not among the allowed regions of the models file. Choose another model."


@dataclass(frozen=True)
class ModelFacts:
    """One model; ``closed_because`` is None when it can be asked, ``retirement_warning`` when its end is far or unknown.

    ``identity`` is what its name stands for in the models file: another one is another model, whatever it is called.
    """

    name: str
    provider: str
    region: str
    baa: bool
    offline: bool
    may_receive_phi: bool
    configured: bool
    closed_because: str | None
    nominal_price: bool
    price_valid_from: date | None
    retires_on: date | None
    retired: bool
    note: str
    rpm: int
    price: Price | None
    request_tokens: int | None = None
    daily_tokens: int | None = None
    retirement_warning: str | None = None
    is_endpoint: bool = False
    identity: str = ""


def facts_of(entry: ModelEntry, today: date, *, configured: bool, closed_because: str | None) -> ModelFacts:
    """The facts of one entry of the models file on this day."""
    price = entry.price_on(today)
    return ModelFacts(
        name=entry.name,
        provider=entry.provider,
        region=entry.region,
        baa=entry.baa,
        offline=entry.offline,
        may_receive_phi=entry.may_receive_phi(),
        configured=configured,
        closed_because=closed_because,
        nominal_price=bool(price and price.nominal),
        price_valid_from=price.valid_from if price else None,
        retires_on=entry.retires_on,
        retired=entry.has_retired(today),
        note=entry.note,
        rpm=entry.rpm,
        price=price,
        request_tokens=entry.request_tokens,
        daily_tokens=entry.daily_tokens,
        retirement_warning=retirement_warning(entry, today),
        is_endpoint=entry.endpoint is not None,
        identity=f"{entry.litellm_name} {entry.api_base or ''}".strip(),
    )


def retirement_warning(entry: ModelEntry, today: date) -> str | None:
    """A sentence when the vendor ended the model or will within ``WARNING_DAYS``."""
    if entry.retires_on is None or (entry.retires_on - today).days > WARNING_DAYS:
        return None
    left = (entry.retires_on - today).days
    words = "1 day" if left == 1 else f"{left} days"
    sentence = RETIRED if left <= 0 else RETIRES
    return sentence.format(name=entry.name, provider=entry.provider, day=entry.retires_on, days=words)
