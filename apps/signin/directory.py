"""Passwords of the court's own directory (LDAP), for people who have an account here.

Imported only where LDAP_URL is set; needs requirements-sso.txt.
"""

import contextlib
import logging
import ssl

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from ldap3 import BASE, NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from apps.accounts.models import User

logger = logging.getLogger(__name__)
PLACE = "{username}"


class CheckedTls(Tls):
    """By Python's own rules: a certificate that is valid, from an authority we know, for the host we asked for."""

    def wrap_socket(self, connection, do_handshake=False):
        context = ssl.create_default_context(cafile=settings.LDAP_CA_FILE or None)
        connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)


class DirectoryBackend(BaseBackend):
    """Asks the directory whether the password is right; who the person is and what they may do is known here."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        # To a directory an empty password is no password: it lets anybody in.
        if not username or not password:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            return None
        try:
            return person if _is_right(username, password) else None
        except (LDAPException, OSError, ValueError) as problem:
            logger.warning("the directory could not be asked: %s", type(problem).__name__)
            return None

    def get_user(self, user_id):
        return User.objects.filter(pk=user_id, is_active=True).first()


def _is_right(username, password):
    """Find the one entry of that name as the service account may, then try to be it."""
    with _connected(settings.LDAP_BIND_DN or None, settings.LDAP_BIND_PASSWORD or None) as connection:
        if not connection.bind():
            logger.warning("the directory refuses the service account")
            return False
        found = _entries(connection, username)
    if len(found) != 1:
        return False
    with _connected(found[0], password) as connection:
        return connection.bind()


@contextlib.contextmanager
def _connected(name, password):
    """An open connection under TLS, where that is not switched off, before anything is told to it."""
    tls = CheckedTls()
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


def _entries(connection, username):
    """The names of the entries that answer to this username, two at most; what it is made of can't change the question."""
    wanted = settings.LDAP_FILTER.replace(PLACE, escape_filter_chars(username))
    scope = SUBTREE if settings.LDAP_BASE else BASE
    connection.search(settings.LDAP_BASE, wanted, scope, attributes=["1.1"], size_limit=2)
    return [one["dn"] for one in connection.response or [] if one.get("type") == "searchResEntry"]
