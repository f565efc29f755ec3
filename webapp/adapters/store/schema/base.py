"""The declarative base and the column types that all tables share.

What must not live here: a table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, as the database stores it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must state its zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment, aware."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = Annotated[str, mapped_column(String(40), primary_key=True)]
Digest = Annotated[str, mapped_column(String(64))]
Name = Annotated[str, mapped_column(String(200))]
Word = Annotated[str, mapped_column(String(60))]
Words = Annotated[str, mapped_column(Text)]
Content = Annotated[bytes, mapped_column(LargeBinary)]
Document = Annotated[dict[str, Any], mapped_column(JSON)]
Moment = Annotated[datetime, mapped_column(UtcTime)]
PersonRef = Annotated[str, mapped_column(ForeignKey("people.id"), index=True)]
ChangeRef = Annotated[str, mapped_column(ForeignKey("changes.id"), index=True)]
PromptRef = Annotated[str, mapped_column(ForeignKey("prompts.id"), index=True)]


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)
