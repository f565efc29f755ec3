"""Tables of people: who they are, what they may do, how they are recognised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint, false
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
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Invitation(Base):
    """A one-time link with which an invited person sets the first password."""

    __tablename__ = "invitations"

    token_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[PersonRef]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SessionRow(Base):
    """A signed-in browser. The cookie holds a random id; this row holds only its hash.

    ``awaits_factor``: the password was right and nobody is signed in yet, because the second factor is still to come.
    """

    __tablename__ = "sessions"

    id_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[PersonRef]
    opened_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    awaits_factor: Mapped[bool] = mapped_column(default=False, server_default=false())


class Token(Base):
    """A bearer token of a person, with scopes and perhaps limited to prompts; only its hash is kept.

    ``owner_contact``: who owns the application that uses it, whom to ask; ``owner_phone``: the number to call when a prompt has to stop.
    ``link_pattern``: where its calls are recorded, with ``{ref}`` for the reference that a report carries; empty for none.
    """

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
    owner_phone: Mapped[Word] = mapped_column(default="", server_default="")
    link_pattern: Mapped[str] = mapped_column(String(300), default="", server_default="")


class Reauthentication(Base):
    """A proof that the person gave password, code or passkey just now: single use, bound to digest and meaning.

    ``method`` names what was given, joined by ``+``. A passkey's row exists before it is touched: ``challenge`` is what it signs.
    """

    __tablename__ = "reauthentications"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[PersonRef]
    subject_sha256: Mapped[Digest]
    meaning: Mapped[Name]
    method: Mapped[Word]
    made_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    challenge: Mapped[str | None] = mapped_column(String(64), unique=True)


class Factor(Base):
    """A second factor of a person: an authenticator app (totp) or a passkey. It counts when confirmed and not revoked.

    ``secret`` is sealed with this server's key; ``last_step`` is the newest step whose code was used, so that none is used twice.
    ``public_key`` is the passkey's P-256 key as DER (SubjectPublicKeyInfo).
    """

    __tablename__ = "factors"

    id: Mapped[Id]
    person_id: Mapped[PersonRef]
    kind: Mapped[Word]
    name: Mapped[Name]
    created_at: Mapped[Moment]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    credential_id: Mapped[str | None] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class RecoveryCode(Base):
    """A code for the day on which the second factor is lost: single use, only its hash is kept."""

    __tablename__ = "recovery_codes"

    code_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[PersonRef]
    made_at: Mapped[Moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class FactorReset(Base):
    """An administrator took away a person's second factors; until a second person confirms it, the person signs nothing."""

    __tablename__ = "factor_resets"

    id: Mapped[Id]
    person_id: Mapped[PersonRef]
    reset_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    reset_at: Mapped[Moment]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class MailAlias(Base):
    """A git address that belongs to a person here, or to nobody here (``person_id`` null: declared external)."""

    __tablename__ = "mail_aliases"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    declared_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    declared_at: Mapped[Moment]
