"""Encryption of stored values with keys derived from SECRET_KEY, for what must not be readable in the database."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class DecryptionError(Exception):
    """The value was encrypted with a SECRET_KEY that is no longer known, or for another purpose."""


def encrypt(data: bytes, *, purpose: str) -> bytes:
    return _fernet(purpose).encrypt(data)


def decrypt(token: bytes, *, purpose: str) -> bytes:
    """Accepts tokens of SECRET_KEY and of each of SECRET_KEY_FALLBACKS."""
    try:
        return _fernet(purpose).decrypt(token)
    except InvalidToken:
        raise DecryptionError from None


def _fernet(purpose: str) -> MultiFernet:
    return MultiFernet(
        [Fernet(_key(secret, purpose)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(secret: str, purpose: str) -> bytes:
    # One key a purpose: a token copied from one column into another does not decrypt there.
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
