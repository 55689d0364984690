"""What this machine says: its folders, disks, installed packages, collected files, and which code runs."""

import filecmp
import http.client
import os
import pwd
import re
import socket
import subprocess
import tempfile
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, ManifestStaticFilesStorage, staticfiles_storage
from django.contrib.staticfiles.utils import matches_patterns

from apps.operations.rules import FolderFacts

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
SOON = 2  # seconds
OTHERS_PASS, OTHERS_READ = 0o011, 0o044


@lru_cache(maxsize=1)
def commit():
    """The commit of the running code: as a bundle noted it down, or as git knows it; empty where neither does."""
    note = settings.BASE_DIR / "COMMIT"
    if note.is_file():
        return note.read_text(encoding="utf-8").strip()[:12]
    if not (settings.BASE_DIR / ".git").exists():  # a folder around it may be a checkout of something else
        return ""
    command = ["git", "-C", str(settings.BASE_DIR), "rev-parse", "--short=12", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SOON)  # noqa: S603 – a fixed question
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()


def user():
    """Whose process this is."""
    return _name_of(os.geteuid())


def _name_of(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


# Folders


def folder(path, *, files=()):
    """The folder as this process finds it; of one that isn't there yet, what its nearest parent allows.

    Of `files`, those that any user of the machine can read, where the folder lets them through, are named.
    """
    path = Path(path)
    exists = path.is_dir()
    there = path if exists else next(parent for parent in path.absolute().parents if parent.exists())
    disk = os.statvfs(there)
    found = there.stat()
    passes = exists and found.st_mode & OTHERS_PASS
    return FolderFacts(
        path=str(path),
        exists=exists,
        is_writable=there.is_dir() and _takes_a_file(there),
        owner=_name_of(found.st_uid),
        mode=found.st_mode & 0o777,
        free=disk.f_bavail * disk.f_frsize,
        total=disk.f_blocks * disk.f_frsize,
        exposed=tuple(str(file) for file in files if passes and (mode_of(file) or 0) & OTHERS_READ),
    )


def _takes_a_file(folder):
    """Tried, not asked: the superuser is told yes of a disk that takes nothing. The file has no name and is gone."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
            file.flush()
    except OSError:
        return False
    return True


def filesystem_of(path, *, mounts="/proc/mounts"):
    """What kind of disk the path lies on; empty where the machine doesn't say."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    path = Path(path).resolve()
    best, kind = "", ""
    for line in lines:
        where, what = line.split(" ")[1:3]
        where = where.replace(r"\040", " ")
        if path.is_relative_to(where) and len(where) >= len(best):
            best, kind = where, what
    return kind


def mode_of(path):
    """A file's permissions; None where there is no such file."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mode & 0o777 if Path(path).is_file() else None


# Packages


def wanted_packages(path=None):
    """What the requirements name, with the version they pin."""
    text = Path(path or settings.BASE_DIR / "requirements.txt").read_text(encoding="utf-8")
    return dict(PINNED.findall(text))


def installed_packages(names):
    return {name: _installed(name) for name in names}


def _installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


# Static files


def static_files(*, compares):
    """(whether they were collected, the code's files that were not, those collected from other code, how many in all).

    Comparing collects everything once more, into a folder of its own: what a style sheet is called depends on what it
    refers to.
    """
    sources = {
        path: storage
        for finder in get_finders()
        for path, storage in finder.list([])
        if not matches_patterns(path, StaticFilesConfig.ignore_patterns)
    }
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        collected = staticfiles_storage.load_manifest()[0]
        stale = _collected_otherwise(sources, collected) if compares and collected else []
    else:
        root = Path(settings.STATIC_ROOT)
        collected = {path for path in sources if (root / path).is_file()}
        stale = [path for path in collected if compares and not filecmp.cmp(sources[path].path(path), root / path)]
    return bool(collected), [path for path in sources if path not in collected], stale, len(sources)


def _collected_otherwise(sources, collected):
    with tempfile.TemporaryDirectory() as folder:
        anew = ManifestStaticFilesStorage(location=folder)
        for path, storage in sources.items():
            with storage.open(path) as file:
                anew.save(path, file)
        for _name, _hashed, processed in anew.post_process({path: (anew, path) for path in sources}):
            if isinstance(processed, Exception):
                raise processed
        return [path for path, name in anew.hashed_files.items() if collected.get(path, name) != name]


# The port


def port(number):
    """(whether our own server answers there, whether anybody listens there)."""
    with socket.socket() as probe:
        probe.settimeout(SOON)
        if probe.connect_ex(("127.0.0.1", number)) != 0:
            return False, False
    connection = http.client.HTTPConnection("127.0.0.1", number, timeout=SOON)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return (answer.status, answer.read(3)) == (200, b"ok\n"), True
    except (OSError, http.client.HTTPException):
        return False, True
    finally:
        connection.close()
