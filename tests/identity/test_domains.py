"""The tables of mail domains hold together."""

import pytest

from server.identity.domains import FOLDINGS, is_relay, is_role
from server.identity.normalize import mailbox


def test_no_relay_folds() -> None:
    assert not [domain for domain in FOLDINGS if is_relay(domain)]


def test_every_folding_leads_to_a_domain_that_folds_alike() -> None:
    assert all(FOLDINGS[folding.domain] == folding for folding in FOLDINGS.values())


@pytest.mark.parametrize("domain", ["yahoo.com", "ymail.com", "aol.com", "acme.example"])
def test_what_is_not_known_to_fold_does_not(domain: str) -> None:
    assert mailbox(f"a.b-c+d@{domain}") == f"a.b-c+d@{domain}"


@pytest.mark.parametrize(
    "domain",
    [
        "privaterelay.appleid.com",
        "private.icloud.com",
        "mozmail.com",
        "duck.com",
        "simplelogin.io",
        "passmail.net",
        "jane.anonaddy.com",
        "users.noreply.github.com",
        "marketplace.amazon.de",
        "marketplace.amazon.co.uk",
        "members.ebay.com",
    ],
)
def test_relays(domain: str) -> None:
    assert is_relay(domain)


@pytest.mark.parametrize("domain", ["icloud.com", "notduck.com", "amazon.de", "com", "appleid.com"])
def test_not_relays(domain: str) -> None:
    assert not is_relay(domain)


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("info@acme.example", True),
        ("office2@acme.example", True),
        ("no.reply@acme.example", True),
        ("support+de@acme.example", True),
        ("jane@acme.example", False),
        ("information.desk@acme.example", False),
        ("shop@jane.anonaddy.com", False),
        ("info@privaterelay.appleid.com", False),
    ],
)
def test_roles(address: str, *, role: bool) -> None:
    assert is_role(address) is role
