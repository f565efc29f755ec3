"""Is the model that answered one of those that were evaluated?

Names are compared as they stand. Only the provider that the models file puts before a name may be missing in a report, never another
one: the same model at another provider is another model for those who answer for the data.
"""

from __future__ import annotations

from collections.abc import Collection


def is_known_model(reported: str, known: Collection[str]) -> bool:
    """Is the reported model one of ``known``, with or without its provider?"""
    wanted = reported.strip()
    return any(wanted in (name, name.partition("/")[2]) for name in known if name)
