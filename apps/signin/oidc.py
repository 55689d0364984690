"""Single sign-on by OpenID Connect: who the court's own provider says it is, if they have an account here.

Imported only where OIDC_ISSUER is set; needs requirements-sso.txt.
"""

import ipaddress
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc.errors import JoseError
from requests import RequestException

# Signed with a key that only the provider has; never `none`, nor one that we, too, would know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SECONDS_TO_ANSWER = 10
DISCOVERY = "/.well-known/openid-configuration"


class NotAdmittedError(Exception):
    """The provider's answer is not one to be believed, or there is none."""


class OwnSession(OAuth2Session):
    """Goes by the settings alone: a proxy or certificates named in the environment for other programs don't count."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trust_env = False


class OwnClient(DjangoOAuth2App):
    client_cls = OwnSession


def provider():
    """The provider as it describes itself, asked for when first used and with the keys it has by then."""
    address = settings.OIDC_ISSUER.rstrip("/")
    if not _is_guarded(address):
        raise ImproperlyConfigured("OIDC_ISSUER: https://")
    return OAuth().register(
        "sso",
        client_cls=OwnClient,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        server_metadata_url=f"{address}{DISCOVERY}",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "verify": settings.OIDC_CA_FILE or True,
            "default_timeout": SECONDS_TO_ANSWER,
        },
    )


def _is_guarded(address):
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def redirect_to(request, *, back):
    """Send the browser to the provider, with a state, a nonce and a challenge that only this session can meet."""
    try:
        client = provider()
        _checked(client)
        return client.authorize_redirect(request, back)
    except (OAuthError, RequestException, RuntimeError, ValueError, KeyError) as problem:
        raise NotAdmittedError(type(problem).__name__) from problem


def username_from(request):
    """The name that the provider's signed answer carries in OIDC_CLAIM, with all its claims; NotAdmittedError else."""
    try:
        client = provider()
        _checked(client)
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
                "aud": {"essential": True, "values": [settings.OIDC_CLIENT_ID]},
                "exp": {"essential": True},
                "nonce": {"essential": True},
            },
        )
    except (OAuthError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError) as problem:
        raise NotAdmittedError(type(problem).__name__) from problem
    claims = token.get("userinfo") or {}
    username = claims.get(settings.OIDC_CLAIM)
    if not username or not isinstance(username, str):
        raise NotAdmittedError(f"no {settings.OIDC_CLAIM}")
    return username, dict(claims)


def _checked(client):
    """The provider must be the one that was named, and is held to signatures that prove something."""
    told = client.load_server_metadata()
    if told.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        raise ValueError("issuer")
    offered = told.get("id_token_signing_alg_values_supported") or ["RS256"]
    client.server_metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
