"""What is known of mail domains: who folds addresses, who masks them, and which local parts are not a person.

Every entry is a fact about somebody else's service, so each table says where it comes from and when it was read.
A domain that is not listed here folds nothing: guessing would name another person.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folding:
    """How a provider spells one mailbox: under which domain, and what it ignores in the local part."""

    domain: str
    plus: bool = False
    dots: bool = False


def _each(*domains: str, plus: bool) -> dict[str, Folding]:
    return {domain: Folding(domain, plus=plus) for domain in domains}


def _all_as(domain: str, *others: str, plus: bool = False, dots: bool = False) -> dict[str, Folding]:
    return dict.fromkeys((domain, *others), Folding(domain, plus=plus, dots=dots))


# Read 2026-11 from email-normalize 3.2.0 (`providers.py`) and validator.js (`normalizeEmail.js`). Yahoo, Ymail and
# AOL are left out on purpose: the two disagree, and a disposable Yahoo address is `nickname-keyword@`, where the
# nickname alone may be another person (help.yahoo.com SLN28815).
FOLDINGS: Mapping[str, Folding] = {
    # support.google.com 7436150 (dots), 10313 (googlemail); Google Workspace domains do not ignore dots.
    **_all_as("gmail.com", "googlemail.com", plus=True, dots=True),
    # validator.js lists the regional domains too; the four that both sources cover are enough.
    **_each("outlook.com", "hotmail.com", "live.com", "msn.com", plus=True),
    # support.apple.com 118230: me.com and mac.com are the same mailbox. private.icloud.com is a relay, see below.
    **_all_as("icloud.com", "me.com", "mac.com", plus=True),
    **_each("fastmail.com", "fastmail.fm", plus=True),
    **_each("proton.me", "protonmail.com", "pm.me", plus=True),
    **_each("zoho.com", plus=True),
    # validator.js: one mailbox under six domains.
    **_all_as("yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua"),
}

HOSTNAME_ADDRESSING = ".fastmail.com"
"""`anything@user.fastmail.com` is the mailbox of `user@fastmail.com` (email-normalize 3.2.0, `Fastmail`)."""

# Read 2026-11 from the services' own help pages; private.icloud.com from Apple's news of June 2026, second hand.
# The domains themselves and everything below them.
_RELAYS = frozenset(
    {
        "privaterelay.appleid.com",
        "private.icloud.com",
        "mozmail.com",
        "duck.com",
        # SimpleLogin and Proton Pass
        "simplelogin.com",
        "simplelogin.co",
        "simplelogin.io",
        "simplelogin.fr",
        "aleeas.com",
        "slmails.com",
        "silomails.com",
        "slmail.me",
        "passmail.net",
        # addy.io
        "addy.io",
        "anonaddy.com",
        "anonaddy.me",
        # Cloaked
        "cloaked.id",
        "myclkd.email",
        "clkdmail.com",
        "users.noreply.github.com",
        "members.ebay.com",
    }
)
_AMAZON = "marketplace.amazon."
"""Amazon SP-API, orders model: "the anonymized email address of the buyer", under each country's domain."""

_ROLE_WORDS = """
    abuse accounting accounts admin administration administrator billing bookkeeping buchhaltung buero
    compras contabilidad contact contacto contact-us customercare customerservice donotreply do-not-reply
    einkauf enquiries enquiry family finance hello help helpdesk hostmaster hr info information inquiries
    invoice invoices it jobs kontakt kundenservice mail mailbox mailer-daemon management marketing news newsletter
    noc noreply no-reply office order orders orders-noreply payments post postmaster press privacy procurement
    purchasing rechnung rechnungen reception returns root sales secretary security sekretariat service services
    shop shopping soporte staff store support team technik vendas ventas verkauf vertrieb warehouse web webmaster
    welcome
"""
_ROLES = frozenset(_ROLE_WORDS.split())
"""RFC 2142's names and those that shops, offices and families share by design."""


def is_relay(domain: str) -> bool:
    """Whether addresses of this domain (lower case) mask another, so that they are compared exactly."""
    labels = domain.split(".")
    return domain.startswith(_AMAZON) or any(".".join(labels[at:]) in _RELAYS for at in range(len(labels) - 1))


def is_role(mailbox: str) -> bool:
    """Whether a mailbox in its normal form belongs to a function rather than to a person.

    A masked address is never one: whatever its local part says, it was made for one person.
    """
    local, _, domain = mailbox.rpartition("@")
    return local.partition("+")[0].replace(".", "-").rstrip("0123456789-") in _ROLES and not is_relay(domain)
