"""Where the files of evidence lie: outside what a browser can reach, under names that say nothing."""

import hashlib
import os
import uuid
from pathlib import Path

from django.conf import settings

OWNER_ONLY_FOLDER, OWNER_ONLY_FILE = 0o700, 0o600


def place_of(path):
    """The file's place on disk, for the path kept in its row."""
    return Path(settings.EVIDENCE_DIR) / path


def store(file):
    """Write the file, chunk by chunk: (path to keep, size, SHA-256). Raises OSError where the disk won't take it."""
    name = uuid.uuid4().hex
    path = f"{name[:2]}/{name}"
    place = place_of(path)
    place.parent.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE), "wb") as target:
            for chunk in file.chunks():
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return path, size, digest.hexdigest()


def erase(path):
    place_of(path).unlink(missing_ok=True)


def stands(evidence):
    """Whether the file is there and still what was handed in."""
    try:
        with place_of(evidence.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == evidence.sha256
    except OSError:
        return False


def paths_on_disk():
    """(path as kept in a row, seconds since it was written) of each file."""
    root = Path(settings.EVIDENCE_DIR)
    for place in root.glob("??/*"):
        yield f"{place.parent.name}/{place.name}", place.stat().st_mtime
