"""Tokens, good and bad, for each of the three ways in: what the table of `test_tokens` is made of.

Nothing here signs with a library for tokens: whatever such a library would refuse to make can be made.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from server import auth
from server.auth import Agent, Once
from server.privacy import Policies
from server.settings import TenantSettings
from server.ways import Proxied, SignedUrl

NOW = 1_800_000_000
US = "https://orders.example.com"

SECRET = "the-secret-of-acme-0123456789-abcdef"
NEXT = "the-next-secret-of-acme-0123456789-a"
BIRCH = "the-secret-of-birch-0123456789-abcde"
SESSIONS = (b"the-next-secret-of-all-sessions-0123", b"the-secret-of-all-sessions-012345678")
FOREIGN = "a key that the attacker brought along"

CEDARS_KEY, DUNES_KEY, ATTACKERS_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(3))

Sign = Callable[[bytes], bytes]
Claims = Mapping[str, Any]


def pem(key: rsa.RSAPrivateKey) -> str:
    """The public half, as Zendesk gives it out."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def tenant(name: str, auth: Proxied | SignedUrl) -> TenantSettings:
    """An account that may open sessions."""
    bare = TenantSettings(subdomain=name, auth=auth, policies=Policies(), zendesk=None, stores=())
    return bare.with_sessions(SESSIONS)


def proxied(*secrets: str) -> Proxied:
    """The way through Zendesk's proxy."""
    return Proxied(method="proxied", secrets=tuple(SecretStr(secret) for secret in secrets))


def signed_url(key: rsa.RSAPrivateKey, installation: int) -> SignedUrl:
    """The way by signed URLs."""
    return SignedUrl(method="signed_url", public_key=SecretStr(pem(key)), installation_id=installation)


TENANTS = {
    "acme": tenant("acme", proxied(SECRET, NEXT)),
    "birch": tenant("birch", proxied(BIRCH)),
    "cedar": tenant("cedar", signed_url(CEDARS_KEY, 1)),
    "dune": tenant("dune", signed_url(DUNES_KEY, 1)),
    "elm": tenant("elm", SignedUrl(method="signed_url")),
}


# -- making -----------------------------------------------------------------------------------------------


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def dumps(value: object) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def hs(secret: str | bytes, digest: str = "sha256") -> Sign:
    """Signs as HS256 asks for, or with another digest."""
    key = secret.encode() if isinstance(secret, str) else secret
    return lambda signed: hmac.new(key, signed, digest).digest()


def rs(key: rsa.RSAPrivateKey, digest: HashAlgorithm | None = None, *, pss: bool = False) -> Sign:
    """Signs as RS256 asks for, or with another digest or padding."""
    pad = padding.PSS(padding.MGF1(SHA256()), 32) if pss else padding.PKCS1v15()
    return lambda signed: key.sign(signed, pad, digest or SHA256())


def sealed(header: bytes, claims: bytes, sign: Sign) -> str:
    """A token of exactly these parts."""
    signed = f"{b64(header)}.{b64(claims)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


@dataclass(frozen=True)
class Way:
    """One way in: how a good token for it is made, and what opens."""

    name: str
    header: Claims
    claims: Claims
    sign: Sign
    others: Sign
    """The same of another account."""
    attackers: Sign
    weakly: Sign
    """By the right key, with SHA-1."""
    lifetime: int
    enter: Callable[[str, float], Agent]

    def token(self, changes: Claims | None = None, *, header: Claims | None = None, sign: Sign | None = None) -> str:
        """A good token but for these changes; a claim that is changed to `...` is left out."""
        claims = {name: value for name, value in {**self.claims, **(changes or {})}.items() if value is not ...}
        return sealed(dumps({**self.header, **(header or {})}), dumps(claims), sign or self.sign)

    def raw(self, *, header: bytes | None = None, claims: bytes | None = None) -> str:
        """A token of such bytes, rightly signed."""
        return sealed(header or dumps(self.header), claims or dumps(self.claims), self.sign)


