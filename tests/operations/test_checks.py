"""The checks within Django's framework: what settings they judge, and when Django runs them."""

from io import StringIO

import pytest
from django.core import checks
from django.core.management import call_command
from django.test import override_settings

from apps.operations.checks import CHECK_FUNCTIONS, TAG, CheckContext, run_all
from apps.operations.choices import CHECKS
from apps.operations.results import CheckResult

KEY = "k3v9-x7Qp_2mZr8Tn5Lw1Yb6Hd4Fs0Gj"
LOCAL = ["127.0.0.1", "localhost", "[::1]"]
SERVER = {"ALLOWED_HOSTS": ["plan.court", ".inner.court"], "HTTPS": True, "BEHIND_PROXY": True}


def origins(*names, **more):
    return "origins", SERVER | {"CSRF_TRUSTED_ORIGINS": list(names)} | more


def metrics(**more):
    return "metrics", {"METRICS": True, "METRICS_TOKEN": "", "BEHIND_PROXY": False} | more


@pytest.mark.parametrize(
    ("check", "state", "reason"),
    [
        (("secret_key", {"SECRET_KEY": "x"}), "bad", "weak"),
        (("secret_key", {"SECRET_KEY": "ab" * 30}), "bad", "weak"),
        (("secret_key", {"SECRET_KEY": f"django-insecure-{KEY}"}), "bad", "weak"),
        (("secret_key", {"SECRET_KEY": KEY, "ENV_FILE": "/no/such/file"}), "well", "environment"),
        (("debug", {"DEBUG": False}), "well", "ok"),
        (("debug", {"DEBUG": True}), "bad", "on"),
        (("hosts", {"ALLOWED_HOSTS": ["plan.court"]}), "well", "ok"),
        (("hosts", {"ALLOWED_HOSTS": LOCAL}), "note", "local"),
        (("hosts", {"ALLOWED_HOSTS": []}), "bad", "none"),
        (("hosts", {"ALLOWED_HOSTS": ["*"]}), "watch", "any"),
        (("https", SERVER), "well", "ok"),
        (("https", SERVER | {"BEHIND_PROXY": False}), "watch", "no_proxy"),
        (("https", SERVER | {"HTTPS": False}), "bad", "proxy_only"),
        (("https", SERVER | {"HTTPS": False, "BEHIND_PROXY": False}), "watch", "off"),
        (("https", {"HTTPS": False, "BEHIND_PROXY": False, "ALLOWED_HOSTS": LOCAL}), "note", "local"),
        (origins(), "well", "none"),
        (origins("https://plan.court", "https://plan.court:8443", "https://a.inner.court"), "well", "ok"),
        (origins("plan.court"), "bad", "scheme"),
        (origins("http://plan.court"), "watch", "plain"),
        (origins("http://plan.court", HTTPS=False), "well", "ok"),
        (origins("https://elsewhere.example"), "watch", "strange"),
        (("log", {"LOG_FORMAT": "line"}), "note", "line"),
        (("log", {"LOG_FORMAT": "json"}), "note", "json"),
        (metrics(METRICS=False), "note", "off"),
        (metrics(), "note", "loopback"),
        (metrics(BEHIND_PROXY=True), "watch", "nobody"),
        (metrics(METRICS_TOKEN="x" * 16, BEHIND_PROXY=True), "note", "token"),
        (metrics(METRICS_TOKEN="short"), "watch", "short"),
    ],
)
def test_each_setting_is_judged(check, state, reason):
    name, changed = check
    with override_settings(**changed):
        result = CHECK_FUNCTIONS[name](CheckContext())

    assert (result.state.key, result.reason) == (state, reason)
    assert result.hint or result.is_well


@pytest.mark.parametrize(
    ("mode", "state", "reason"),
    [(0o600, "well", "ok"), (0o640, "well", "ok"), (0o604, "bad", "open"), (0o660, "bad", "open")],
)
def test_the_file_with_the_key_is_closed_to_others(settings, tmp_path, mode, state, reason):
    settings.SECRET_KEY, settings.ENV_FILE = KEY, tmp_path / "env"
    settings.ENV_FILE.touch()
    settings.ENV_FILE.chmod(mode)

    result = CHECK_FUNCTIONS["secret_key"](CheckContext())

    assert (result.state.key, result.reason) == (state, reason)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"DEBUG": "off", "HTTPS": " ON ", "METRICS": ""}, "ok"),
        ({"HTTPS": "ture"}, "strange"),
        ({"HTTPS": "on # since May"}, "strange"),
    ],
)
def test_a_word_that_is_neither_on_nor_off_is_reported(monkeypatch, words, reason):
    for name, word in words.items():
        monkeypatch.setenv(name, word)

    assert CHECK_FUNCTIONS["switches"](CheckContext()).reason == reason


@pytest.mark.django_db
def test_every_check_is_registered_once_and_listed():
    context = CheckContext()

    assert set(CHECK_FUNCTIONS) == set(CHECKS)
    results = run_all(context)
    assert [result.check for result in results] == [
        name for name in CHECKS if name in {result.check for result in results}
    ]
    assert set(CHECKS) - {result.check for result in results} <= {"port", "journal", "certificates"}


@pytest.mark.django_db
def test_django_runs_them_only_where_it_is_asked_for_the_server_and_its_database():
    """Not with every command, and not on `migrate` or `check --deploy`: they take time, and tables may be missing."""
    for arguments in ({}, {"databases": ["default"]}, {"include_deployment_checks": True}):
        assert [message for message in checks.run_checks(**arguments) if isinstance(message, CheckResult)] == []


@pytest.mark.django_db
def test_django_prints_them_in_its_own_way():
    output = StringIO()
    with override_settings(DEBUG=True):
        call_command(
            "check", deploy=True, databases=["default"], tags=[TAG], fail_level="CRITICAL", stdout=output, stderr=output
        )

    assert "调试方式: (operations.debug.on) 已打开" in output.getvalue()
    assert "HINT: 请设 DEBUG=off" in output.getvalue()
