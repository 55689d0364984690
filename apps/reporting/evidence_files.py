"""Evidence files on disk: outside what the web server serves, under random names."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from apps.reporting.models import Evidence

OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600


def absolute_path(path: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / path


def store_file(file: UploadedFile) -> tuple[str, int, str]:
    """Write the file chunk by chunk: (path relative to EVIDENCE_DIR, size, SHA-256). Raises OSError."""
    name = uuid.uuid4().hex
    path = f"{name[:2]}/{name}"
    target_path = absolute_path(path)
    target_path.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with open(os.open(target_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE), "wb") as target:
            for chunk in file.chunks():
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        target_path.unlink(missing_ok=True)
        raise
    return path, size, digest.hexdigest()


def delete_file(path: str) -> None:
    absolute_path(path).unlink(missing_ok=True)


def is_intact(evidence: Evidence) -> bool:
    """Whether the file is there with the digest of its row."""
    try:
        with absolute_path(evidence.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == evidence.sha256
    except OSError:
        return False


def files_on_disk() -> Iterator[tuple[str, float]]:
    """(path as in its row, time of writing in seconds since the epoch) of each file."""
    for file in Path(settings.EVIDENCE_DIR).glob("??/*"):
        yield f"{file.parent.name}/{file.name}", file.stat().st_mtime
