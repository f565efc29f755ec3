"""The outside world as commands open it that write: one place, so that none writes on a log that is not the one that was signed."""

from __future__ import annotations

from webapp.adapters.outside import Outside


def open_to_write() -> Outside:
    """The schema is this program's, and the log is whole by its bytes and the one that was signed; a sentence says why not."""
    from webapp.acts.standing import require_whole_log
    from webapp.assembly import build, require_prepared

    outside = build()
    require_prepared(outside)
    require_whole_log(outside, from_bytes=True)
    return outside
