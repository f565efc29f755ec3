"""Tables of people: who they are, what they may do, how they are recognised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.adapters.store.schema.base import Base, Digest, Document, Id, Moment, Name, PersonRef, UtcTime, Word


class Person(Base):
    """A person; never deleted, only deactivated. ``id`` is reused by nobody (21 CFR 11.100(a))."""

    __tablename__ = "people"

    id: Mapped[Id]
    name: Mapped[Name]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    title: Mapped[Name] = mapped_column(default="")
    credentials: Mapped[Name] = mapped_column(default="")
    specialty: Mapped[Name] = mapped_column(default="")
    credentials_confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    credentials_confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[Moment]
    roles: Mapped[list[RoleGrant]] = relationship(
        lazy="selectin", foreign_keys="RoleGrant.person_id", order_by="RoleGrant.granted_at"
    )


class RoleGrant(Base):
    """A role given to a person; a revoked one keeps its row, so that the role held at any moment can be told."""

    __tablename__ = "role_grants"

    id: Mapped[Id]
    person_id: Mapped[PersonRef]
    role: Mapped[Word]
    granted_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    granted_at: Mapped[Moment]
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Invitation(Base):
    """A one-time link with which an invited person sets the first password."""

    __tablename__ = "invitations"

    token_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[PersonRef]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SessionRow(Base):
    """A signed-in browser. The cookie holds a random id; this row holds only its hash."""

    __tablename__ = "sessions"

    id_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[PersonRef]
    opened_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Token(Base):
    """A bearer token of a person, with scopes and perhaps limited to prompts; only its hash is kept."""

    __tablename__ = "tokens"

    id: Mapped[Id]
    person_id: Mapped[PersonRef]
    name: Mapped[Name]
    token_sha256: Mapped[Digest] = mapped_column(unique=True)
    scopes: Mapped[Document]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    owner_contact: Mapped[Name] = mapped_column(default="")


class Reauthentication(Base):
    """A proof that the person gave the password just now: single use, bound to digest and meaning."""

    __tablename__ = "reauthentications"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[PersonRef]
    subject_sha256: Mapped[Digest]
    meaning: Mapped[Name]
    method: Mapped[Word]
    made_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class MailAlias(Base):
    """A git address that belongs to a person here, or to nobody here (``person_id`` null: declared external)."""

    __tablename__ = "mail_aliases"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    declared_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    declared_at: Mapped[Moment]
