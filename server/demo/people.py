"""The people who write the demo's tickets, as Zendesk knows them. Everybody here is invented."""

from dataclasses import dataclass

from ..model import Identity


@dataclass(frozen=True, slots=True)
class Person:
    """A Zendesk user. `identities` hold the first e-mail as the primary one."""

    id: int
    name: str
    identities: tuple[Identity, ...]
    external_id: str | None = None
    locale: str = "en-GB"
    time_zone: str = "Europe/London"

    def first(self, kind: str) -> str | None:
        """His first identity of one of Zendesk's types, if he has one."""
        return next((identity.value for identity in self.identities if identity.type == kind), None)


AGENT = Person(77, "Alex Morgan", (Identity("email", "alex.morgan@example.com", primary=True),))


def email(value: str, method: str = "none", *, primary: bool = True, ownership: str = "owned") -> Identity:
    """An e-mail identity; `method` is Zendesk's `verification_method`."""
    return Identity(
        "email",
        value,
        primary=primary,
        verified=method != "none",
        verification_method=method,
        ownership=ownership,
        deliverable_state="deliverable",
    )


def phone(value: str) -> Identity:
    """A telephone identity, as Zendesk makes one for a caller."""
    return Identity("phone_number", value, primary=True, verification_method="none", ownership="owned")


JANE = Person(5001, "Jane Doerr", (email("jane.doerr@gmail.com"),), locale="de", time_zone="Europe/Berlin")
JANE_SIGNED_IN = Person(
    5002,
    "Jane Doerr",
    (email("jane.doerr@gmail.com", "sso"),),
    external_id="42",
    locale="de",
    time_zone="Europe/Berlin",
)
JANE_CALLING = Person(5003, "Jane Doerr", (phone("+49305550101"),), locale="de", time_zone="Europe/Berlin")
NOT_JANE = Person(5004, "Jane Doerr", (email("jane.doerr@gmail.com"),))
OMAR = Person(5010, "Omar Haddad", (email("omar.haddad@example.net"),))
MARIA = Person(
    5011,
    "Maria Rossi",
    (email("maria.private@example.org"), email("maria.rossi@studio.example", "full", primary=False)),
    locale="it",
    time_zone="Europe/Rome",
)
OFFICE = Person(5012, "Birchwood Office", (email("office@birchwood.example"),))
RICK = Person(5013, "Rick Vale", (email("rick.vale@example.net"),))
SAM = Person(5014, "Sam Carter", (email("sam.carter@example.com"),), locale="en-US", time_zone="America/Chicago")
GRACE = Person(5015, "Grace Kim", (email("grace.kim@example.com"),), locale="en-US", time_zone="America/New_York")
DANIEL = Person(5016, "Daniel Wright", (email("daniel.wright@example.com"),), locale="en-US")
TOM = Person(5017, "Tom Becker", (email("tom.becker@example.org"),), locale="de", time_zone="Europe/Berlin")
OLIVIA = Person(5018, "Olivia Brown", (email("olivia.brown@example.com", "full"),), locale="en-US")
NOAH = Person(5019, "Noah Schmidt", (email("noah.schmidt@example.com"),), locale="en-US")
YUKI = Person(5020, "Yuki Tanaka", (email("yuki.tanaka@example.jp"),), locale="ja", time_zone="Asia/Tokyo")
EVE = Person(5021, "Eve <b onmouseover=alert(1)>O'Hara</b>", (email("eve.ohara@example.com"),))
STRANGER = Person(5022, "Kim Novak", (email("kim.novak@example.org"),))
PRIYA = Person(5030, "Priya Nair", (email("priya.nair@example.co.uk"),))
PRIYA_AT_FIR = Person(5032, "Priya Nair", (email("priya.nair@example.co.uk"),))
UNSEEN = Person(5031, "Ruth Adler", (email("ruth.adler@example.org"),))
LUCAS = Person(5040, "Lucas Martin", (email("lucas.martin@example.fr"),), locale="fr", time_zone="Europe/Paris")
LUCAS_SIGNED_IN = Person(
    5041, "Lucas Martin", (email("lucas.martin@example.fr", "sso"),), locale="fr", time_zone="Europe/Paris"
)
IRIS = Person(5050, "Iris Novak", (email("iris.novak@example.com"),))
IRIS_AT_AMAZON = Person(
    5051, "Iris", (email("q7v0k2x9example@marketplace.amazon.de"),), locale="de", time_zone="Europe/Berlin"
)
IRIS_AT_EBAY = Person(5052, "iris_n_2019", (email("4f1c2d9e8@members.ebay.com"),))
BEN = Person(5061, "Ben Ortiz", (email("ben.ortiz@example.com"),), locale="en-US")
CARLA = Person(5062, "Carla Nunes", (email("carla.nunes@example.com"),), locale="pt-BR", time_zone="America/Sao_Paulo")
DINA = Person(5063, "Dina Roth", (email("dina.roth@example.com"),), locale="he", time_zone="Asia/Jerusalem")
EMIL = Person(5064, "Emil Frank", (email("emil.frank@example.com"),), locale="de", time_zone="Europe/Berlin")
FAY = Person(5065, "Fay Lund", (email("fay.lund@example.com"),), locale="en-US")
GUS = Person(5066, "Gus Holm", (email("gus.holm@example.com"),), locale="nl", time_zone="Europe/Amsterdam")
HANA = Person(5067, "Hana Ito", (email("hana.ito@example.com"),), locale="ja", time_zone="Asia/Tokyo")
