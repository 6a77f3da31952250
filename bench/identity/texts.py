"""What customers write: sentences that name an order in thirteen languages, and everything else that has digits.

A number that the writer means stands in a sentence that says so. What must not be taken for one stands around it.
"""

from random import Random

NAMING = (
    "Where is my order {n}? It was due last week.",
    "Hi, I have a question about order #{n}.",
    "Order number: {n}",
    "my order no. {n} has not arrived yet",
    "I ordered two weeks ago (order {n}) and nothing came.",
    "{n} is my order number, can you check please?",
    "Ref order #{n} - wrong size.",
    "Wo ist meine Bestellung {n}?",
    "Bestellnummer {n}, bitte um Rückmeldung",
    "Ich habe zur Bestellung Nr. {n} eine Frage.",
    "Meine Bestellnummer lautet {n}.",
    "Où en est ma commande n° {n} ?",
    "Commande {n} toujours pas reçue.",
    "¿Dónde está mi pedido {n}?",
    "Número de pedido: {n}",
    "Il mio ordine n. {n} non è arrivato.",
    "Mijn bestelling {n} is nog niet binnen.",
    "Bestelnummer: {n}",
    "Meu pedido {n} ainda não chegou.",
    "Moje zamówienie {n} jeszcze nie dotarło.",
    "Min beställning {n} har inte kommit.",
    "注文番号 {n} はまだ届きません。",
    "订单号：{n}，还没有收到。",
    "Мой заказ № {n} не пришел.",
    "Đơn hàng {n} của tôi chưa đến.",
    "{n} numaralı siparişim gelmedi, sipariş no {n}.",
)
SAYING_NOTHING = (
    "Hello, do you ship to Norway?",
    "Can I change my delivery address? Thanks!",
    "Bitte rufen Sie mich zurück.",
    "Je voudrais un remboursement, merci.",
    "The colour is not what I expected, what can I do?",
    "How long does delivery take?",
    "商品はいつ届きますか。",
    "Quiero devolver un artículo.",
)
AROUND = (
    "I paid {price} on {date}.",
    "You can call me on {phone}.",
    "The tracking number is {tracking}.",
    "I live at {house} Main Street, {postcode}.",
    "Invoice {invoice} from {date}.",
    "My card ending in {last4} was charged {price}.",
    "SKU {sku}, size {size}.",
    "It weighs {grams} g and costs {price}.",
    "I have been waiting since {year}.",
    "Ticket [{invoice}] was closed without an answer.",
    "IBAN DE{iban}",
    "Rechnungsnummer: {invoice}",
    "Sendungsnummer {tracking}",
    "Tel. {phone}",
    "{date}: {price} abgebucht.",
    "Card 4111 1111 1111 1111 was refused at {time}.",
    "Kundennummer {invoice}",
)


def noise(rng: Random) -> str:
    """A sentence with digits that mean no order."""
    return rng.choice(AROUND).format(
        price=rng.choice(["€ {}.{:02}", "{},{:02} €", "${}.{:02}", "{}.{:02} USD", "£{}.{:02}"]).format(
            rng.randrange(5, 2_000), rng.randrange(100)
        ),
        date=rng.choice(["{d}.{m}.2026", "2026-{m:02}-{d:02}", "{m}/{d}/26", "{d} November", "{d}/{m}/2026"]).format(
            d=rng.randrange(1, 29), m=rng.randrange(1, 13)
        ),
        phone=rng.choice(["+49 30 5550{:03}", "(212) 555-0{:03}", "020 7946 0{:03}", "0171/5550{:03}"]).format(
            rng.randrange(1000)
        ),
        tracking=rng.choice(["1Z999AA10{:09}", "00340434{:012}", "{:014}", "RR{:09}DE"]).format(rng.randrange(10**9)),
        house=rng.randrange(1, 300),
        postcode=rng.choice(["10115", "75001", "90210-1234", "SW1A 1AA", "28013", "1017 AB"]),
        invoice=rng.choice(["{}", "RE-2026-{}", "INV{}"]).format(rng.randrange(10_000, 999_999)),
        last4=rng.randrange(1000, 9999),
        sku=rng.choice(["AB-{}-XL", "{}"]).format(rng.randrange(1000, 9999)),
        size=rng.randrange(34, 48),
        grams=rng.randrange(100, 5000),
        year=rng.randrange(2019, 2026),
        iban=f"{rng.randrange(10**19):020}",
        time=f"{rng.randrange(24):02}:{rng.randrange(60):02}",
    )


def typed(rng: Random, number: str) -> str:
    """A number as a customer types it: mostly as it is printed, some without what the shop puts around its digits."""
    bare = number.removeprefix("#")
    digits = bare.rpartition("-")[2] if bare[:1].isalpha() and "-" in bare else bare
    if digits.isdigit() and digits.startswith("0"):
        return rng.choice([bare, bare, digits.lstrip("0")])
    return rng.choice([bare, bare, digits])


def naming(rng: Random, *numbers: str) -> str:
    """A mail that names these numbers, with noise around them in two of three."""
    sentences = [rng.choice(NAMING).replace("{n}", number) for number in numbers]
    return _mail(rng, sentences)


def without_number(rng: Random) -> str:
    """A mail that names no order."""
    return _mail(rng, [rng.choice(SAYING_NOTHING)])


def _mail(rng: Random, sentences: list[str]) -> str:
    extra = [noise(rng) for _ in range(rng.choice([0, 1, 2]))]
    body = [*sentences, *extra]
    rng.shuffle(body)
    return "\n".join(
        [rng.choice(["Hello,", "Hi", "Guten Tag,", "Bonjour,", ""]), *body, rng.choice(["Thanks", "LG", ""])]
    )


def quoted(rng: Random, mail: str, own: str) -> str:
    """The writer's own words over a mail of somebody else's that he answers or forwards."""
    lines = "\n".join(f"> {line}" for line in mail.splitlines())
    head = rng.choice(
        [
            "On Fri, 20 Nov 2026 at 10:00, Somebody Else <x@example.org> wrote:\n\n" + lines,
            "Am 20.11.2026 um 10:00 schrieb Somebody Else <x@example.org>:\n" + lines,
            "-----Original Message-----\nFrom: x@example.org\nSent: Friday\nSubject: my order\n\n" + mail,
            "---------- Forwarded message ---------\nFrom: Somebody Else <x@example.org>\n\n" + mail,
            "Von: Somebody Else\nGesendet: Freitag, 20. November\nAn: Shop\nBetreff: Bestellung\n\n" + mail,
        ]
    )
    return f"{own}\n\n{head}"
