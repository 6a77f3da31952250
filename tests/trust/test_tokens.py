"""The table of tokens: exactly the good ones open something, and every other is a 401 that says what it lacks.

Rows are what BCP 225 (RFC 8725) warns of, what jwt_tool tries (its six exploits are named), what PyJWT accepts by
itself and we must not, and every token that is good for one way, account or installation at all others.
"""

import base64
import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import auth
from server.auth import Agent, Once
from server.errors import RequestError, TokenError
from tests.trust.tokens import (
    BEARER,
    BIRCH,
    CEDARS_KEY,
    DUNES_KEY,
    INSTALLATION,
    NEXT,
    NOW,
    PROXIED,
    SECRET,
    START,
    TENANTS,
    US,
    USER,
    WAYS,
    Claims,
    Way,
    algorithms,
    ask,
    confusions,
    hs,
    open_panel,
    proxied,
    rs,
    shapes,
    signatures,
    signed_url,
    starts,
    tenant,
    texts,
    times,
)

BAD: dict[str, tuple[Way, str, str]] = {
    f"{way.name}: {name}": (way, token, code)
    for way, name, token, code in itertools.chain(
        ((way, *row) for way in WAYS for rows in (shapes, signatures, algorithms, texts, times) for row in rows(way)),
        ((START, *row) for row in starts()),
        confusions(),
    )
}

BAD_TOKENS = {token for _, token, _ in BAD.values()} - {way.token() for way in WAYS}
"""Without those that are good where they belong."""

each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)


def code(way: Way, token: str, now: float = NOW) -> str:
    """The code by which this token is refused; that it is refused is certain then."""
    with pytest.raises(TokenError) as caught:
        way.enter(token, now)
    assert caught.value.status == 401
    assert not {SECRET, NEXT, BIRCH} & {*str(caught.value).split()}
    return caught.value.code


# -- what opens -------------------------------------------------------------------------------------------

PERSON = Agent("cedar", "signed_url", "77", since=NOW)
GOOD: dict[str, tuple[Way, str, Agent]] = {
    "proxied": (PROXIED, PROXIED.token(), Agent("acme", "proxied")),
    "start": (START, START.token(), PERSON),
    "bearer": (BEARER, BEARER.token(), PERSON),
    "proxied: another account": (PROXIED, PROXIED.token({"iss": "birch"}, sign=hs(BIRCH)), Agent("birch", "proxied")),
    "proxied: the next secret, while rotating": (PROXIED, PROXIED.token(sign=hs(NEXT)), Agent("acme", "proxied")),
    "proxied: without iat": (PROXIED, PROXIED.token({"iat": ...}), Agent("acme", "proxied")),
    "proxied: without iat, at the longest": (
        PROXIED,
        PROXIED.token({"iat": ..., "exp": NOW + 120}),
        Agent("acme", "proxied"),
    ),
    "proxied: with a kid that nobody reads": (
        PROXIED,
        PROXIED.token(header={"kid": "../../../../dev/null"}),
        Agent("acme", "proxied"),
    ),
    "start: another account": (
        START,
        START.token(
            {"iss": "dune.zendesk.com", "aud": INSTALLATION.format("dune", 1), "sub": USER.format("dune", 5)},
            sign=rs(DUNES_KEY),
        ),
        Agent("dune", "signed_url", "5", since=NOW),
    ),
    "start: beside a new ticket": (
        START,
        START.token({"context": {"product": "support", "location": "new_ticket_sidebar", "more": 1}}),
        PERSON,
    ),
    "start: without qsh, nbf and typ": (START, START.token({"qsh": ..., "nbf": ...}, header={"typ": None}), PERSON),
    "start: a role is not read": (START, START.token({"role": "admin"}), PERSON),
    "start: as old as it may be": (START, START.token({"iat": NOW - 329, "exp": NOW - 29}), PERSON),
    "bearer: by the secret before, while rotating": (
        BEARER,
        BEARER.token(sign=hs(TENANTS["cedar"].sessions[1])),
        PERSON,
    ),
}