def ask(token: str, now: float = NOW) -> Agent:
    """With a question."""
    return auth.verify(f"Bearer {token}", TENANTS, US, now)


def open_panel(token: str, now: float = NOW) -> Agent:
    """At `/sidebar`, in a process that has not seen the token yet."""
    return auth.start(token, auth.account(token, TENANTS), now, Once(lambda: now))


INSTALLATION = "https://{}.zendesk.com/api/v2/apps/installations/{}.json"
USER = "https://{}.zendesk.com/api/v2/users/{}"

PROXIED = Way(
    name="proxied",
    header={"alg": "HS256", "typ": "JWT"},
    claims={"iss": "acme", "aud": US, "exp": NOW + 60, "iat": NOW},
    sign=hs(SECRET),
    others=hs(BIRCH),
    attackers=hs(FOREIGN),
    weakly=hs(SECRET, "sha1"),
    lifetime=120,
    enter=ask,
)
START = Way(
    name="start",
    header={"alg": "RS256", "typ": "JWT"},
    claims={
        "iss": "cedar.zendesk.com",
        "aud": INSTALLATION.format("cedar", 1),
        "sub": USER.format("cedar", 77),
        "exp": NOW + 60,
        "iat": NOW,
        "nbf": NOW,
        "qsh": "a hash whose making nobody documents",
        "context": {"product": "support", "location": "ticket_sidebar"},
    },
    sign=rs(CEDARS_KEY),
    others=rs(DUNES_KEY),
    attackers=rs(ATTACKERS_KEY),
    weakly=rs(CEDARS_KEY, SHA1()),  # noqa: S303 - which is to be refused
    lifetime=3600,
    enter=open_panel,
)
BEARER = Way(
    name="bearer",
    header={"alg": "HS256", "typ": "orderside-session+jwt"},
    claims={"iss": "cedar", "aud": US, "sub": "77", "exp": NOW + 900, "iat": NOW, "since": NOW},
    sign=hs(TENANTS["cedar"].sessions[0]),
    others=hs(TENANTS["dune"].sessions[0]),
    attackers=hs(FOREIGN),
    weakly=hs(TENANTS["cedar"].sessions[0], "sha1"),
    lifetime=900,
    enter=ask,
)
WAYS = (PROXIED, START, BEARER)


# -- bad ones ---------------------------------------------------------------------------------------------

Rows = Iterator[tuple[str, str, str]]
"""What is wrong, the token, the code of its refusal."""

MALFORMED, SIGNATURE, ALGORITHM = "token_malformed", "token_signature", "token_algorithm"

NAMES: list[object] = ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS384", "RS512", "ES256", "PS256",
                       "EdDSA", "hs256", "rs256", "HS256 ", "RS256 ", None, 256, ["HS256"], ["RS256"],
                       {"alg": "HS256"}]  # fmt: skip


