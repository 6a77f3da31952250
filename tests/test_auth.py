"""The table of tokens: exactly the good ones open the door, and every other is a 401 that says what it lacks.

Rows are what RFC 8725 (BCP 225) warns of, what jwt_tool tries (`none`, null signature, blank password, inline and
spoofed key sets, key confusion), and what PyJWT accepts by itself and we must not.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from server.auth import Agent, verify
from server.errors import TokenError
from server.privacy import Policies
from server.settings import Proxied, SignedUrl, TenantSettings

NOW = 1_800_000_000
US = "https://orders.example.com"
SECRET = "the-secret-of-acme-0123456789-abcdef"
NEXT = "the-next-secret-of-acme-0123456789-a"
BIRCH = "the-secret-of-birch-0123456789-abcde"
HEADER = {"alg": "HS256", "typ": "JWT"}
CLAIMS: Mapping[str, Any] = {"iss": "acme", "aud": US, "exp": NOW + 60, "iat": NOW}
PEM = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n-----END PUBLIC KEY-----"


def tenant(name: str, auth: Proxied | SignedUrl) -> TenantSettings:
    return TenantSettings(subdomain=name, auth=auth, policies=Policies(), zendesk=None, stores=())


def proxied(*secrets: str) -> Proxied:
    return Proxied(method="proxied", secrets=tuple(SecretStr(secret) for secret in secrets))


TENANTS = {
    "acme": tenant("acme", proxied(SECRET, NEXT)),
    "birch": tenant("birch", proxied(BIRCH)),
    "cedar": tenant("cedar", SignedUrl(method="signed_url", public_key=SecretStr(PEM), installation_id=1)),
}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def dumps(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def sealed(header: bytes, claims: bytes, secret: str = SECRET, digest: str = "sha256") -> str:
    """A token of exactly these parts, signed as HS256 (or another digest) asks for."""
    signed = f"{b64(header)}.{b64(claims)}"
    return f"{signed}.{b64(hmac.new(secret.encode(), signed.encode(), digest).digest())}"


def token(changes: Mapping[str, Any] | None = None, *, secret: str = SECRET, header: Mapping[str, Any] = HEADER) -> str:
    """A good token but for these changes; a claim that is changed to `...` is left out."""
    claims = {name: value for name, value in {**CLAIMS, **(changes or {})}.items() if value is not ...}
    return sealed(dumps(header), dumps(claims), secret)


def open_with(bearer: str, now: float = NOW) -> Agent:
    return verify(f"Bearer {bearer}", TENANTS, US, now)


def code(header: str | None, now: float = NOW) -> str:
    with pytest.raises(TokenError) as caught:
        verify(header, TENANTS, US, now)
    assert caught.value.status == 401
    assert SECRET not in str(caught.value)
    return caught.value.code


# -- what opens -------------------------------------------------------------------------------------------

GOOD = {
    "as the app asks for it": token(),
    "another account": token({"iss": "birch"}, secret=BIRCH),
    "the next secret, while rotating": token(secret=NEXT),
    "without iat": token({"iat": ...}),
    "with nbf": token({"nbf": NOW}),
    "at the longest": token({"exp": NOW + 120}),
    "without iat, at the longest": token({"iat": ..., "exp": NOW + 120}),
    "our clock is fast": token({"iat": NOW - 80, "exp": NOW - 29}),
    "our clock is slow": token({"iat": NOW + 30, "nbf": NOW + 30, "exp": NOW + 90}),
    "with fractions of a second": token({"iat": NOW + 0.25, "exp": NOW + 60.25}),
    "without typ": token(header={"alg": "HS256"}),
    "with a kid that nobody reads": token(header={**HEADER, "kid": "../../../../dev/null"}),
}


@pytest.mark.parametrize("bearer", GOOD.values(), ids=GOOD)
def test_a_good_token_opens(bearer: str) -> None:
    agent = open_with(bearer)
    assert agent.how == "proxied"
    assert agent.tenant in {"acme", "birch"}


def test_the_scheme_is_written_in_any_case() -> None:
    """RFC 9110 §11.1: an authentication scheme is compared case-insensitively."""
    assert verify(f"bearer {token()}", TENANTS, US, NOW) == Agent("acme", "proxied")


FORGED: list[Mapping[str, Any]] = [
    {"role": "admin"},
    {"email": "boss@acme.example", "email_verified": True},
    {"sub": "https://acme.zendesk.com/api/v2/users/1"},
    {"user": 1, "user_id": 1, "tenant": "birch", "installation_id": 7, "scope": "reveal search"},
    {"context": {"product": "support", "role": "admin"}},
    {"jti": "once", "qsh": "x"},
]


@pytest.mark.parametrize("claims", FORGED)
def test_no_claim_authorises(claims: Mapping[str, Any]) -> None:
    """Zendesk signs whatever browser code hands it, so a claim is worth what the browser is worth: nothing."""
    assert open_with(token(claims)) == Agent(tenant="acme", how="proxied", user=None)


# -- what does not ----------------------------------------------------------------------------------------

HEADERS: dict[str, tuple[str | None, str]] = {
    "no header": (None, "token_missing"),
    "empty": ("", "token_missing"),
    "no scheme": (token(), "token_missing"),
    "another scheme": (f"Basic {token()}", "token_missing"),
    "nothing behind it": ("Bearer ", "token_missing"),
    "two blanks": (f"Bearer  {token()}", "token_malformed"),
    "a line end": (f"Bearer {token()}\n", "token_malformed"),
    "a blank behind it": (f"Bearer {token()} ", "token_malformed"),
    "two tokens": (f"Bearer {token()}, Bearer {token()}", "token_malformed"),
    "8 kB": (f"Bearer {token({'fill': 'x' * 8192})}", "token_too_large"),
    "1 MB": (f"Bearer {'x' * 1_000_000}", "token_too_large"),
}


@pytest.mark.parametrize(("header", "expected"), HEADERS.values(), ids=HEADERS)
def test_a_header_without_a_token(header: str | None, expected: str) -> None:
    assert code(header) == expected


HEAD, BODY, MAC = token().split(".")
NOT_A_TOKEN = {
    "a word": "hello",
    "two parts": f"{HEAD}.{BODY}",
    "four parts": f"{HEAD}.{BODY}.{MAC}.x",
    "five parts, as an encrypted one": f"{HEAD}..{BODY}.{MAC}.x",
    "no header": f".{BODY}.{MAC}",
    "no claims": f"{HEAD}..{MAC}",
    "padding": f"{HEAD}=.{BODY}.{MAC}",
    "padding of the signature": f"{token()}=",
    "the other alphabet": f"{HEAD}.{BODY}+/.{MAC}",
    "a NUL": f"{HEAD}.{BODY}\0.{MAC}",
    "letters that only look like it": f"{HEAD}.{BODY}.{MAC[:-1]}а",
    "header is no JSON": sealed(b"{alg:HS256}", dumps(CLAIMS)),
    "header is a list": sealed(b'["HS256"]', dumps(CLAIMS)),
    "header is not UTF-8": sealed(b'{"alg":"HS256","x":"\xff"}', dumps(CLAIMS)),
    "claims are no JSON": sealed(dumps(HEADER), b"iss=acme"),
    "claims are a list": sealed(dumps(HEADER), dumps([CLAIMS])),
    "claims are a text": sealed(dumps(HEADER), dumps("acme")),
    "claims are nested without end": sealed(dumps(HEADER), b'{"a":' + b"[" * 2900),
    "a number of 5,000 digits": sealed(dumps(HEADER), b'{"iss":"acme","exp":' + b"9" * 5000 + b"}"),
    "iss twice": sealed(dumps(HEADER), dumps(CLAIMS)[:-1] + b',"iss":"birch"}'),
    "exp twice": sealed(dumps(HEADER), b'{"exp":1,' + dumps(CLAIMS)[1:]),
    "a name twice, further in": sealed(dumps(HEADER), dumps(CLAIMS)[:-1] + b',"x":{"a":1,"a":2}}'),
    "alg twice": sealed(b'{"alg":"none","alg":"HS256"}', dumps(CLAIMS)),
    "crit": token(header={**HEADER, "crit": ["exp"], "exp": NOW}),
    "crit that is unknown": token(header={**HEADER, "crit": ["bork"], "bork": 1}),
    "crit that is empty": token(header={**HEADER, "crit": []}),
    "b64: false": token(header={**HEADER, "b64": False, "crit": ["b64"]}),
    "b64: false, without crit": token(header={**HEADER, "b64": False}),
}


@pytest.mark.parametrize("bearer", NOT_A_TOKEN.values(), ids=NOT_A_TOKEN)
def test_what_is_no_token(bearer: str) -> None:
    assert code(f"Bearer {bearer}") == "token_malformed"


JWK = {"kty": "oct", "k": b64(b"a key that the attacker brought along"), "alg": "HS256"}
FOREIGN = "a key that the attacker brought along"
NOT_SIGNED = {
    "no signature": f"{HEAD}.{BODY}.",
    "half a signature": f"{HEAD}.{BODY}.{MAC[:20]}",
    "a signature of nought": f"{HEAD}.{BODY}.{b64(bytes(32))}",
    "another secret": token(secret="the-secret-of-nobody-0123456789-abcd"),
    "an empty secret": token(secret=""),
    "a secret of blanks": token(secret=" "),
    "another account's secret": token(secret=BIRCH),
    "claims changed": f"{HEAD}.{b64(dumps({**CLAIMS, 'exp': NOW + 61}))}.{MAC}",
    "another token's signature": f"{HEAD}.{BODY}.{token({'x': 1}).split('.')[2]}",
    "signed with its own inline key": token(secret=FOREIGN, header={**HEADER, "jwk": JWK}),
    "signed with a key elsewhere": token(secret=FOREIGN, header={**HEADER, "jku": "https://evil.example/jwks.json"}),
    "signed with a certificate elsewhere": token(secret=FOREIGN, header={**HEADER, "x5u": "https://evil.example/"}),
    "signed with the empty file that kid names": token(secret="", header={**HEADER, "kid": "../../dev/null"}),
    "signed with what kid says": token(secret="x", header={**HEADER, "kid": "' UNION SELECT 'x"}),
    "SHA-1": sealed(dumps(HEADER), dumps(CLAIMS), digest="sha1"),
}


@pytest.mark.parametrize("bearer", NOT_SIGNED.values(), ids=NOT_SIGNED)
def test_what_is_not_signed_with_the_accounts_secret(bearer: str) -> None:
    assert code(f"Bearer {bearer}") == "token_signature"


ALGORITHMS = ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256",
              "HS256 ", None, 256, ["HS256"], {"alg": "HS256"}]  # fmt: skip


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("signature", ["", "good"])
def test_the_token_does_not_choose_how_it_is_checked(name: object, signature: str) -> None:
    whole = token(header={"alg": name, "typ": "JWT"})
    assert code(f"Bearer {whole if signature else whole.rpartition('.')[0] + '.'}") == "token_algorithm"


@pytest.mark.parametrize(("name", "digest"), [("HS384", "sha384"), ("HS512", "sha512")])
def test_a_stronger_digest_is_another_algorithm_all_the_same(name: str, digest: str) -> None:
    assert code(f"Bearer {sealed(dumps({'alg': name}), dumps(CLAIMS), digest=digest)}") == "token_algorithm"


def test_no_algorithm_at_all() -> None:
    assert code(f"Bearer {token(header={'typ': 'JWT'})}") == "token_algorithm"


def test_an_account_with_signed_urls_has_no_shared_secret() -> None:
    """Key confusion: HS256 with the public key, which everybody may know, as the secret."""
    for header in (HEADER, {"alg": "RS256"}):
        assert code(f"Bearer {token({'iss': 'cedar'}, secret=PEM, header=header)}") == "token_method"


CLAIM_ROWS: dict[str, tuple[Mapping[str, Any], str]] = {
    "iss missing": ({"iss": ...}, "token_claim_missing"),
    "iss null": ({"iss": None}, "token_claim_missing"),
    "iss a list": ({"iss": ["acme"]}, "token_claim_type"),
    "iss a number": ({"iss": 1}, "token_claim_type"),
    "iss unknown": ({"iss": "nobody"}, "token_issuer"),
    "iss empty": ({"iss": ""}, "token_issuer"),
    "iss in capitals": ({"iss": "ACME"}, "token_issuer"),
    "iss with a blank": ({"iss": "acme "}, "token_issuer"),
    "iss as a host": ({"iss": "acme.zendesk.com"}, "token_issuer"),
    "iss half a character": ({"iss": "\ud800"}, "token_issuer"),
    "iss of another account": ({"iss": "birch"}, "token_signature"),
    "aud missing": ({"aud": ...}, "token_claim_missing"),
    "aud a list with ours": ({"aud": [US]}, "token_claim_type"),
    "aud other": ({"aud": "https://orders.example.net"}, "token_audience"),
    "aud with a slash": ({"aud": f"{US}/"}, "token_audience"),
    "aud in capitals": ({"aud": US.upper()}, "token_audience"),
    "aud longer": ({"aud": f"{US}.evil.example"}, "token_audience"),
    "aud shorter": ({"aud": US[:-1]}, "token_audience"),
    "exp missing": ({"exp": ...}, "token_claim_missing"),
    "exp null": ({"exp": None}, "token_claim_missing"),
    "exp a text": ({"exp": str(NOW + 60)}, "token_claim_type"),
    "exp true": ({"exp": True}, "token_claim_type"),
    "exp a list": ({"exp": [NOW + 60]}, "token_claim_type"),
    "exp NaN": ({"exp": float("nan")}, "token_claim_type"),
    "exp Infinity": ({"exp": float("inf")}, "token_claim_type"),
    "exp beyond all counting": ({"exp": 10**400}, "token_claim_type"),
    "exp past": ({"exp": NOW - 30}, "token_expired"),
    "exp long past": ({"iat": 0, "exp": 60}, "token_expired"),
    "exp nought": ({"exp": 0}, "token_expired"),
    "exp negative": ({"exp": -NOW}, "token_expired"),
    "exp in milliseconds": ({"exp": (NOW + 60) * 1000}, "token_claim_type"),
    "exp a second too late": ({"exp": NOW + 121}, "token_lifetime"),
    "exp in a year": ({"exp": NOW + 31_536_000}, "token_lifetime"),
    "exp in a year, without iat": ({"iat": ..., "exp": NOW + 31_536_000}, "token_lifetime"),
    "exp a second too late, without iat": ({"iat": ..., "exp": NOW + 121}, "token_lifetime"),
    "iat long ago": ({"iat": NOW - 3600}, "token_lifetime"),
    "iat nought": ({"iat": 0}, "token_lifetime"),
    "iat in the future": ({"iat": NOW + 31}, "token_not_yet_valid"),
    "iat in a year, exp right behind": ({"iat": NOW + 31_536_000, "exp": NOW + 31_536_060}, "token_not_yet_valid"),
    "iat a text": ({"iat": str(NOW)}, "token_claim_type"),
    "iat true": ({"iat": True}, "token_claim_type"),
    "iat NaN": ({"iat": float("nan")}, "token_claim_type"),
    "nbf in the future": ({"nbf": NOW + 31}, "token_not_yet_valid"),
    "nbf a text": ({"nbf": "0"}, "token_claim_type"),
}


@pytest.mark.parametrize(("changes", "expected"), CLAIM_ROWS.values(), ids=CLAIM_ROWS)
def test_a_claim_that_does_not_hold(changes: Mapping[str, Any], expected: str) -> None:
    assert code(f"Bearer {token(changes)}") == expected


def test_a_token_ends() -> None:
    bearer = token()
    assert open_with(bearer, NOW + 89).tenant == "acme"
    assert code(f"Bearer {bearer}", NOW + 90) == "token_expired"
    assert code(f"Bearer {bearer}", NOW - 31) == "token_not_yet_valid"


def test_a_secret_that_was_taken_out_opens_nothing() -> None:
    after = {"acme": tenant("acme", proxied(NEXT))}
    assert verify(f"Bearer {token(secret=NEXT)}", after, US, NOW).tenant == "acme"
    with pytest.raises(TokenError):
        verify(f"Bearer {token(secret=SECRET)}", after, US, NOW)


def test_what_is_expired_and_what_is_forged_look_the_same_without_the_secret() -> None:
    """Nothing about time or audience is judged before the signature is."""
    for changes in ({"exp": 0}, {"aud": "x"}, {"exp": ...}, {"nbf": NOW + 900}):
        assert code(f"Bearer {token(changes, secret=BIRCH)}") == "token_signature"


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))))
def test_any_text_at_all_is_a_401(text: str) -> None:
    assert code(text).startswith("token_")
    assert code(f"Bearer {text}").startswith("token_")


@given(st.integers(0, len(token()) - 1), st.characters(codec="ascii"))
def test_one_other_character_and_the_door_stays_shut(at: int, character: str) -> None:
    good = token()
    bad = good[:at] + character + good[at + 1 :]
    try:
        mac = base64.urlsafe_b64decode(bad.rpartition(".")[2] + "==")
    except ValueError:
        mac = b""
    if bad.rpartition(".")[0] == f"{HEAD}.{BODY}" and mac == base64.urlsafe_b64decode(f"{MAC}=="):
        return  # the last character of base64 has bits to spare: another spelling of the same signature
    assert code(f"Bearer {bad}").startswith("token_")


def test_the_signature_here_is_the_one_of_the_standard() -> None:
    """RFC 7515 A.1, so that the tokens of this file are signed as Zendesk signs them."""
    signed = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    assert b64(mac) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