@pytest.mark.parametrize(("way", "token", "agent"), GOOD.values(), ids=GOOD)
def test_a_good_token_opens(way: Way, token: str, agent: Agent) -> None:
    assert way.enter(token, NOW) == agent


@each_way
@pytest.mark.parametrize(
    "changes",
    [
        {"nbf": NOW},
        {"iat": NOW - 80, "exp": NOW - 29},
        {"iat": NOW + 30, "nbf": NOW + 30, "exp": NOW + 90},
        {"iat": NOW + 0.25, "exp": NOW + 60.25},
    ],
    ids=["with nbf", "our clock is fast", "our clock is slow", "with fractions of a second"],
)
def test_clocks_may_differ_a_little(way: Way, changes: Claims) -> None:
    assert way.enter(way.token(changes), NOW).tenant in TENANTS


@each_way
def test_a_token_ends(way: Way) -> None:
    token = way.token({"exp": NOW + 60})
    assert way.enter(token, NOW + 89).tenant in TENANTS
    assert code(way, token, NOW + 90) == "token_expired"
    assert code(way, token, NOW - 31) == "token_not_yet_valid"
    assert way.enter(way.token({"exp": NOW + way.lifetime}), NOW).tenant in TENANTS


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "admin"},
        {"email": "boss@acme.example", "email_verified": True},
        {"sub": "https://acme.zendesk.com/api/v2/users/1", "since": NOW},
        {"user": 1, "user_id": 1, "tenant": "birch", "installation_id": 7, "scope": "reveal search"},
        {"context": {"product": "support", "role": "admin"}},
        {"jti": "once", "qsh": "x"},
    ],
)
def test_no_claim_of_a_proxied_token_authorises(claims: Claims) -> None:
    """Zendesk signs whatever browser code hands it, so a claim is worth what the browser is worth: nothing."""
    assert ask(PROXIED.token(claims)) == Agent(tenant="acme", how="proxied")


def test_the_scheme_is_written_in_any_case() -> None:
    """RFC 9110 §11.1: an authentication scheme is compared case-insensitively."""
    assert auth.verify(f"bearer {PROXIED.token()}", TENANTS, US, NOW) == Agent("acme", "proxied")


# -- what does not ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "token", "expected"), BAD.values(), ids=BAD)
def test_a_bad_token_is_refused_and_told_why(way: Way, token: str, expected: str) -> None:
    assert code(way, token) == expected


@pytest.mark.parametrize("tokens", [BAD_TOKENS], ids=[f"{len(BAD_TOKENS)}-bad-tokens"])
def test_none_of_them_opens_any_other_way_either(tokens: set[str]) -> None:
    """Every bad token as a question's and at `/sidebar`: 0 accepted."""
    accepted = []
    for token, enter in itertools.product(tokens, (ask, open_panel)):
        with contextlib.suppress(TokenError):
            accepted.append(enter(token, NOW))
    assert len(tokens) > 600
    assert accepted == []


HEADERS: dict[str, tuple[str | None, str]] = {
    "no header": (None, "token_missing"),
    "empty": ("", "token_missing"),
    "no scheme": (PROXIED.token(), "token_missing"),
    "another scheme": (f"Basic {PROXIED.token()}", "token_missing"),
    "nothing behind it": ("Bearer ", "token_missing"),
    "two blanks": (f"Bearer  {PROXIED.token()}", "token_malformed"),
    "a blank behind it": (f"Bearer {PROXIED.token()} ", "token_malformed"),
    "two tokens": (f"Bearer {PROXIED.token()}, Bearer {PROXIED.token()}", "token_malformed"),
}


@pytest.mark.parametrize(("header", "expected"), HEADERS.values(), ids=HEADERS)
def test_a_header_without_a_token(header: str | None, expected: str) -> None:
    with pytest.raises(TokenError) as caught:
        auth.verify(header, TENANTS, US, NOW)
    assert caught.value.code == expected


@each_way
def test_what_is_expired_and_what_is_forged_look_the_same_without_the_key(way: Way) -> None:
    """Nothing about time, audience or person is judged before the signature is."""
    for changes in ({"exp": 0}, {"aud": "x"}, {"exp": ...}, {"nbf": NOW + 900}, {"sub": "x"}, {"context": None}):
        assert code(way, way.token(changes, sign=way.attackers)) == "token_signature"