def shapes(way: Way) -> Rows:
    """What is no token at all, however well signed."""
    good = way.token()
    head, body, mark = good.split(".")
    claims = dumps(way.claims)
    spare = chr(ord(mark[-1]) + 1)  # the last letter's low bits are spare: another spelling of the same signature
    no_tokens = {
        "a word": "hello",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.x",
        "five parts, as an encrypted one": f"{head}..{body}.{mark}.x",
        "no header": f".{body}.{mark}",
        "no claims": f"{head}..{mark}",
        "kept padding": f"{head}=.{body}.{mark}",
        "kept padding of the claims": f"{head}.{body}=.{mark}",
        "kept padding of the signature": f"{good}=",
        "another spelling of the signature": f"{head}.{body}.{mark[:-1]}{spare}",
        "the other alphabet": f"{head}.{body}+/.{mark}",
        "a letter that makes no byte": f"{head}.{body}A.{mark}" if len(body) % 4 == 0 else f"{head}A.{body}.{mark}A",
        "a line end": f"{good}\n",
        "a blank": f" {good}",
        "a NUL": f"{head}.{body}\0.{mark}",
        "a letter that only looks like it": f"{head}.{body}.{mark[:-1]}а",
        "header is no JSON": way.raw(header=b"{alg:HS256}"),
        "header is a list": way.raw(header=dumps([way.header["alg"]])),
        "header is a number": way.raw(header=b"1"),
        "header is not UTF-8": way.raw(header=dumps(way.header)[:-1] + b',"x":"\xff"}'),
        "header in UTF-16": way.raw(header=json.dumps(way.header).encode("utf-16")),
        "header with a byte order mark": way.raw(header=b"\xef\xbb\xbf" + dumps(way.header)),
        "claims are no JSON": way.raw(claims=b"iss=acme"),
        "claims are a list": way.raw(claims=dumps([way.claims])),
        "claims are a text": way.raw(claims=dumps("acme")),
        "claims in UTF-32": way.raw(claims=json.dumps(way.claims).encode("utf-32")),
        "claims are nested without end": way.raw(claims=b'{"a":' + b"[" * 2900),
        "a number of 5,000 digits": way.raw(claims=claims[:-1] + b',"x":' + b"9" * 5000 + b"}"),
        "iss twice": way.raw(claims=claims[:-1] + b',"iss":"birch"}'),
        "iss twice, the same": way.raw(claims=claims[:-1] + b',"iss":' + dumps(way.claims["iss"]) + b"}"),
        "exp twice": way.raw(claims=b'{"exp":1,' + claims[1:]),
        "a name twice, further in": way.raw(claims=claims[:-1] + b',"x":{"a":1,"a":2}}'),
        "alg twice": way.raw(header=b'{"alg":"none",' + dumps(way.header)[1:]),
        "crit": way.token(header={"crit": ["exp"], "exp": NOW}),
        "crit that is unknown": way.token(header={"crit": ["bork"], "bork": 1}),
        "crit that is empty": way.token(header={"crit": []}),
        "b64: false": way.token(header={"b64": False, "crit": ["b64"]}),
        "b64: false, without crit": way.token(header={"b64": False}),
    }
    yield from ((name, token, MALFORMED) for name, token in no_tokens.items())
    yield "8 kB", way.token({"fill": "x" * 8192}), "token_too_large"
    yield "1 MB", f"{head}.{'A' * 1_000_000}.{mark}", "token_too_large"


def signatures(way: Way) -> Rows:
    """What is not signed for the account that it names."""
    good = way.token()
    head, body, mark = good.split(".")
    brought = {"kty": "RSA", "n": b64(b"n" * 256), "e": "AQAB", "k": b64(FOREIGN.encode()), "alg": way.header["alg"]}
    unsigned = {
        "jwt_tool n: no signature": f"{head}.{body}.",
        "half a signature": f"{head}.{body}.{mark[: len(mark) // 8 * 4]}",
        "a signature of nought": f"{head}.{body}.{b64(bytes(len(mark) * 3 // 4))}",
        "a signature and a byte": f"{head}.{body}.{b64(base64.urlsafe_b64decode(mark + '==') + b'x')}",
        "a byte before the signature": f"{head}.{body}.{b64(bytes(1) + base64.urlsafe_b64decode(mark + '=='))}",
        "a letter too many": f"{good}A",
        "the attacker's key": way.token(sign=way.attackers),
        "another account's key": way.token(sign=way.others),
        "claims changed": f"{head}.{b64(dumps({**way.claims, 'exp': NOW + 61}))}.{mark}",
        "header changed": f"{b64(dumps({**way.header, 'x': 1}))}.{body}.{mark}",
        "another token's signature": f"{head}.{body}.{way.token({'x': 1}).split('.')[2]}",
        "jwt_tool i: its own inline key": way.token(header={"jwk": brought}, sign=way.attackers),
        "jwt_tool s: a key elsewhere": way.token(header={"jku": "https://evil.example/jwks"}, sign=way.attackers),
        "a certificate elsewhere": way.token(header={"x5u": "https://evil.example/"}, sign=way.attackers),
        "a certificate brought along": way.token(header={"x5c": [b64(b"x" * 300)]}, sign=way.attackers),
        "a key of another name": way.token(header={"kid": "dune"}, sign=way.others),
        "jwt_tool b: a blank password": way.token(sign=hs("")),
        "a password of blanks": way.token(sign=hs(" ")),
        "a NUL as password": way.token(sign=hs("\0")),
        "the empty file that kid names": way.token(header={"kid": "../../../../dev/null"}, sign=hs("")),
        "what kid says": way.token(header={"kid": "' UNION SELECT 'x"}, sign=hs("x")),
        "the account's name as password": way.token(sign=hs("acme")),
        "our address as password": way.token(sign=hs(US)),
        "SHA-1": way.token(sign=way.weakly),
        "no hash at all": way.token(sign=lambda signed: hashlib.sha256(signed).digest()),
    }
    yield from ((name, token, SIGNATURE) for name, token in unsigned.items())


