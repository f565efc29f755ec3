"""Keys in files: the service key that signs envelopes, the key of decision ids and cookies. Private parts never leave here.

What must not live here: the log key, which belongs to the notary.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from webapp.adapters.chance import Chance
from webapp.errors import Unavailable

SERVICE_FILE, NEXT_SERVICE_FILE = "service.key", "service.next.key"


@dataclass(frozen=True)
class ServiceKey:
    """The Ed25519 key of the service. ``keyid`` is the SHA-256 of the raw public key, in hexadecimal."""

    _private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, seed: bytes) -> ServiceKey:
        """The key of a 32-byte seed."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def keyid(self) -> str:
        """How an envelope names this key."""
        return hashlib.sha256(self.public).hexdigest()

    def sign(self, content: bytes) -> bytes:
        """The signature over ``content`` (RFC 8032)."""
        return self._private.sign(content)

    def __repr__(self) -> str:
        return f"ServiceKey({self.keyid[:8]})"


def is_signed_by(public: bytes, signature: bytes, content: bytes) -> bool:
    """Does the signature over ``content`` belong to this public key?"""
    from cryptography.exceptions import InvalidSignature

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True)
class Keyring:
    """The keys of this server. ``mac_key`` authenticates decision ids; ``cookie_key`` signs the browser's cookie."""

    service: ServiceKey
    mac_key: bytes
    cookie_key: bytes
    folder: Path | None = None

    def service_of(self, keyid: str) -> ServiceKey:
        """The service key of this id, read from the key folder; Unavailable when it is not there."""
        for name in (SERVICE_FILE, NEXT_SERVICE_FILE):
            path = None if self.folder is None else self.folder / name
            key = None if path is None or not path.exists() else ServiceKey.from_seed(_read_key(path))
            if key is not None and key.keyid == keyid:
                return key
        raise Unavailable("The service's present key is not in this server's key folder; restore the folder or rotate.")

    def next_service(self, chance: Chance) -> ServiceKey:
        """A service key that waits to take over; the same one until ``promote_service``."""
        return ServiceKey.from_seed(read_or_make_key(self._folder() / NEXT_SERVICE_FILE, chance))

    def promote_service(self, keyid: str) -> None:
        """The waiting key of this id lies where the service key lies, and the old private key is gone; safe to repeat."""
        waiting = self._folder() / NEXT_SERVICE_FILE
        if waiting.exists() and ServiceKey.from_seed(_read_key(waiting)).keyid == keyid:
            waiting.replace(self._folder() / SERVICE_FILE)

    def _folder(self) -> Path:
        if self.folder is None:
            raise Unavailable("This server's keys do not lie in a folder; they cannot be rotated here.")
        return self.folder

    def mac(self, content: bytes) -> str:
        """The first 128 bits of HMAC-SHA-256 over ``content``, in hexadecimal."""
        return hmac.digest(self.mac_key, content, "sha256").hex()[:32]

    def seal(self, content: bytes, owner: str, chance: Chance) -> bytes:
        """``content`` so that the database alone does not give it away; opens only for the same owner (AES-256-GCM)."""
        nonce = chance(12)
        return nonce + self._sealing().encrypt(nonce, content, owner.encode())

    def unseal(self, sealed: bytes, owner: str) -> bytes:
        """What was sealed for this owner; Unavailable when the key is another one or the row was changed."""
        try:
            return self._sealing().decrypt(sealed[:12], sealed[12:], owner.encode())
        except InvalidTag:
            raise Unavailable(
                "A stored second factor cannot be read with this server's key; restore the keys or have it reset."
            ) from None

    def _sealing(self) -> AESGCM:
        return AESGCM(hmac.new(self.mac_key, b"sealing of stored secrets", hashlib.sha256).digest())

    def __repr__(self) -> str:
        return "Keyring(***)"


def open_keyring(folder: Path, cookie_secret: str, chance: Chance) -> Keyring:
    """The keys in ``folder``, made there at first use with mode 0400; the cookie key from the setting where there is one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    cookie = cookie_secret.encode() or read_or_make_key(folder / "cookie.key", chance)
    return Keyring(
        service=ServiceKey.from_seed(read_or_make_key(folder / SERVICE_FILE, chance)),
        mac_key=read_or_make_key(folder / "decision.key", chance),
        cookie_key=cookie,
        folder=folder,
    )


def read_or_make_key(path: Path, chance: Chance) -> bytes:
    """The 32 bytes of ``path``; a new file appears complete or not at all, and an existing one is never replaced."""
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}.{chance(4).hex()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
            file.write(chance(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    content = path.read_bytes()
    if len(content) != 32:
        raise Unavailable(f"The key file {path.name} is damaged; restore it from the backup.")
    return content