# -- tampering --------------------------------------------------------------------------------------------


@each_way
@given(data=st.data())
def test_one_other_letter_and_the_door_stays_shut(way: Way, data: st.DataObject) -> None:
    good = way.token()
    at = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.characters(codec="ascii", exclude_characters=good[at]))
    assert code(way, good[:at] + letter + good[at + 1 :]).startswith("token_")


@each_way
@given(data=st.data())
def test_one_other_bit_and_the_door_stays_shut(way: Way, data: st.DataObject) -> None:
    parts = [base64.urlsafe_b64decode(part + "==") for part in way.token().split(".")]
    which = data.draw(st.integers(0, 2))
    at = data.draw(st.integers(0, len(parts[which]) * 8 - 1))
    changed = bytearray(parts[which])
    changed[at // 8] ^= 1 << at % 8
    parts[which] = bytes(changed)
    assert code(way, ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts))


@each_way
@given(data=st.data())
def test_pieces_of_good_tokens_make_no_good_one(way: Way, data: st.DataObject) -> None:
    tokens = [other.token() for other in WAYS] + [way.token({"x": 1}), way.token({"exp": NOW + 59})]
    pieces = [data.draw(st.sampled_from(tokens)).split(".")[part] for part in range(3)]
    if ".".join(pieces) not in tokens:
        assert code(way, ".".join(pieces)).startswith("token_")


@each_way
@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: raw.decode("latin-1"))))
def test_any_text_at_all_is_a_401(way: Way, text: str) -> None:
    assert code(way, text).startswith("token_")


