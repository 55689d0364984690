"""What the installation's guide, its units and its nginx site say, is what the product does."""

import ast
import os
import re
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

DEPLOY = settings.BASE_DIR / "deploy"
GUIDE = settings.BASE_DIR / "docs/installation.md"
# What scripts read, and settings.py doesn't.
SCRIPTS = {"HOST", "PORT"}
READERS = ("courtplan/settings.py",)
MEGABYTE = 1024 * 1024


def settings_read():
    """The names that the program asks its environment for."""
    for path in READERS:
        for node in ast.walk(ast.parse((settings.BASE_DIR / path).read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "env"
                and node.func.attr != "read_env"
            ):
                yield ast.literal_eval(node.args[0])


def settings_told():
    part = GUIDE.read_text(encoding="utf-8").partition("## 三、设置")[2].partition("## 四")[0]
    return {name for row in re.findall(r"^\| (`[^|]*) \|", part, re.M) for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_setting_is_in_the_guide_and_no_other():
    assert settings_told() == set(settings_read()) | SCRIPTS


def test_the_file_of_settings_sets_nothing_that_is_not_read():
    lines = (DEPLOY / "courtplan.env").read_text(encoding="utf-8").splitlines()
    named = {name for line in lines if (name := line.removeprefix("# ").partition("=")[0]).isupper() and "=" in line}

    assert {"SECRET_KEY", "DATA_DIR", "DATABASE_URL"} <= named <= settings_told()


def test_nginx_takes_as_much_as_the_product_and_files_of_it():
    site = (DEPLOY / "nginx/courtplan.conf").read_text(encoding="utf-8")

    assert int(re.search(r"client_max_body_size (\d+)m;", site)[1]) * MEGABYTE == settings.UPLOAD_MAX_REQUEST
    for page in re.findall(r"error_page [\d ]+ /([\w.-]+);", site):
        assert (DEPLOY / "nginx/pages" / page).is_file()


UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_each_service_is_held_and_runs_what_there_is(path):
    unit = RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(path, encoding="utf-8")
    service = dict(unit["Service"])

    assert service["User"] == "@USER@"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["PrivateTmp"]) == ("yes", "strict", "yes")
    assert (service["CapabilityBoundingSet"], service["ReadWritePaths"]) == ("", "@WRITES@")
    for line in path.read_text(encoding="utf-8").splitlines():
        if command := re.match(r"ExecStart=@ROOT@/current/\.venv/bin/python manage\.py (\w+)", line):
            assert command[1] in get_commands()


def test_each_timer_has_its_service():
    for path in (DEPLOY / "systemd").glob("*.timer"):
        assert path.with_suffix(".service").is_file()


def test_the_compose_file_runs_the_image_with_files_that_are_there():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))

    assert set(compose["services"]) == {"db", "upgrade", "web", "worker", "nginx"}
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./tls":  # the certificates are the court's own
                assert (DEPLOY / source).exists()
            elif not source.startswith("./"):
                assert source in compose["volumes"]


def compose_file():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


PRODUCT = ("upgrade", "web", "worker")


@pytest.mark.parametrize("name", PRODUCT)
def test_containers_of_the_product_are_held_and_keep_to_their_own_folders(name):
    service = compose_file()["services"][name]

    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
    )
    # What courtplan.env says of a machine without containers must not reach in here.
    assert {"ENV_FILE", "DATA_DIR", "LISTEN"} <= set(service["environment"])
    assert f"\n{service['command'][-1]})\n" in (DEPLOY / "container").read_text(encoding="utf-8")


def test_nginx_finds_the_web_processes_where_they_listen():
    services = compose_file()["services"]
    before, after = re.search(r"sed 's\|(.+?)\|(.+?)\|'", services["nginx"]["command"][-1]).groups()
    site = (DEPLOY / "nginx/courtplan.conf").read_text(encoding="utf-8")

    assert site.count(before) == 1
    address = after.split()[1]
    assert address in services["web"]["environment"]["LISTEN"].split(",")
    folder = address.removeprefix("unix:").rpartition("/")[0]
    assert f"socket:{folder}" in services["web"]["volumes"]
    assert f"socket:{folder}:ro" in services["nginx"]["volumes"]
    assert f"-o courtplan -g courtplan {folder}\n" in (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def test_who_serves_waits_for_the_upgrade_of_its_own_version(tmp_path):
    """Run for real, with a python that only says what it was told."""
    (tmp_path / "VERSION").write_text("2\n", encoding="utf-8")
    (tmp_path / ".upgraded-to").write_text("1\n", encoding="utf-8")
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    options = {"cwd": tmp_path, "env": {"DATA_DIR": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}}
    command = ["sh", str(DEPLOY / "container")]
    web = subprocess.Popen([*command, "web"], stdout=subprocess.PIPE, text=True, **options)  # noqa: S603 – our own script
    assert "2" in web.stdout.readline()
    assert web.poll() is None

    done = subprocess.run([*command, "upgrade"], check=True, capture_output=True, text=True, **options)  # noqa: S603

    assert done.stdout.splitlines() == ["manage.py upgrade --wait 120", "manage.py collectstatic --noinput"]
    assert "courtplan.serve" in web.communicate(timeout=60)[0]


def test_bundle_takes_every_optional_requirement():
    optional = {path.name for path in Path(settings.BASE_DIR).glob("requirements-*.txt")}
    taken = optional - {"requirements-dev.txt", "requirements-hashes.txt"}

    for path in ("deploy/install", "deploy/Containerfile", "bin/upgrade"):
        assert (
            set(re.findall(r"requirements-\w+\.txt", (settings.BASE_DIR / path).read_text(encoding="utf-8"))) == taken
        )


def test_the_page_for_what_is_too_large_is_not_too_large_itself():
    """Over HTTP/2 nginx looks at the size once more where it takes the page from."""
    site = (DEPLOY / "nginx/courtplan.conf").read_text(encoding="utf-8")
    pages = site.partition("location ~ ^/(too-large")[2].partition("}")[0]

    assert "client_max_body_size 0;" in pages


def test_services_may_write_where_the_settings_put_files():
    """Every folder among the settings is known to the script that writes the units."""
    folders = {name for name in settings_read() if name.endswith("_DIR")} - {"DATA_DIR"}
    known = re.search(r"for name in ([A-Z_ ]+); do", (DEPLOY / "install").read_text(encoding="utf-8"))[1].split()

    assert set(known) == folders
