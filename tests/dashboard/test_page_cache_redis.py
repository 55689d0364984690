"""The page cache in a real Redis (Debian: redis-server) that the test starts: shared by processes, and free to fail."""

import os
import shutil
import subprocess
import sys
import time

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.urls import reverse

from apps.dashboard import page_cache

SERVER = shutil.which("redis-server")
READ = "from django.core.cache import cache; import sys; print(cache.get(sys.argv[1]) is not None)"


@pytest.fixture
def redis_server(tmp_path):
    if SERVER is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed")
        pytest.skip("没有 redis-server（Debian：apt install redis-server）")
    socket = tmp_path / "redis.sock"

    def start():
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
        process = subprocess.Popen([SERVER, *options], stdout=subprocess.DEVNULL)  # noqa: S603 – its own path
        client = redis.Redis(unix_socket_path=str(socket))
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                client.ping()
                return process
            except redis.ConnectionError:
                time.sleep(0.05)
        raise AssertionError("redis-server does not answer")

    start.url = f"unix://{socket}"
    start.client = redis.Redis(unix_socket_path=str(socket))
    start.process = start()
    yield start
    start.process.kill()
    start.process.wait()


@pytest.fixture
def shared_cache(redis_server, settings, monkeypatch):
    settings.CACHES = {
        "default": settings.CACHES["default"]
        | {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_server.url, "OPTIONS": {}}
    }
    monkeypatch.setattr(page_cache, "_retry_at", 0.0)
    return redis_server


@pytest.fixture
def url(cast):
    return reverse("dashboard:plan", args=["kfq", 2025])


def test_a_page_built_by_one_process_is_there_for_another(client, cast, url, shared_cache, settings):
    client.force_login(cast.leader)
    pages = [client.get(url) for _n in range(3)]  # without the cookie, built, cached

    (key,) = shared_cache.client.keys("*page:*")
    name = key.decode().split(":", 2)[2]
    env = os.environ | {"CACHE_URL": shared_cache.url, "DJANGO_SETTINGS_MODULE": "courtplan.settings"}
    other = subprocess.run(  # noqa: S603 – our own command
        [sys.executable, "-c", READ, name],
        cwd=django_settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert pages[1].content == pages[2].content
    assert other.stdout.strip() == "True"


def test_losing_it_costs_no_page(client, cast, url, shared_cache, monkeypatch):
    client.force_login(cast.leader)
    before = [client.get(url) for _n in range(2)][-1]

    shared_cache.process.kill()
    shared_cache.process.wait()
    during = client.get(url)
    shared_cache.process = shared_cache()
    monkeypatch.setattr(page_cache, "_retry_at", 0.0)  # as after the wait
    client.get(url)

    assert (before.status_code, during.status_code) == (200, 200)
    assert during["ETag"] == before["ETag"]
    assert cache.get(f"page:{before['ETag'][3:-1]}") is not None
