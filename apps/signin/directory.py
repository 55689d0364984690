"""Passwords of the court's own directory (LDAP), for people who have an account here.

Imported only where LDAP_URL is set; needs requirements-sso.txt.
"""

import contextlib
import logging
import ssl
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from ldap3 import BASE, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from apps.accounts.models import User
from apps.signin.certificates import default_context, strict_context, strictness_problem

logger = logging.getLogger(__name__)
USERNAME = "{username}"  # in LDAP_FILTER


class CheckedTls(Tls):
    """Python's own checks: a certificate that is valid, from an authority we know, for the host we asked for.

    `error` is why it was refused: ldap3 passes on the text alone.
    """

    def __init__(self, make_context: Callable[[str], ssl.SSLContext] = default_context) -> None:
        super().__init__()
        self.make_context = make_context
        self.error: ssl.SSLError | None = None

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
        context = self.make_context(settings.LDAP_CA_FILE)
        try:
            connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)
        except ssl.SSLError as error:
            self.error = error
            raise


class DirectoryBackend(BaseBackend):
    """Asks the directory whether the password is right; who the person is and what they may do is stored here."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        # A bind with an empty password is an anonymous one (RFC 4513) and succeeds for every name.
        if not username or not password:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            return None
        tls = CheckedTls()
        try:
            return person if _is_right(username, password, tls) else None
        except (LDAPException, OSError, ValueError) as error:
            logger.warning("directory not available: %s", strictness_problem(tls.error) or type(error).__name__)
            return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def certificate_problem() -> str:
    """A sentence where the directory's certificate is not one for Python 3.13; "" else, and where it does not answer."""
    tls = CheckedTls(strict_context)
    with contextlib.suppress(LDAPException, OSError, ValueError), _connected(None, None, tls):
        pass
    return strictness_problem(tls.error)


def _is_right(username: str, password: str, tls: CheckedTls) -> bool:
    """Find the one entry of that name with the service account, then bind as that entry."""
    with _connected(settings.LDAP_BIND_DN or None, settings.LDAP_BIND_PASSWORD or None, tls) as connection:
        if not connection.bind():
            logger.warning("the directory refuses the service account")
            return False
        names = _matching_names(connection, username)
    if len(names) != 1:
        return False
    with _connected(names[0], password, tls) as connection:
        return bool(connection.bind())


@contextlib.contextmanager
def _connected(name: str | None, password: str | None, tls: CheckedTls) -> Iterator[Connection]:
    """An open connection, under TLS where that is not switched off, before any password is sent."""
    server = Server(settings.LDAP_URL, connect_timeout=settings.LDAP_TIMEOUT, get_info=NONE, tls=tls)
    connection = Connection(
        server, user=name, password=password, receive_timeout=settings.LDAP_TIMEOUT, auto_referrals=False
    )
    try:
        connection.open()
        if not server.ssl and settings.LDAP_START_TLS:
            connection.start_tls()
        yield connection
    finally:
        with contextlib.suppress(LDAPException, OSError):
            connection.unbind()
        if connection.socket is not None:
            connection.socket.close()


def _matching_names(connection: Connection, username: str) -> list[str]:
    """The names (DN) of the entries with this username, two at most; escaped, so that it can't change the filter."""
    search_filter = settings.LDAP_FILTER.replace(USERNAME, escape_filter_chars(username))
    scope = SUBTREE if settings.LDAP_BASE else BASE
    connection.search(settings.LDAP_BASE, search_filter, scope, attributes=["1.1"], size_limit=2)
    return [entry["dn"] for entry in connection.response or [] if entry.get("type") == "searchResEntry"]