def algorithms(way: Way) -> Rows:
    """The token does not choose how it is checked."""
    for name in NAMES:
        whole = way.token(header={"alg": name})
        yield f"alg {name!r}", whole, ALGORITHM
        yield f"jwt_tool a: alg {name!r}, no signature", whole.rpartition(".")[0] + ".", ALGORITHM
    yield "no alg", way.raw(header=dumps({"typ": way.header["typ"]})), ALGORITHM


def texts(way: Way) -> Rows:
    """`iss` and `aud` are exactly what they should be."""
    iss, aud = way.claims["iss"], way.claims["aud"]
    for name in ("iss", "aud") if way is not START else ("iss", "aud", "sub"):
        yield f"{name} missing", way.token({name: ...}), "token_claim_missing"
        yield f"{name} null", way.token({name: None}), "token_claim_missing" if name != "sub" else MALFORMED
        for value in (1, True, ["acme", iss], [way.claims[name]], {"is": way.claims[name]}):
            yield f"{name} {value!r}", way.token({name: value}), "token_claim_type" if name != "sub" else MALFORMED
    for text in ("", "nobody", iss.upper(), f"{iss} ", f" {iss}", f"{iss}.", f"{iss}.evil.example", f"evil-{iss}",
                  f"https://{iss}", f"{iss}/", f"{iss}\0", "acme.zendesk.com.zendesk.com", ".zendesk.com", "\ud800",
                  "аcme", "nobody.zendesk.com", "__proto__", "*", "acme.zendesk.com@evil.example"):  # fmt: skip
        yield f"iss {text!r}", way.token({"iss": text}), "token_issuer"
    for text in ("", "https://orders.example.net", f"{aud}/", aud.upper(), f"{aud}.evil.example", aud[:-1], f"{aud} ",
                  f"{aud}#", f"{aud}?", aud.replace("https", "http"), "*", INSTALLATION.format("cedar", 2),
                  INSTALLATION.format("dune", 1), INSTALLATION.format("cedar", "01"), US.removeprefix("https://"),
                  INSTALLATION.format("cedar", "1.json/../2")):  # fmt: skip
        yield f"aud {text!r}", way.token({"aud": text}), "token_audience"


