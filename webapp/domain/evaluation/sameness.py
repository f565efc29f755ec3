"""Whether all answers of a run come from the same: one model for each question, one state of the application under test."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def mixed_models_sentence(stood_in: Mapping[str, int], planned: int) -> str | None:
    """Why a run is incomplete in which other models than the asked one answered (model -> how often); None when none did."""
    if not stood_in:
        return None
    names = ", ".join(sorted(stood_in))
    return (
        f"{sum(stood_in.values())} of {planned} answers came from a fallback model ({names}), so the run mixes models and is not "
        "compared; run it again when the model answers, or evaluate the fallback model by itself."
    )


def changed_application_sentence(seen: Collection[tuple[str | None, str | None]]) -> str | None:
    """Why a run is incomplete that met more than one (code version, retrieval index) of the application; None when it met one."""
    if len(set(seen)) < 2:
        return None
    codes = sorted({code for code, _ in seen if code is not None})
    indexes = sorted({index for _, index in seen if index is not None})
    what = [f"code version {' and '.join(codes)}"] if len(codes) > 1 else []
    what += [f"retrieval index {' and '.join(indexes)}"] if len(indexes) > 1 else []
    told = f" ({'; '.join(what)})" if what else ""
    return (
        f"The application under test changed during the run{told}, so its answers are not compared; run it again when the "
        "application stands still."
    )
