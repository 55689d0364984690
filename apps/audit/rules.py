"""How one audit event is bound to the one before it."""

import hashlib
import json
from datetime import datetime
from typing import Any

GENESIS = "0" * 64


def hash_of(
    *,
    previous_hash: str,
    chain: str,
    number: int,
    at: datetime,
    by: str,
    action: str,
    target: str,
    target_label: str,
    data: Any,
) -> str:
    """The event's SHA-256 over its own content and the hash before it, so that no event can be
    changed, taken out or put in without every later hash failing."""
    return digest_of([previous_hash, chain, number, at.isoformat(), by, action, target, target_label, data])


def digest_of(content: Any) -> str:
    """SHA-256 over plain values, written in one way."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
