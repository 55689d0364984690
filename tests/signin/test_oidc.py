"""Single sign-on against a provider that answers on this machine, by https, and lies in every way one can."""

import base64
import hashlib
import json
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.messages import get_messages
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.operations.checks import CheckContext, certificates
from apps.operations.choices import State
from apps.signin import oidc
from apps.signin.models import FailedSignIn
from tests.factories import CourtFactory, UserFactory
from tests.signin import sso_urls
from tests.signin.certificates import Authority

CLIENT, SECRET = "courtplan", "a-secret-of-the-client"


class Provider:
    """As much of OpenID Connect as a provider needs: discovery, keys, a code, and a token for code, secret and verifier."""

    def __init__(self, authority):
        self.authority = authority
        self.key, self.other_key = (
            RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}) for _key in "ab"
        )
        self.claims, self.twist, self.codes = {}, {}, {}
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                path, params = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                if path == "/.well-known/openid-configuration":
                    self._tell(provider.metadata())
                elif path == "/keys":
                    self._tell({"keys": [provider.key.as_dict(private=False)]})
                elif path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.redirect(params))
                    self.end_headers()

            def do_POST(self):
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                status, document = provider.token(body, self.headers.get("Authorization", ""))
                self._tell(document, status)

            def _tell(self, document, status=200):
                content = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                """The tests' own output says enough."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.certificate("127.0.0.1"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def metadata(self):
        return {
            "issuer": self.twist.get("metadata_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def redirect(self, params):
        code = f"code-{len(self.codes)}"
        self.codes[code] = {name: values[0] for name, values in params.items()}
        return f"{params['redirect_uri'][0]}?{urlencode({'code': code, 'state': params['state'][0]})}"

    def token(self, body, authorization):
        params = self.codes.pop(body["code"][0], None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(body["code_verifier"][0].encode()).digest()).rstrip(b"=")
        if params is None or authorization != f"Basic {expected}" or params["code_challenge"] != challenge.decode():
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": params["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in (claims | self.twist.get("claims", {})).items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "expires_in": 300, **self._id_token(claims)}

    def _id_token(self, claims):
        match self.twist.get("signed", "well"):
            case "not at all":
                parts = ({"alg": "none"}, claims)
                plain = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
                return {"id_token": ".".join([*plain, ""])}
            case "by somebody else":
                return {"id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.other_key)}
            case "with what is public":
                shared = OctKey.import_key(self.key.as_pem(private=False))
                return {"id_token": jwt.encode({"alg": "HS256", "kid": "one"}, claims, shared)}
            case "nothing":
                return {}
        return {"id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    provider = Provider(Authority(tmp_path_factory.mktemp("oidc")))
    yield provider
    provider.stop()


@pytest.fixture
def provider(running, settings, db):
    running.claims, running.twist = {"preferred_username": "zhang"}, {}
    settings.ROOT_URLCONF = (
        sso_urls.__name__
    )  # imported before the issuer is set, or every test would have its addresses
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = running.issuer, CLIENT, SECRET
    settings.OIDC_CA_FILE = running.authority.file
    return running


def come_back(client, provider, where="/my-work/"):
    """The address the provider sends the browser back to."""
    started = client.get("/sso/start/", {"next": where})
    assert started.url.startswith(f"{provider.issuer}/authorize?"), started.url
    there = requests.get(started.url, verify=provider.authority.file, allow_redirects=False, timeout=10)
    return there.headers["Location"].removeprefix("http://testserver")


def refusal(client, response):
    assert response.url == "/login/"
    assert client.get("/my-work/").status_code == 302
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_who_has_an_account_is_let_in_and_led_to_the_page_asked_for(client, provider):
    UserFactory(username="zhang")

    response = client.get(come_back(client, provider))

    assert response.url == "/my-work/"
    assert client.get("/my-work/").status_code == 200
    assert not FailedSignIn.objects.exists()


def test_the_question_carries_a_state_a_nonce_and_a_challenge(client, provider):
    params = parse_qs(urlsplit(client.get("/sso/start/").url).query)

    assert params["code_challenge_method"] == ["S256"]
    assert params["redirect_uri"] == ["http://testserver/sso/back/"]
    assert all(len(params[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))


def test_the_sign_in_page_offers_it_as_a_link(client, provider):
    page = client.get("/login/").content.decode()

    assert 'href="/sso/start/"' in page
    assert "form-action 'self'" in client.get("/login/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "twist",
    [
        {"signed": "by somebody else"},
        {"signed": "not at all"},
        {"signed": "with what is public"},
        {"signed": "nothing"},
        {"claims": {"iss": "https://another.example"}},
        {"claims": {"iss": None}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": None}},
        {"claims": {"exp": 1_600_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"nonce": "of another sign-in"}},
        {"claims": {"nonce": None}},
        {"claims": {"preferred_username": None}},
        {"claims": {"preferred_username": ["zhang"]}},
        {"claims": {"preferred_username": ""}},
    ],
    ids=str,
)
def test_an_answer_that_proves_nothing_lets_nobody_in(client, provider, twist):
    UserFactory(username="zhang")
    provider.twist = twist

    response = client.get(come_back(client, provider))

    assert refusal(client, response) == ["统一身份认证没有通过，请重新登录。"]


def test_the_state_belongs_to_one_session_and_counts_once(client, provider):
    UserFactory(username="zhang")
    stolen = come_back(client, provider)
    other = type(client)()

    assert refusal(other, other.get(stolen))
    assert client.get(stolen).url == "/my-work/"
    again = type(client)()
    again.cookies = client.cookies
    assert again.get(stolen).url == "/login/"
    assert refusal(other, other.get("/sso/back/"))
    assert refusal(other, other.get("/sso/back/?error=access_denied&state=x"))


@pytest.mark.parametrize("person", [None, {"is_active": False}, {"username": "Zhang"}])
def test_who_has_no_account_that_is_switched_on_is_not_let_in(client, provider, person):
    if person is not None:
        UserFactory(**({"username": "zhang"} | person))

    response = client.get(come_back(client, provider))

    assert "没有账号" in refusal(client, response)[0]
    assert User.objects.filter(username="zhang").count() == (1 if person == {"is_active": False} else 0)


def test_an_account_is_made_only_where_the_setting_names_a_court(client, provider, settings):
    CourtFactory(slug="kfq")
    settings.OIDC_CREATE_IN_COURT = "kfq"
    provider.claims = {"preferred_username": "zhang", "name": "张伟"}

    client.get(come_back(client, provider))

    person = User.objects.get(username="zhang")
    assert (person.name, person.court.slug, person.has_usable_password(), list(person.groups.all())) == (
        "张伟",
        "kfq",
        False,
        [],
    )
    assert AuditEvent.objects.get().action == "user.added"
    assert client.get("/my-work/").status_code == 200


def test_another_claim_may_carry_the_name(client, provider, settings):
    UserFactory(username="b-0042")
    settings.OIDC_CLAIM = "employee"
    provider.claims = {"employee": "b-0042", "preferred_username": "somebody else"}

    assert client.get(come_back(client, provider)).url == "/my-work/"


def test_a_provider_that_calls_itself_something_else_is_not_asked(client, provider):
    provider.twist = {"metadata_issuer": "https://another.example"}

    assert "暂时无法使用" in refusal(client, client.get("/sso/start/"))[0]


def test_a_certificate_nobody_vouches_for_is_not_believed(client, provider, settings, tmp_path):
    settings.OIDC_CA_FILE = Authority(tmp_path / "another").file

    assert "暂时无法使用" in refusal(client, client.get("/sso/start/"))[0]


def test_a_certificate_that_only_the_strict_check_refuses_is_told_in_a_sentence(
    client, provider, settings, tmp_path, caplog
):
    lax = Provider(Authority(tmp_path / "lax", is_proper=False))
    settings.OIDC_ISSUER, settings.OIDC_CA_FILE = lax.issuer, lax.authority.file
    try:
        problem, check = oidc.certificate_problem(), certificates(CheckContext(is_thorough=True))
        client.get("/sso/start/")
    finally:
        lax.stop()

    assert "RFC 5280" in problem
    assert (check.reason, check.msg) == ("strict", problem)
    assert check.state is (State.BAD if sys.version_info >= (3, 13) else State.WATCH)
    assert ("请本院的证书机构" in caplog.text) is (sys.version_info >= (3, 13))


def test_a_proper_certificate_is_no_problem_nor_is_one_of_somebody_else(provider, settings, tmp_path):
    assert oidc.certificate_problem() == ""
    assert certificates(CheckContext(is_thorough=True)).is_well
    assert certificates(CheckContext()) is None  # a page waits for no other machine

    settings.OIDC_CA_FILE = Authority(tmp_path / "another").file
    assert oidc.certificate_problem() == ""  # refused for another reason, by any version


def test_the_second_factor_is_asked_for_all_the_same(client, provider, settings):
    settings.SECOND_FACTOR = "all"
    UserFactory(username="zhang")

    client.get(come_back(client, provider))

    assert client.get("/my-work/").url.startswith("/login/set-up/")


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example"])
def test_the_way_on_leads_to_no_other_host(client, provider, where):
    UserFactory(username="zhang")

    assert client.get(come_back(client, provider, where)).url == "/"