def times(way: Way) -> Rows:
    """`exp` is demanded, and all three are numbers of seconds around now."""
    yield "exp missing", way.token({"exp": ...}), "token_claim_missing"
    yield "exp null", way.token({"exp": None}), "token_claim_missing"
    odd: list[object] = [str(NOW), "", True, [NOW + 60], {"s": NOW}, float("nan"), float("inf"), -float("inf"), 10**400,
                         NOW * 1000]  # fmt: skip
    for name in ("exp", "iat", "nbf"):
        for value in odd:
            yield f"{name} {str(value)[:20]!r} {type(value).__name__}", way.token({name: value}), "token_claim_type"
    for value in (NOW - 30, NOW - 3600, 60, 0, -NOW):
        yield f"exp {value - NOW} s from now", way.token({"exp": value, "iat": value - 60}), "token_expired"
    too_late = NOW + way.lifetime + 1
    for value in (too_late, NOW + 86_400, NOW + 31_536_000, 10**11):
        yield f"exp {value - NOW} s from now", way.token({"exp": value}), "token_lifetime"
    yield "iat long ago", way.token({"iat": NOW - way.lifetime, "exp": NOW + 1}), "token_lifetime"
    yield "iat nought", way.token({"iat": 0}), "token_lifetime"
    for value in (NOW + 31, NOW + 31_536_000):
        ahead = way.token({"iat": value, "exp": value + 60})
        yield f"iat {value - NOW} s from now", ahead, "token_not_yet_valid"
        yield f"nbf {value - NOW} s from now", way.token({"nbf": value}), "token_not_yet_valid"


def confusions() -> Iterator[tuple[Way, str, str, str]]:
    """Good for one way or account, tried at another. Where two ways differ by the algorithm alone, that too."""
    hs256 = {"alg": "HS256", "typ": "JWT"}
    yield START, "a proxied token", PROXIED.token(), "token_issuer"
    yield START, "a proxied token for a host", PROXIED.token({"iss": "acme.zendesk.com"}), "token_method"
    yield START, "a proxied account's start", START.token({"iss": "acme.zendesk.com"}), "token_method"
    yield START, "an account without a key yet", START.token({"iss": "elm.zendesk.com"}), "token_setup"
    yield START, "our bearer", BEARER.token(), "token_issuer"
    yield START, "our bearer for a host", BEARER.token({**START.claims}), ALGORITHM
    yield START, "a start by a secret", START.token(header=hs256, sign=hs(SECRET)), ALGORITHM
    for name, secret in KNOWN_TO_ALL.items():
        confused = START.token(header=hs256, sign=hs(secret))
        yield START, f"jwt_tool k: HS256 with {name}", confused, ALGORITHM
        yield START, f"jwt_tool k: called RS256, with {name}", START.token(sign=hs(secret)), SIGNATURE
        yield BEARER, f"jwt_tool k: {name}", BEARER.token(sign=hs(secret)), SIGNATURE
        yield PROXIED, f"jwt_tool k: {name}", PROXIED.token(sign=hs(secret)), SIGNATURE
    yield START, "PSS", START.token(sign=rs(CEDARS_KEY, pss=True)), SIGNATURE
    yield START, "PSS, called so", START.token(header={"alg": "PS256"}, sign=rs(CEDARS_KEY, pss=True)), ALGORITHM
    for name in ("RS384", "RS512", "ES256", "HS256"):
        yield START, f"{name} by the right key", START.token(header={"alg": name}), ALGORITHM

    yield BEARER, "a start token", START.token(), "token_issuer"
    yield BEARER, "a start token that names a tenant", START.token({"iss": "cedar", "aud": US}), ALGORITHM
    yield BEARER, "a start token called HS256", START.token({"iss": "cedar"}, header=hs256), SIGNATURE
    yield BEARER, "a proxied token that names it", PROXIED.token({"iss": "cedar"}), SIGNATURE
    yield BEARER, "the same, typed as ours", PROXIED.token({**BEARER.claims}, header=BEARER.header), SIGNATURE
    yield BEARER, "of another account", BEARER.token(sign=BEARER.others), SIGNATURE
    yield BEARER, "another account's, renamed", BEARER.token({"iss": "dune"}), SIGNATURE
    yield BEARER, "an account without a key yet", BEARER.token({"iss": "elm"}), SIGNATURE
    yield BEARER, "a proxied account's", BEARER.token({"iss": "acme"}), SIGNATURE
    moved = tenant("cedar", signed_url(CEDARS_KEY, 2)).sessions[0]
    yield BEARER, "of another installation", BEARER.token(sign=hs(moved)), SIGNATURE
    yield BEARER, "by the secret of all sessions itself", BEARER.token(sign=hs(SESSIONS[0])), SIGNATURE
    for typ in ("JWT", "", None, "orderside-session+JWT", "application/orderside-session+jwt", ["JWT"]):
        yield BEARER, f"typ {typ!r}", BEARER.token(header={"typ": typ}), "token_type"
    yield BEARER, "no typ", BEARER.raw(header=b'{"alg":"HS256"}'), "token_type"
    yield BEARER, "nobody's", BEARER.token({"sub": ...}), "token_claim_missing"
    yield BEARER, "a number's", BEARER.token({"sub": 77}), MALFORMED
    yield BEARER, "without its beginning", BEARER.token({"since": ...}), "token_claim_missing"
    yield BEARER, "with an odd beginning", BEARER.token({"since": "today"}), "token_claim_type"

    yield PROXIED, "a start token", START.token({"iss": "acme"}), ALGORITHM
    yield PROXIED, "a start token called HS256", START.token({"iss": "acme", "aud": US}, header=hs256), SIGNATURE
    yield PROXIED, "a bearer", BEARER.token({"iss": "acme"}), SIGNATURE
    for digest in ("sha384", "sha512"):
        stronger = {"alg": digest.replace("sha", "HS")}
        yield PROXIED, f"{digest}, called so", PROXIED.token(header=stronger, sign=hs(SECRET, digest)), ALGORITHM
    yield PROXIED, "of another account", PROXIED.token({"iss": "birch"}), SIGNATURE