@given(
    st.dictionaries(
        st.sampled_from([*START.claims, *BEARER.claims, "role"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_whatever_is_rightly_signed_is_opened_or_refused_and_nothing_else(claims: dict[str, Any]) -> None:
    """Zendesk's key is no promise about types: no odd claim is a defect of ours."""
    for way in WAYS:
        try:
            agent = way.enter(way.token(claims), NOW)
        except TokenError:
            continue
        assert agent.tenant in TENANTS


# -- once -------------------------------------------------------------------------------------------------


class Clock:
    """Unix time that stands still."""

    now = float(NOW)

    def __call__(self) -> float:
        return self.now


def start(token: str, once: Once, now: float = NOW) -> Agent:
    return auth.start(token, auth.account(token, TENANTS), now, once)


def test_a_start_token_is_good_once_for_as_long_as_it_lives() -> None:
    clock = Clock()
    once = Once(clock)
    token = START.token({"exp": NOW + 3600})
    assert start(token, once) == PERSON
    for later in range(0, 331, 10):
        clock.now = NOW + later
        with pytest.raises(TokenError) as refused:
            start(token, once, clock.now)
        assert refused.value.code == ("token_used" if later < 330 else "token_expired")


def test_a_token_from_the_future_is_remembered_till_it_is_old() -> None:
    clock = Clock()
    once = Once(clock)
    token = START.token({"iat": NOW + 30, "nbf": NOW + 30, "exp": NOW + 3600})
    start(token, once)
    clock.now = NOW + 359
    with pytest.raises(TokenError, match="used"):
        start(token, once, clock.now)


def test_only_a_proven_token_counts_as_used() -> None:
    """Else anybody could use up the token of somebody else."""
    once = Once(Clock())
    good = START.token()
    head, body, _ = good.split(".")
    for bad in (f"{head}.{body}.", f"{head}.{body}.{START.token({'x': 1}).split('.')[2]}"):
        with pytest.raises(TokenError):
            start(bad, once)
    assert start(good, once) == PERSON


def test_one_that_was_refused_for_what_it_says_is_not_used_up() -> None:
    once = Once(Clock())
    early = START.token({"iat": NOW + 40, "nbf": NOW + 40, "exp": NOW + 90})
    with pytest.raises(TokenError):
        start(early, once)
    assert start(early, once, NOW + 20).user == "77"


def test_too_many_to_remember_are_refused_not_forgotten() -> None:
    once = Once(Clock(), most=2)
    for number in range(2):
        start(START.token({"n": number}), once)
    with pytest.raises(RequestError) as refused:
        start(START.token({"n": 2}), once)
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "busy", auth.LEEWAY_S)
    with pytest.raises(TokenError, match="used"):
        start(START.token({"n": 0}), once)


# -- sessions ---------------------------------------------------------------------------------------------


def renewed(agent: Agent, now: float) -> Agent:
    return ask(auth.bearer(agent, TENANTS[agent.tenant], US, now), now)


def test_a_bearer_is_bound_to_account_and_agent_and_renewed_for_a_day() -> None:
    agent = start(START.token(), Once(Clock()))
    now = float(NOW)
    while now < NOW + auth.SESSION_S:
        bearer = auth.bearer(agent, TENANTS["cedar"], US, now)
        assert ask(bearer, now + 300) == PERSON, "who he is and since when does not change"
        now += 300
    last = auth.bearer(agent, TENANTS["cedar"], US, now)
    assert code(BEARER, last, now + auth.LEEWAY_S) == "token_expired"


def test_a_bearer_lives_a_quarter_of_an_hour() -> None:
    bearer = auth.bearer(PERSON, TENANTS["cedar"], US, NOW)
    assert ask(bearer, NOW + 900 + auth.LEEWAY_S - 1) == PERSON
    assert code(BEARER, bearer, NOW + 900 + auth.LEEWAY_S) == "token_expired"


def test_a_proxied_agent_has_no_session() -> None:
    with pytest.raises(TokenError) as refused:
        auth.bearer(Agent("acme", "proxied"), TENANTS["acme"], US, NOW)
    assert refused.value.code == "token_method"


# -- rotation ---------------------------------------------------------------------------------------------


def test_a_secret_that_was_taken_out_opens_nothing() -> None:
    after = {"acme": tenant("acme", proxied(NEXT))}
    assert auth.verify(f"Bearer {PROXIED.token(sign=hs(NEXT))}", after, US, NOW).tenant == "acme"
    with pytest.raises(TokenError):
        auth.verify(f"Bearer {PROXIED.token()}", after, US, NOW)


def test_a_session_secret_that_was_taken_out_opens_nothing() -> None:
    bare = TENANTS["cedar"]
    old, new = b"the-old-secret-of-sessions-012345678", b"the-new-secret-of-sessions-012345678"
    before, during, after = (bare.with_sessions(secrets) for secrets in ([old], [new, old], [new]))
    first = auth.bearer(PERSON, before, US, NOW)
    assert auth.verify(f"Bearer {first}", {"cedar": during}, US, NOW) == PERSON
    second = auth.bearer(PERSON, during, US, NOW)
    assert auth.verify(f"Bearer {second}", {"cedar": after}, US, NOW) == PERSON
    with pytest.raises(TokenError, match="not signed"):
        auth.verify(f"Bearer {first}", {"cedar": after}, US, NOW)


def test_another_key_or_installation_ends_the_first() -> None:
    moved = {"cedar": tenant("cedar", signed_url(DUNES_KEY, 2))}
    with pytest.raises(TokenError, match="not signed"):
        auth.start(START.token(), moved["cedar"], NOW, Once(Clock()))
    with pytest.raises(TokenError, match="not signed"):
        auth.verify(f"Bearer {BEARER.token()}", moved, US, NOW)
    with pytest.raises(TokenError, match="installation"):
        auth.start(START.token(), tenant("cedar", signed_url(CEDARS_KEY, 2)), NOW, Once(Clock()))


# -- are the bad ones bad for the right reason ------------------------------------------------------------


def test_the_signatures_here_are_those_of_the_standard() -> None:
    """RFC 7515 A.1, so that the tokens of this table are signed as Zendesk signs them."""
    signed = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    mark = base64.urlsafe_b64encode(hs(key)(signed.encode())).rstrip(b"=").decode()
    assert mark == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_jwt_tools_six_are_in_the_table_for_every_way() -> None:
    for exploit, way in itertools.product("anbski", WAYS):
        named = [name for name in BAD if name.startswith(f"{way.name}: jwt_tool {exploit}: ")]
        assert named, f"{exploit} for {way.name}"
