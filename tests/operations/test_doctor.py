"""What the doctor says of a broken installation: really broken, and asked as its keeper would."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.operations import host
from apps.operations.checks import CHECK_FUNCTIONS, CheckContext
from tests.factories import UserFactory

elsewhere = pytest.mark.once("另起的进程有自己的数据库，与测试的数据库无关")

ROOT = Path(__file__).resolve().parents[2]
STORAGE = "django.contrib.staticfiles.storage"
KEY = "k3v9-x7Qp_2mZr8Tn5Lw1Yb6Hd4Fs0Gj"


def doctor(*arguments, **env):
    """Run the command: (exit code, standard output, standard error)."""
    env = os.environ | {"SECRET_KEY": KEY, "PYTHONWARNINGS": "ignore"} | env
    ended = subprocess.run(  # noqa: S603 – our own command
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, ended.stdout, ended.stderr


@elsewhere
def test_a_new_and_empty_installation_is_told_every_step(tmp_path):
    (tmp_path / "file").write_text("no folder")
    code, output, _errors = doctor(
        "--json",
        "--port=9",
        DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
        EVIDENCE_DIR=str(tmp_path / "file" / "evidence"),
        BACKUP_DIR=str(tmp_path / "backups"),
        SECRET_KEY="short",
        BEHIND_PROXY="on",
        HTTPS="ture",
        ALLOWED_HOSTS="plan.court",
    )

    document = json.loads(output)
    found = {finding["check"]: (finding["state"], finding["reason"]) for finding in document["findings"]}
    assert (code, document["is_well"]) == (1, False)
    assert {name: found[name] for name in ("migrations", "guards", "evidence_folder", "secret_key", "https")} == {
        "migrations": ("bad", "pending"),
        "guards": ("bad", "missing"),
        "evidence_folder": ("bad", "missing"),
        "secret_key": ("bad", "weak"),
        "https": ("bad", "proxy_only"),
    }
    assert (found["switches"], found["audit"], found["journal"]) == (
        ("watch", "strange"),
        ("note", "unknown"),
        ("well", "ok"),
    )
    assert all(finding["mend"] for finding in document["findings"] if finding["state"] in ("bad", "watch"))


@elsewhere
def test_a_wrong_database_is_told_in_chinese_and_without_a_traceback():
    code, output, errors = doctor("--quick", DATABASE_URL="postgres://nobody:geheim-7@127.0.0.1:9/none")

    assert code == 1
    assert "✗ 数据库：连不上数据库" in output
    assert "请检查 DATABASE_URL" in output
    assert output.count("现在看不了") == 8
    assert "Traceback" not in output + errors
    assert "geheim-7" not in output + errors


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SECRET_KEY": "$NO_SUCH_NAME"}, "NO_SUCH_NAME"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"EVIDENCE_MAX_MB": "twenty"}, "twenty"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ],
)
@elsewhere
def test_settings_that_keep_everything_from_starting_are_told_of(env, words):
    code, _output, errors = doctor("--quick", **env)

    assert code == 1
    assert errors.startswith("✗ 系统启动不了：")
    assert words in errors
    assert "→ 请检查 .env" in errors
    assert "Traceback" not in errors


@pytest.fixture
def plain(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": f"{STORAGE}.StaticFilesStorage"}}
    return tmp_path


def test_static_files_of_other_code_are_found(plain):
    assert host.static_files(compares=True)[0] is False

    call_command("collectstatic", interactive=False, verbosity=0)
    whole = host.static_files(compares=True)
    (plain / "css/base.css").write_text("/* of an older version */")
    (plain / "css/tokens.css").unlink()

    is_collected, missing, stale, n_files = host.static_files(compares=True)
    assert whole == (True, [], [], n_files)
    assert (is_collected, missing, stale) == (True, ["css/tokens.css"], ["css/base.css"])
    assert n_files > 50


def test_hashed_static_files_of_other_code_are_found(plain, settings):
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": f"{STORAGE}.ManifestStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    whole = host.static_files(compares=True)
    manifest = plain / "staticfiles.json"
    document = json.loads(manifest.read_text())
    document["paths"]["css/base.css"] = "css/base.000000000000.css"
    del document["paths"]["css/tokens.css"]
    manifest.write_text(json.dumps(document))

    is_collected, missing, stale, n_files = host.static_files(compares=True)

    assert whole == (True, [], [], n_files)
    assert (is_collected, missing, stale) == (True, ["css/tokens.css"], ["css/base.css"])


@pytest.mark.django_db(transaction=True)
def test_a_damaged_backup_is_found_by_reading_it_through(settings, tmp_path):
    settings.BACKUP_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    UserFactory(username="zhang")
    call_command("backup", stdout=StringIO())
    (made,) = tmp_path.glob("*.zip")
    whole = _backup_found(is_thorough=True)
    content = bytearray(made.read_bytes())
    third = len(content) // 3
    content[third : third + 200] = bytes(byte ^ 255 for byte in content[third : third + 200])
    made.write_bytes(content)

    assert (whole.reason, whole.state.key) == ("read", "well")
    assert _backup_found(is_thorough=False).reason == "ok"
    assert _backup_found(is_thorough=True).reason == "unreadable"

    made.write_bytes(b"PK and nothing else")
    assert _backup_found(is_thorough=False).reason == "unreadable"


def _backup_found(*, is_thorough):
    return CHECK_FUNCTIONS["backup"](CheckContext(is_thorough=is_thorough))


@pytest.mark.django_db
def test_a_court_in_earnest_beside_open_example_accounts(settings):
    example = UserFactory(username="admin", court__has_demo_data=True)
    UserFactory(court__has_demo_data=False)

    output = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", "--quick", "--port=9", stdout=output)
    assert "✗ 示例账号：有 1 个还能登录" in output.getvalue()

    example.is_active = False
    example.save()
    output = StringIO()
    with pytest.raises(CommandError):  # nobody has made a backup
        call_command("doctor", "--quick", "--port=9", stdout=output)
    assert "✓ 示例账号" in output.getvalue()


def test_a_database_that_anybody_on_the_machine_can_read_is_told(tmp_path):
    file = tmp_path / "db.sqlite3"
    file.touch(mode=0o600)
    tmp_path.chmod(0o711)  # as nginx needs it, which serves the style sheets

    assert host.folder(tmp_path, files=[file, tmp_path / "none"]).exposed == ()
    file.chmod(0o644)
    assert host.folder(tmp_path, files=[file]).exposed == (str(file),)
    tmp_path.chmod(0o700)
    assert host.folder(tmp_path, files=[file]).exposed == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can be somebody else")
def test_the_superuser_acts_as_the_owner_of_the_data(tmp_path):
    os.chown(tmp_path, 65534, 65534)
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, manage; manage.act_as_owner(); print(os.getuid(), os.getgid(), os.getgroups())",
        ],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "ENV_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert ended.stdout.split()[:2] == ["65534", "65534"]
    assert "0" not in ended.stdout.strip().partition("[")[2].strip("]").split(", ")
