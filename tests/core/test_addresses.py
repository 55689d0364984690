"""Whose address counts: the connection's own, or what our own proxy says of it."""

import pytest
from django.test import RequestFactory

from apps.core.addresses import client_address


@pytest.mark.parametrize(
    ("behind_proxy", "hops", "remote", "forwarded", "address"),
    [
        (False, 1, "10.1.2.3", None, "10.1.2.3"),
        # without a proxy of ours anybody may have written the header
        (False, 1, "10.1.2.3", "192.0.2.1", "10.1.2.3"),
        (True, 1, "127.0.0.1", "10.1.2.3", "10.1.2.3"),
        # what stands further left was sent by the client itself
        (True, 1, "127.0.0.1", "192.0.2.66, 10.1.2.3", "10.1.2.3"),
        (True, 2, "127.0.0.1", "192.0.2.66, 10.1.2.3, 10.9.9.9", "10.1.2.3"),
        # fewer proxies than said: nothing of it can be believed
        (True, 2, "127.0.0.1", "10.1.2.3", "127.0.0.1"),
        (True, 0, "127.0.0.1", "192.0.2.66, 10.1.2.3", "10.1.2.3"),
        (True, 1, "127.0.0.1", None, "127.0.0.1"),
        (True, 1, "127.0.0.1", " , ", "127.0.0.1"),
        (True, 1, "127.0.0.1", "not an address", "127.0.0.1"),
        (True, 1, "127.0.0.1", "10.1.2.3:4711", "127.0.0.1"),
        # behind a socket of the file system
        (True, 1, "", "10.1.2.3", "10.1.2.3"),
        (True, 1, "", None, None),
        # one way of writing, and one machine in its net
        (False, 1, "::ffff:10.1.2.3", None, "10.1.2.3"),
        (False, 1, "2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::"),
        (True, 1, "::1", "[2001:db8:1:2:bbbb::9]", "2001:db8:1:2::"),
    ],
)
def test_address_of_a_client(settings, behind_proxy, hops, remote, forwarded, address):
    settings.BEHIND_PROXY, settings.PROXY_HOPS = behind_proxy, hops
    sent = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded is not None else {}

    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **sent)) == address
