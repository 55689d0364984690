"""A real browser, in which no page may complain or reach for another host."""

import os
import shutil

import pytest

PASSWORD = "a-long-password-7"
# The first takes the least of the machine.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        missing = "没有找到 Chromium，浏览器测试没有运行（Debian：apt install chromium-headless-shell fonts-noto-cjk）"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return browser_type_launch_args | {"executable_path": path, "args": QUIET}


@pytest.fixture(autouse=True)
def complaints(context, live_server):
    """What the browser's console said, and what was asked of other hosts: nothing, at the end of every test."""
    complaints = []
    context.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    context.on("weberror", lambda fault: complaints.append(str(fault.error)))
    context.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, "data:"))
            else complaints.append(f"another host: {request.url}")
        ),
    )
    yield complaints
    assert complaints == []


@pytest.fixture
def sign_in(live_server, context):
    """Sign a person in by hand, in a page of the test's browser."""

    def sign_in_as(person):
        person.set_password(PASSWORD)
        person.save()
        context.clear_cookies()
        page = context.new_page()
        page.goto(f"{live_server.url}/login/")
        page.get_by_label("用户名").fill(person.username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    return sign_in_as
