"""Reports as files, beside the one that is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from webapp.domain.report import Report, render
from webapp.errors import InvalidInput

Command = TypeVar("Command", bound=Callable[..., Any])


def junit_option(command: Command) -> Command:
    """The command takes ``--junit FILE``."""
    return click.option(
        "--junit", type=click.Path(path_type=Path), metavar="FILE", help="Also write the report as JUnit XML to FILE."
    )(command)


def write_junit(report: Report, path: Path | None) -> None:
    """The report stands in the file as JUnit XML, where one is named; InvalidInput when it cannot be written."""
    if path is None:
        return
    try:
        path.write_text(render(report, "junit") + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that exists."
        ) from None
