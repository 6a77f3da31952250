"""Invented people: names of many countries, mailboxes as people choose them, households and offices.

Names and addresses are Faker's. A pool of them is drawn once for each country and combined, because Faker is slow.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import phonenumbers
from anyascii import anyascii
from faker import Faker

from server.model import Order, Party

LOCALES = {
    "en_US": "US",
    "en_GB": "GB",
    "de_DE": "DE",
    "fr_FR": "FR",
    "es_ES": "ES",
    "it_IT": "IT",
    "nl_NL": "NL",
    "pl_PL": "PL",
    "sv_SE": "SE",
    "pt_BR": "BR",
    "tr_TR": "TR",
    "cs_CZ": "CZ",
    "el_GR": "GR",
    "ru_RU": "RU",
    "ja_JP": "JP",
    "zh_CN": "CN",
    "vi_VN": "VN",
}
POOL = 120
"""Given names, family names and addresses of each country."""

FOLDING = ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "hotmail.com", "icloud.com", "proton.me")
EXACT = ("yahoo.com", "gmx.de", "web.de", "orange.fr", "libero.it", "qq.com", "mail.ru", "aol.com")
RELAYS = ("privaterelay.appleid.com", "mozmail.com", "duck.com", "simplelogin.com", "marketplace.amazon.de")


@dataclass(slots=True, eq=False)
class Human:
    """One person.

    `shared` are those of his mailboxes that others use too; `parties` and `orders` are what the shops keep of him. A
    record of several people is nobody's.
    """

    given: str
    surname: str
    country: str
    mailboxes: list[str]
    phone: str
    street: str
    postcode: str
    city: str
    shared: set[str] = field(default_factory=set)
    parties: list[Party] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As he writes it himself."""
        if self.country in {"JP", "CN"}:
            return f"{self.surname}{' ' if self.country == 'JP' else ''}{self.given}"
        return f"{self.given} {self.surname}"

    @property
    def mailbox(self) -> str:
        """The address that he shops with."""
        return self.mailboxes[0]


@dataclass(frozen=True, slots=True)
class Country:
    """What people of one country are made of."""

    code: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]


def countries(seed: int) -> tuple[Country, ...]:
    """A pool for each locale."""
    return tuple(_country(locale, code, seed) for locale, code in LOCALES.items())


def _country(locale: str, code: str, seed: int) -> Country:
    fake = Faker(locale, use_weighting=False)
    fake.seed_instance(f"{seed}/{locale}")

    def pool(draw: object) -> tuple[str, ...]:
        assert callable(draw)
        return tuple(dict.fromkeys(str(draw()) for _ in range(POOL)))

    places = tuple((fake.street_name(), str(fake.postcode()), fake.city()) for _ in range(POOL))
    return Country(code, pool(fake.first_name), pool(fake.last_name), places)


class Registry:
    """Draws people; no two get the same mailbox unless somebody shares one on purpose."""

    def __init__(self, rng: Random, among: Sequence[Country]) -> None:
        self.rng = rng
        self._among = among
        self._taken: set[str] = set()
        self._numbers: set[str] = set()

    def human(self, code: str | None = None, surname: str | None = None, given: str | None = None) -> Human:
        """Somebody new, of that country where one is asked for."""
        rng = self.rng
        country = next((each for each in self._among if each.code == code), None) or rng.choice(self._among)
        first, last = given or rng.choice(country.given), surname or rng.choice(country.family)
        street, postcode, city = rng.choice(country.places)
        house = f"{rng.randrange(1, 180)}{rng.choice(['', '', '', 'a', 'b'])}"
        line = f"{house} {street}" if country.code in {"US", "GB", "FR"} else f"{street} {house}"
        human = Human(first, last, country.code, [], self.phone(country.code), line, postcode, city)
        human.mailboxes += [self.mailbox(first, last), self.mailbox(first, last)]
        return human

    def mailbox(self, given: str, surname: str) -> str:
        """A free address under a name, at a provider that folds or at one that does not."""
        rng = self.rng
        a, b = (re.sub(r"[^a-z]", "", anyascii(part).lower()) or "x" for part in (given, surname))
        while True:
            local = rng.choice([f"{a}.{b}", f"{a}{b}", f"{a[0]}{b}", f"{a}_{b}", f"{b}.{a}", f"{a}"])
            local += str(rng.randrange(1, 99)) if rng.random() < 0.4 else ""
            domain = rng.choice(rng.choice([FOLDING, EXACT, (f"{b}-{rng.randrange(999)}.example",)]))
            address = f"{local}@{domain}"
            bare = re.sub(r"[.+_]", "", local) + domain
            if bare not in self._taken:
                self._taken.add(bare)
                return address

    def relay(self) -> str:
        """A masked address, made for one person and one shop."""
        local = "".join(self.rng.choices("abcdefghjkmnpqrstuvwxyz0123456789", k=12))
        return f"{local}@{self.rng.choice(RELAYS)}"

    def phone(self, code: str) -> str:
        """A valid mobile number that nobody else has, in E.164."""
        example = phonenumbers.example_number_for_type(code, phonenumbers.PhoneNumberType.MOBILE)
        assert example is not None
        assert example.national_number is not None
        assert example.country_code is not None
        national = str(example.national_number)
        for _ in range(1000):
            tail = "".join(self.rng.choices("0123456789", k=6))
            e164 = f"+{example.country_code}{national[:-6]}{tail}"
            if e164 not in self._numbers and phonenumbers.is_valid_number(phonenumbers.parse(e164)):
                self._numbers.add(e164)
                return e164
        raise AssertionError(code)
