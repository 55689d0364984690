"""No secret is written to the log, however much is asked to be logged, and whatever breaks."""

import json
import logging

import pyotp
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.core.logs import JsonFormatter
from apps.signin import codes, services
from apps.signin.models import SecondFactor
from tests.factories import UserFactory

PASSWORD, WRONG, NEW = "a-long-password-7", "a-wrong-guess-8", "mashed potato river"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def written():
    """Every line of every logger, from the least of them on, as both formats write it."""
    lines, records = [], []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(JsonFormatter().format(record))
            lines.append(logging.Formatter("%(name)s %(message)s").format(record))

    keep = Keep(level=logging.DEBUG)
    for name in {"", "django", "courtplan.slow_queries", *logging.root.manager.loggerDict}:  # each once
        logger = logging.getLogger(name)
        records.append((logger, logger.level))
        logger.setLevel(logging.DEBUG)
        logger.addHandler(keep)
    yield lines
    for logger, level in records:
        logger.setLevel(level)
        logger.removeHandler(keep)


def test_no_secret_is_written_whatever_is_done_or_breaks(client, db, written, monkeypatch, settings):
    person = UserFactory(username="zhang.wei")
    person.set_password(PASSWORD)
    person.save()
    SecondFactor.objects.create(person=person, secret=codes.encrypt_secret(SECRET), set_up_at=timezone.now())
    recovery = services.renew_recovery_codes(person=person, at=timezone.now())
    code = pyotp.TOTP(SECRET).now()
    client.raise_request_exception = False

    for password in (WRONG, PASSWORD):
        client.post(reverse("accounts:login"), {"username": "zhang.wei", "password": password})
    client.post(reverse("signin:verify"), {"code": recovery[1][:-1]})
    client.post(reverse("signin:verify"), {"code": code})
    keys = [client.session.session_key, client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""]
    monkeypatch.setattr("apps.signin.services.change_password", None)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    broken = client.post(reverse("signin:password"), sent)
    monkeypatch.setattr("apps.signin.services.prove", None)
    broken_code = client.post(reverse("signin:second_factor"), {"code": recovery[0]})
    text = "\n".join(written)

    assert (broken.status_code, broken_code.status_code) == (500, 500)
    assert "TypeError" in text  # both faults were written down
    secrets = [
        PASSWORD,
        WRONG,
        NEW,
        SECRET,
        code,
        recovery[0],
        recovery[1],
        settings.SECRET_KEY,
        person.password,
        *filter(None, keys),
    ]
    assert [secret for secret in secrets if secret in text or json.dumps(secret)[1:-1] in text] == []
    assert "zhang.wei" not in text


def test_the_settings_send_no_mail_about_faults():
    """A mailed traceback would carry the form as it was sent."""
    handlers = {handler["class"] for handler in settings.LOGGING["handlers"].values()}

    assert handlers == {"logging.StreamHandler"}
    assert not settings.DEBUG
