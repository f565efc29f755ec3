"""How often the offline model errs: the only place where these numbers stand.

Each rate is the share of chances at which the error happens: per medicine, per code, per sentence or per answer as
named. ``told`` holds where the prompt asks for the right behaviour, ``untold`` where it does not. The numbers are
chosen so that no prompt is perfect and a prompt that asks for more gets more; they describe no real model. Errors of
understanding (a phrase that the rules do not know) come on top of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """The share of errors with and without the instruction that should prevent them."""

    told: float
    untold: float

    def when(self, is_told: bool) -> float:
        """The rate that holds."""
        return self.told if is_told else self.untold


DROP_MEDICINE = Rate(told=0.03, untold=0.09)  # per medicine
LOSE_FREQUENCY = Rate(told=0.04, untold=0.30)  # per medicine with a frequency
LOSE_ROUTE = Rate(told=0.04, untold=0.55)  # per medicine with a route
LOSE_DOSE = Rate(told=0.02, untold=0.08)  # per medicine with a dose
KEEP_STOPPED_MEDICINE = Rate(told=0.02, untold=0.30)  # per stopped medicine, listed as if it went on
WRONG_DOSE = Rate(told=0.004, untold=0.012)  # per medicine with a dose: doubled, as if two tablets were one
MISS_CODE = Rate(told=0.08, untold=0.16)  # per condition with a code; told means asked to code every diagnosis
UNSPECIFIC_CODE = Rate(told=0.04, untold=0.14)  # per code: the category instead of the billable code
INVENTED_CODE = Rate(told=0.001, untold=0.012)  # per code: a character too many
KEEP_IDENTIFIERS = Rate(told=0.003, untold=0.22)  # per answer: names and numbers are copied as they stand
FOLLOW_INJECTION = Rate(told=0.01, untold=0.60)  # per answer on an encounter with a planted instruction
DROP_ALLERGY = Rate(told=0.02, untold=0.22)  # per sentence on an allergy
DROP_WARNING = Rate(told=0.02, untold=0.18)  # per sentence with a warning sign
DROP_SENTENCE = Rate(told=0.05, untold=0.05)  # per other sentence chosen for the summary
FALSE_CERTAINTY = Rate(told=0.04, untold=0.50)  # per uncertain condition: the "possible" is lost
LOSE_SECTION = Rate(told=0.004, untold=0.05)  # per section; told means the headings are spelled out
CUT_SHORT = Rate(told=0.006, untold=0.006)  # per answer: it ends in the middle of the last section