KNOWN_TO_ALL: Mapping[str, str | bytes] = {
    "the public key": pem(CEDARS_KEY),
    "the public key, stripped": pem(CEDARS_KEY).strip(),
    "the public key's DER": CEDARS_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "the public key, PKCS #1": CEDARS_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    "its modulus": CEDARS_KEY.public_key().public_numbers().n.to_bytes(256, "big"),
}


def starts() -> Rows:
    """What Zendesk's start token must say besides."""
    contexts: list[object] = [..., None, "support", [], {}, {"product": "support"}, {"location": "ticket_sidebar"},
                              {"product": "chat", "location": "ticket_sidebar"},
                              {"product": "support", "location": "nav_bar"},
                              {"product": "support", "location": ["ticket_sidebar"]},
                              {"product": ["support"], "location": "ticket_sidebar"},
                              {"product": "support", "location": "ticket_sidebar "},
                              {"product": "Support", "location": "ticket_sidebar"}]  # fmt: skip
    for context in contexts:
        yield f"context {context!r}", START.token({"context": context}), "token_context"
    for sub in ("", "77", "agent@cedar.example", USER.format("dune", 77), USER.format("cedar", ""),
                USER.format("cedar", 0), USER.format("cedar", -1), USER.format("cedar", "077"),
                USER.format("cedar", "7x"),
                USER.format("cedar", "77.json"), USER.format("cedar", "77/"), USER.format("cedar", "../users/77"),
                USER.format("cedar", "٧٧"), USER.format("cedar", "77\n"), USER.format("cedar", "9" * 20),
                USER.format("cedar", 77).replace("https", "http"), USER.format("evil.example/cedar", 77),
                INSTALLATION.format("cedar", 1)):  # fmt: skip
        yield f"sub {sub!r}", START.token({"sub": sub}), "token_subject"
    yield "iat missing", START.token({"iat": ...}), "token_claim_missing"
    yield "iat null", START.token({"iat": None}), "token_claim_missing"
    old = {"iat": NOW - 330, "nbf": NOW - 330, "exp": NOW + 60}
    yield "older than a start may be", START.token(old), "token_expired"
