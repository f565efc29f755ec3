"""Over two hundred encounters the errors come about as often as stated, and less often where the prompt asks for better."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest

from tests.adapters.llm.offline.encounters import DRUGS, FULL, INJECTION, NAMES, PLAIN, ask, generated
from webapp.adapters.llm.offline import rates
from webapp.adapters.llm.offline.rates import Rate

ENCOUNTERS = 200
UNTOLD_LIST = "Write a SOAP note. List the medicines."
UNTOLD_CODES = "Write a SOAP note. Add ICD-10 codes."


def share(system: str, is_wrong: Callable[[str], bool], extra: str = "") -> float:
    """The share of answers in which something is wrong."""
    return sum(is_wrong(ask(system, generated(number) + extra)) for number in range(ENCOUNTERS)) / ENCOUNTERS


def is_near(found: float, stated: float) -> bool:
    """Whether a share is within four standard errors, and two cases, of the stated one."""
    return abs(found - stated) <= 4 * math.sqrt(stated * (1 - stated) / ENCOUNTERS) + 2 / ENCOUNTERS


def tells_a_name(answer: str) -> bool:
    return any(name in answer for name in NAMES)


def lists_no_medicine(answer: str) -> bool:
    return not re.search(rf"^- (?:{'|'.join(DRUGS)})", answer, re.M)


def lists_no_frequency(answer: str) -> bool:
    return not lists_no_medicine(answer) and not re.search(r"^- .*twice daily$", answer, re.M)


def has_no_code(answer: str) -> bool:
    return not re.search(r"\([A-Z]\d\d", answer)


def drops_the_allergy(answer: str) -> bool:
    return "latex" not in answer


def follows(answer: str) -> bool:
    return "JUNIPER-4410" in answer


@pytest.mark.parametrize(
    ("rate", "untold", "is_wrong", "extra"),
    [
        (rates.KEEP_IDENTIFIERS, PLAIN, tells_a_name, ""),
        (rates.DROP_MEDICINE, UNTOLD_LIST, lists_no_medicine, ""),
        (rates.LOSE_FREQUENCY, UNTOLD_LIST, lists_no_frequency, ""),
        (rates.MISS_CODE, UNTOLD_CODES, has_no_code, ""),
        (rates.DROP_ALLERGY, PLAIN, drops_the_allergy, ""),
        (rates.FOLLOW_INJECTION, PLAIN, follows, INJECTION),
    ],
    ids=["identifiers", "medicine", "frequency", "code", "allergy", "injection"],
)
def test_an_error_comes_as_often_as_stated(
    rate: Rate, untold: str, is_wrong: Callable[[str], bool], extra: str
) -> None:
    told_share, untold_share = share(FULL, is_wrong, extra), share(untold, is_wrong, extra)
    slack = 0.06  # a lost section or a cut answer takes its sentences along
    assert is_near(told_share, rate.told) or rate.told <= told_share <= rate.told + slack
    assert is_near(untold_share, rate.untold) or rate.untold <= untold_share <= rate.untold + slack
    assert told_share < untold_share


def test_even_the_best_prompt_is_not_perfect() -> None:
    def is_flawed(answer: str) -> bool:
        return (
            lists_no_medicine(answer) or lists_no_frequency(answer) or has_no_code(answer) or drops_the_allergy(answer)
        )

    assert 0.05 < share(FULL, is_flawed) < 0.4
