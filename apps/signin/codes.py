"""Codes that prove a second factor: those of an authenticator app (RFC 6238), and recovery codes."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from django.conf import settings
from django.utils.safestring import SafeString

from apps.core.encryption import decrypt, encrypt

STEP = 30
# A phone's clock may be this many steps off.
DRIFT = 1
N_RECOVERY_CODES = 10
# No letter or digit that can be misread for another; 16 of them are 80 bits.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RECOVERY_LENGTH = 16
# Part of the key: with another text, no secret stored so far can be read. The package was called so once.
PURPOSE = "apps.access second factor"


def new_secret() -> str:
    return pyotp.random_base32()


def matching_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step whose code this is, later than `after`; None where there is none. A code counts once."""
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def uri_of(secret: str, *, name: str, issuer: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def qr_code_of(uri: str) -> SafeString:
    """The URI as a QR code: an SVG without styles, in the colour of the text around it."""
    return SafeString(
        segno.make(uri, error="m").svg_inline(omitsize=True, border=3, svgclass="qr__code", lineclass="qr__line")
    )


def in_fours(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _part in range(RECOVERY_LENGTH // 4))
        for _code in range(N_RECOVERY_CODES)
    ]


def recovery_hash(code: str, *, person_pk: int, key: str | None = None) -> str:
    """What is stored of a recovery code: useless without the server's key, and for another person."""
    plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
    message = f"access.recovery:{person_pk}:{plain}"
    return hmac.new((key or settings.SECRET_KEY).encode(), message.encode(), hashlib.sha256).hexdigest()


def recovery_hashes(code: str, *, person_pk: int) -> list[str]:
    """The hashes under which the code may be stored: by SECRET_KEY and by the keys before it."""
    return [
        recovery_hash(code, person_pk=person_pk, key=key)
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def encrypt_secret(secret: str) -> str:
    return encrypt(secret.encode(), purpose=PURPOSE).decode()


def decrypt_secret(token: str) -> str:
    """Raises DecryptionError where it was encrypted with another SECRET_KEY."""
    return decrypt(token.encode(), purpose=PURPOSE).decode()
