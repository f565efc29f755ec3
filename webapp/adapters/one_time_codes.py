"""One-time codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds) and the picture that enrols one.

What must not live here: whether a code was used before, which the store knows.
"""

from __future__ import annotations

import base64
from datetime import datetime

import pyotp
from pyotp.utils import strings_equal

from webapp.adapters.qr_code import svg

STEP_SECONDS = 30
SECRET_BYTES = 20
STEPS_EITHER_WAY = 1


def base32(secret: bytes) -> str:
    """The secret as authenticator apps take it."""
    return base64.b32encode(secret).decode()


def step_at(at: datetime) -> int:
    """The number of the 30-second step of this moment (RFC 6238, T)."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int) -> str:
    """The code of this step."""
    return pyotp.TOTP(base32(secret), interval=STEP_SECONDS).generate_otp(step)


def step_of(secret: bytes, code: str, at: datetime) -> int | None:
    """The step whose code this is, at most one step before or after the present one; None when it is no such code."""
    now = step_at(at)
    steps = range(now - STEPS_EITHER_WAY, now + STEPS_EITHER_WAY + 1)
    found = [step for step in steps if strings_equal(code_of(secret, step), code)]
    return found[-1] if found else None


def enrolment_address(secret: bytes, who: str, organisation: str) -> str:
    """The otpauth address that an app reads."""
    return pyotp.TOTP(base32(secret), interval=STEP_SECONDS).provisioning_uri(name=who, issuer_name=organisation)


def picture(address: str) -> bytes:
    """The address as a QR code: an SVG document without script or style."""
    return svg(address)
