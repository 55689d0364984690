"""Single sign-on by OpenID Connect: the username that the court's own provider vouches for.

Imported only where OIDC_ISSUER is set; needs requirements-sso.txt.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from joserfc.errors import JoseError
from requests import RequestException

from apps.signin.certificates import strict_context, strictness_problem

# Asymmetric only: never `none`, nor HS256 with a secret that we know, too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
TIMEOUT = 10  # seconds
DISCOVERY = "/.well-known/openid-configuration"


class NotAdmittedError(Exception):
    """There is no answer from the provider, or it proves nothing; the text is for the log."""


class SettingsOnlySession(OAuth2Session):
    """Ignores proxies and certificates that the environment names for other programs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trust_env = False


class Client(DjangoOAuth2App):
    client_cls = SettingsOnlySession


def provider() -> Any:
    """A client of the provider; its metadata and keys are fetched when first used."""
    issuer = settings.OIDC_ISSUER.rstrip("/")
    if not _is_secure(issuer):
        raise ImproperlyConfigured("OIDC_ISSUER: https://")
    return OAuth().register(
        "sso",
        client_cls=Client,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{issuer}{DISCOVERY}",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "verify": settings.OIDC_CA_FILE or True,
            "default_timeout": TIMEOUT,
        },
    )


def _is_secure(url: str) -> bool:
    """https, or a provider on this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def redirect_to_provider(request: HttpRequest, *, callback_url: str) -> Any:
    """A redirect with a state, a nonce and a code challenge that only this session can answer."""
    try:
        client = provider()
        _check(client)
        return client.authorize_redirect(request, callback_url)
    except (OAuthError, RequestException, RuntimeError, ValueError, KeyError) as error:
        raise NotAdmittedError(strictness_problem(error) or type(error).__name__) from error


def username_from(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """(username, all claims) of the provider's signed ID token; the username is in OIDC_CLAIM. NotAdmittedError else."""
    try:
        client = provider()
        _check(client)
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
                "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
                "exp": {"essential": True},
                "nonce": {"essential": True},
            },
        )
    except (OAuthError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise NotAdmittedError(strictness_problem(error) or type(error).__name__) from error
    claims = token.get("userinfo") or {}
    username = claims.get(settings.OIDC_CLAIM)
    if not username or not isinstance(username, str):
        raise NotAdmittedError(f"no {settings.OIDC_CLAIM}")
    return username, dict(claims)


def _check(client: Any) -> None:
    """The provider must be the one that was named; of the algorithms it offers, only those that prove something stay."""
    metadata = client.load_server_metadata()
    if metadata.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        raise ValueError("issuer")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    client.server_metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]


def certificate_problem() -> str:
    """A sentence where the provider's certificate is not one for Python 3.13; "" else, and where it does not answer."""
    parts = urlsplit(settings.OIDC_ISSUER)
    if parts.scheme != "https":
        return ""
    context = strict_context(settings.OIDC_CA_FILE or requests.certs.where())
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=TIMEOUT) as connection,
            context.wrap_socket(connection, server_hostname=parts.hostname),
        ):
            return ""
    except OSError as error:
        return strictness_problem(error)
