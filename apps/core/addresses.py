"""The client address of a request."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

FORWARDED = "HTTP_X_FORWARDED_FOR"
# One client may take any address of such a network, so addresses are counted by network.
IPV6_NET = 64


def client_address(request: HttpRequest) -> str | None:
    """The client's address; None where it is unknown.

    X-Forwarded-For is trusted only behind a proxy of our own (BEHIND_PROXY), and only the entry that the outermost of
    our PROXY_HOPS proxies wrote, counted from the right.
    """
    own = _plain(request.META.get("REMOTE_ADDR", ""))
    if not settings.BEHIND_PROXY:
        return own
    forwarded = [entry.strip() for entry in request.META.get(FORWARDED, "").split(",") if entry.strip()]
    hops = max(settings.PROXY_HOPS, 1)
    return (_plain(forwarded[-hops]) if len(forwarded) >= hops else None) or own


def _plain(text: str) -> str | None:
    """The address in canonical form, of IPv6 its network; None where it is malformed."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), IPV6_NET), strict=False).network_address)
