"""Families of tickets by somebody who knows the rules and has not read the matching.

They hold the matching to what support desks see: letters in many languages, people who write for others, people who
claim to be others, and stores that do not answer.
"""

import re
from collections.abc import Callable
from random import Random

import phonenumbers
from anyascii import anyascii
from msgspec.structs import replace

from server.model import Address, Facts, Identity, Order, TicketText

from .case import Case, Draw, family, ticket
from .people import Human
from .town import buy, identity, place, settle

# -- letters in which customers name an order among other numbers --------------------------------------------

LETTERS: dict[str, tuple[str, ...]] = {
    "US": (
        (
            "hey, my oder nubmer is {n} and its STILL not here. i paid {price} on {date}!! usps says {track} was "
            "delivered but nope. call me {phone}\n\nSent from my iPhone"
        ),
        (
            "Hello,\n\nI placed order {n} on {date}. My card ending in 4417 was charged {price} twice (invoice {inv}).\n\n"
            "{name}\n{street}\n{city} {zip}\nTel. {phone}"
        ),
    ),
    "GB": (
        (
            "Hi there,\n\nRe order {n} - royal mail tracking {track} hasnt moved since {date}. I want my {price} back.\n"
            "Sort code 20-45-77, account 73519264.\n\nCheers\n{name}\n{street}, {zip}"
        ),
        (
            "Good morning, could you please change the adress on my order ({n})? It should be {street}, {zip} {city}. "
            "The invoice {inv} can stay as it is.\nKind regards, {name}\nVAT GB 293 8471 02 | Mob: {phone}"
        ),
    ),
    "DE": (
        (
            "Sehr geehrte Damen und Herren,\n\nmeine Bestellnr. {n} vom {date} ist noch nicht da. DHL Sendungsnummer "
            "{track}. Bitte erstatten Sie {price} auf {iban}.\n\nMfG\n{name}\n{street}\n{zip} {city}\nTel.: {phone}"
        ),
        (
            "Hallo,hab am {date} bestelt (Bestelung {n}) und bekomme jetzt ne Mahnung zu Rechnung {inv} über {price}?? "
            "Bitte klären!\n\n--\n{name} GmbH\nHRB 48213, Amtsgericht {city}\nUSt-IdNr. DE293847102\nFon {phone}"
        ),
    ),
    "FR": (
        (
            'Bonjour,\nJe n\'ai toujours pas reçu ma commande n° {n} du {date}. Colissimo {track} indique "livré". Merci '
            "de me rembourser {price} : {iban}.\nCordialement,\n{name}\n{street}, {zip} {city}\nTél : {phone}"
        ),
        (
            "bjr, probleme avec la comande {n}, la facture {inv} est fausse ({price} au lieu de 18,50€). "
            "Rappelez moi au {phone} svp\n{name}\nSIRET 732 829 320 00074"
        ),
    ),
    "ES": (
        (
            "Buenas tardes, el pedido {n} lo hice el {date} y aun no ha llegado, el seguimiento {track} no funciona. "
            "Quiero la devolucion de {price} en la cuenta {iban}. Un saludo, {name}, tlf {phone}"
        ),
        (
            "Hola!! me pueden cambiar la talla del pedido nº {n}? Llevo una 38 y necesito la 40. La factura es {inv}.\n"
            "Gracias\n{name}\n{street}\n{zip} {city}\nNIF 48392716K"
        ),
    ),
    "IT": (
        (
            "Salve, vorrei sapere dov'è il mio ordine {n} effettuato il {date}. Il corriere (spedizione {track}) non "
            "risponde. Ho pagato {price}.\nDistinti saluti\n{name}\ncell. {phone}"
        ),
        (
            "Buongiorno, per l'ordine nr {n} mi serve la fattura elettronica, quella {inv} è senza P.IVA 02938471056. "
            "Rimborso su {iban}.\n{name}, {street}, {zip} {city}"
        ),
    ),
    "NL": (
        (
            "Beste,\n\nBestelling {n} van {date} is nog steeds niet binnen, PostNL code {track}. Graag {price} terug op "
            "{iban}.\n\nMvg {name}\n{street}\n{zip} {city}\n{phone}"
        ),
        (
            "hoi, ik heb bestelnr {n} maar er zat 2x het zelfde in en factuur {inv} klopt niet. bel me ff op {phone}\n"
            "{name} - KvK 48291736"
        ),
    ),
    "PL": (
        (
            "Dzien dobry, zamowienie nr {n} z dnia {date} nadal nie dotarlo. Numer przesylki {track}. Prosze o zwrot "
            "{price} na konto {iban}.\nPozdrawiam\n{name}\ntel. {phone}"
        ),
        (
            "Witam,\nw zamówieniu {n} brakuje 1 szt. Faktura {inv} jest na kwotę {price}.\n--\n{name}\n{street}\n"
            "{zip} {city}\nNIP 526-104-08-28"
        ),
    ),
    "SE": (
        (
            "Hej! Min order {n} från {date} har inte kommit. Kolli-id {track} hos PostNord. Jag betalade {price}.\n"
            "Mvh {name}, {phone}"
        ),
        (
            "Hejsan,\nvill ångra köpet, ordernummer {n}. Faktura {inv}, OCR 7391826450128. Pengarna kan sättas in på "
            "{iban}.\n{name}\n{street}\n{zip} {city}"
        ),
    ),
    "BR": (
        (
            "Boa tarde, meu pedido {n} feito dia {date} não chegou!!! O rastreio {track} tá parado. Quero meus {price} "
            "de volta, meu pix é o cel {phone}. {name}, CPF 382.917.465-02"
        ),
        (
            "Olá, comprei com vocês (pedido nº {n}) mas a nota fiscal {inv} veio errada.\nAtt,\n{name}\n{street}\n{city}\n"
            "CEP {zip}\nWhatsApp {phone}"
        ),
    ),
    "TR": (
        (
            "Merhaba, {date} tarihinde verdigim {n} numarali siparis hala gelmedi. Kargo takip no {track}. {price} "
            "iademi istiyorum, IBAN {iban}. {name} {phone}"
        ),
        "İyi günler, sipariş no: {n}. Ürün kırık geldi, fatura {inv}. Adres: {street} {zip} {city}. Saygılar {name}",
    ),
    "CZ": (
        (
            "Dobrý den, objednávka č. {n} ze dne {date} stále nedorazila, zásilka {track}. Prosím o vrácení {price} na "
            "účet {iban}.\nS pozdravem {name}\ntel.: {phone}"
        ),
        (
            "Dobry den, reklamuju objednavku {n}, faktura {inv}, variabilni symbol 20268842.\n{name}\n{street}\n"
            "{zip} {city}\nIČO 27082440"
        ),
    ),
    "GR": (
        (
            "Καλησπέρα, η παραγγελία {n} που έκανα στις {date} δεν ήρθε ακόμα. Κωδικός αποστολής {track}. Πλήρωσα "
            "{price}.\nΕυχαριστώ\n{name}\nτηλ. {phone}"
        ),
        (
            "kalispera, i paraggelia mou einai {n} kai den irthe pote. timologio {inv}, epistrofi sto {iban} parakalo\n"
            "{name}\n{street}, {zip} {city}"
        ),
    ),
    "RU": (
        (
            "Здравствуйте! Заказ {n} от {date} до сих пор не пришёл, трек-номер {track}. Верните {price}.\n{name}\n"
            "тел. {phone}"
        ),
        (
            "добрый день,где мой зказ № {n}??? счет {inv} оплачен {date}\n\n--\nС уважением,\n{name}\n{zip}, {city}, "
            "{street}\nИНН 770829384712"
        ),
    ),
    "JP": (
        (
            "お世話になっております。{name}と申します。{date}に注文した商品(注文番号:{n})がまだ届きません。"
            "ヤマト運輸のお問い合わせ番号は{track}です。金額は{price}でした。電話 {phone}"
        ),
        "注文{n}のキャンセルをお願いします。請求書番号 {inv}\n\n{name}\n〒{zip}\n{city}{street}\nTEL {phone}",
    ),
    "CN": (
        "你好,我{date}下的订单{n}到现在还没收到,快递单号{track},付款{price}。我的手机{phone},请尽快处理!",
        "您好,订单号:{n},发票{inv}抬头开错了,请重开。\n{name}\n{city}{street} 邮编{zip}",
    ),
    "VN": (
        (
            "Shop ơi, đơn hàng {n} em đặt ngày {date} chưa nhận được, mã vận đơn {track}. Em đã chuyển khoản {price}. "
            "SĐT {phone} ạ. {name}"
        ),
        "chao shop, don hang so {n} bi thieu 1 mon, hoa don {inv}. dia chi {street}, {zip} {city}. cam on, {name}",
    ),
}

ABROAD = (
    "مرحبا، لم يصل طلبي رقم {n} حتى الآن. رقم التتبع {track} والمبلغ {price}. هاتف {phone}\n{name}",
    "שלום, הזמנה מספר {n} מתאריך {date} לא הגיעה. מספר מעקב {track}. טלפון {phone}. תודה, {name}",
    "안녕하세요, 주문번호 {n} 아직 안 왔어요. 송장번호 {track}, 결제금액 {price}, 연락처 {phone} 입니다. {name}",
    "Доброго дня, замовлення {n} від {date} ще не надійшло, ТТН {track}. Сума {price}. {name}, {phone}",
    "Hej, min ordre {n} fra {date} er ikke kommet. Pakkenr. {track}. Refunder {price} til {iban}. Mvh {name}",
    "Üdv, a {n} számú rendelésem ({date}) nem érkezett meg, csomagszám {track}, {price}. Számla: {inv}. {name} {phone}",
    "Bună ziua, comanda {n} din {date} nu a ajuns, AWB {track}. Vreau înapoi {price} în {iban}. {name}",
    "Hei, tilaus {n} ({date}) puuttuu vielä, seurantakoodi {track}, lasku {inv}. Terveisin {name} p. {phone}",
    "สวัสดีค่ะ คำสั่งซื้อ {n} ยังไม่ได้รับของเลย เลขพัสดุ {track} โทร {phone} ค่ะ {name}",
)
"""In languages of customers who live elsewhere."""

NUMBERLESS: dict[str, tuple[str, ...]] = {
    "US": ("Hi, my package {track} shows delivered on {date} but it's not here. I paid {price}. {name}, {phone}",),
    "DE": (
        (
            "Guten Tag, ich habe die Bestellnummer leider nicht mehr. Gekauft am {date} für {price}, Rechnung {inv}, "
            "Paket {track}.\n{name}\n{street}\n{zip} {city}\nTel {phone}\n{iban}"
        ),
    ),
    "FR": ("Bonjour, facture {inv} du {date}, {price}. RIB : {iban}. {name}, {street}, {zip} {city}, {phone}",),
    "ES": ("Hola, no encuentro el número de pedido. Pagué {price} el {date}, factura {inv}. Soy {name}, {phone}",),
    "IT": ("Salve, il pacco {track} risulta consegnato il {date}. Fattura {inv}. {name}, {street}, {zip} {city}",),
    "JP": ("注文番号がわかりません。{date}に{price}を支払いました。〒{zip} {city}{street} {name} TEL {phone}",),
    "CN": ("你好,快递{track}显示{date}已签收,但是我没收到。电话{phone},{name}",),
    "RU": ("Здравствуйте, номер заказа не помню. Оплата {price}, {date}, трек {track}. {name}, {phone}",),
    "BR": ("Oi, não tenho o número do pedido. Paguei {price} em {date}, nota {inv}. {name}, CEP {zip}, {phone}",),
}

SHORT = (
    "{n}",
    "{n} ???",
    "Where is {n}",
    "order {n}!!!!",
    "wo bleibt {n}?",
    "Bestellung {n} stornieren bitte",
    "annuler commande {n} svp",
    "pedido {n} cancelar porfa",
    "reso ordine {n}",
    "{n} 退货",
    "注文番号 {n}",
    "заказ {n} где",
    "sipariş {n} iptal",
    "zwrot zamówienia {n}",
)

CONFIRMATIONS: dict[str, str] = {
    "US": "this is what you sent me:\n\nThank you for your order!\nOrder {n}\nPlaced {date}\n\n1 x Wool socks 39-42   "
    "$19.00\n2 x Mug 350 ml   $24.00\nSubtotal $43.00\nShipping $4.95\nTotal {price}\n\nShip to\n{name}\n{street}\n"
    "{city} {zip}\n{phone}\n\nTracking: {track}\nQuestions? Call 1-800-555-0199 or write to help@shop.example.",
    "GB": "Pasted from your mail\n\nOrder confirmation\nOrder number: {n}\nOrder date: {date}\n\nQty 3  SKU 884120  "
    "Tea towel  £6.50\nVAT 20%  £3.25\nTotal {price}\n\nDelivery address: {name}, {street}, {city}, {zip}\n"
    "Shop Ltd, company no. 09482716, 0800 496 0123",
    "DE": "Hier Ihre eigene Mail:\n\nVielen Dank für Ihre Bestellung!\nBestellnummer: {n}\nBestelldatum: {date}\n"
    "Kundennummer: K-55120\n\nArt.-Nr. 7741208  Wollsocken 39-42  1 Stk  19,00 €\nVersand  4,95 €\nGesamt  {price}\n\n"
    "Lieferadresse:\n{name}\n{street}\n{zip} {city}\n\nSendungsnummer {track}\nShop GmbH, HRB 77120, DE811204733",
    "FR": "Copie de votre mail :\n\nMerci pour votre commande\nCommande n° {n} du {date}\nRéf. 448120 Bougie x2 "
    "24,00 €\nTotal TTC {price}\nLivraison : {name}, {street}, {zip} {city}\nSuivi {track}\nService client 0 809 10 20 30",
    "ES": "Os pego el correo:\n\n¡Gracias por tu compra!\nNúmero de pedido: {n}\nFecha: {date}\nRef 55102 Camiseta M "
    "x1\nTotal {price}\nEnvío a {name}, {street}, {zip} {city}, {phone}\nSeguimiento {track}",
    "IT": "Incollo la conferma:\n\nGrazie per il tuo ordine\nNumero ordine: {n}\nData: {date}\nCod. 90412 Tazza x2\n"
    "Totale {price}\nSpedire a: {name}, {street}, {zip} {city}\nTracking {track}",
    "NL": "Uit jullie mail:\n\nBedankt voor je bestelling!\nBestelnummer: {n}\nBesteldatum: {date}\nArtikel 60314 Mok 2x\n"
    "Totaal {price}\n{name}, {street}, {zip} {city}\nTrack & trace {track}",
    "PL": "Wklejam maila:\n\nDziękujemy za zakupy!\nNumer zamówienia: {n}\nData: {date}\nKod 71003 Kubek szt. 2\nRazem "
    "{price}\nAdres dostawy: {name}, {street}, {zip} {city}\nNumer paczki {track}",
    "JP": "下記の件です。\n\nご注文ありがとうございます。\n注文番号:{n}\n注文日:{date}\n商品コード 880214 マグカップ 2点\n"
    "合計 {price}\nお届け先:〒{zip} {city}{street} {name} 様\nお問い合わせ番号 {track}",
    "CN": "这是你们发的邮件:\n\n感谢您的订购!\n订单编号:{n}\n下单日期:{date}\n货号 660218 马克杯 x2\n合计 {price}\n"
    "收货人:{name},{city}{street},{zip},{phone}\n运单号 {track}",
}
"""The shop's own mail, as a customer pastes it into his."""

QUOTES = (
    "\n\nOn Mon, 3 Aug 2026 at 10:11, Support <help@shop.example> wrote:\n> Hello Jana,\n> your order {n} left us.\n> Bye",
    "\n\nAm 03.08.2026 um 10:11 schrieb Support <help@shop.example>:\n\n> Hallo Herr Koch,\n> Ihre Bestellung {n} ist da.",
    "\n\nLe lun. 3 août 2026 à 10:11, Support <help@shop.example> a écrit :\n\n> Bonjour,\n> votre commande {n} est partie",
    "\n\nEl lun, 3 ago 2026 a las 10:11, Soporte (<help@shop.example>) escribió:\n\n> Su pedido {n} ha salido",
    "\n\nIl giorno lun 3 ago 2026 alle ore 10:11 Assistenza <help@shop.example> ha scritto:\n\n> Il tuo ordine {n} è partito",
    "\n\nOp ma 3 aug 2026 om 10:11 schreef Support <help@shop.example>:\n\n> Je bestelling {n} is onderweg",
    (
        "\n\n-----Original Message-----\nFrom: Support <help@shop.example>\nSent: Monday, August 3, 2026 10:11 AM\n"
        "Subject: Your order {n}\n\nHello Jana, your order {n} has left us."
    ),
    (
        "\n\nVon: Support <help@shop.example>\nGesendet: Montag, 3. August 2026 10:11\nAn: Jana Koch\nBetreff: Bestellung {n}\n\n"
        "Ihre Bestellung {n} ist unterwegs."
    ),
)
"""What mail programs put under an answer, about somebody else's order."""

DEBRIS: tuple[Callable[[str], str], ...] = (
    lambda text: text.replace("\n", "<br>\n"),
    lambda text: text + '\n<span style="color:#333333;font-size:12px">&nbsp;</span>',
    lambda text: text.replace("€", "&#8364;").replace("'", "&#39;"),
    lambda text: text + "\n\n[cid:image001.png@01DA7F2C.5B8E1D40]",
    lambda text: text + "\nhttps://track.example/?utm_id=48213377&src=mail",
    lambda text: text.replace(" ", "\u00a0", 3),
)
"""What editors and mail programs leave behind."""

WIDE = str.maketrans("0123456789", "0123456789")

NICKNAMES = {
    "Robert": "Bob", "William": "Bill", "Michael": "Mike", "Elizabeth": "Liz", "Jennifer": "Jen", "Christopher": "Chris",
    "Katherine": "Kate", "Thomas": "Tom", "James": "Jim", "Joseph": "Joe", "Daniel": "Dan", "Matthew": "Matt",
    "Anthony": "Tony", "Andrew": "Andy", "Samuel": "Sam", "Benjamin": "Ben", "Nicholas": "Nick", "Timothy": "Tim",
    "Gregory": "Greg", "Steven": "Steve", "Stephen": "Steve", "Richard": "Rick", "Margaret": "Maggie", "Rebecca": "Becky",
    "Susan": "Sue", "Victoria": "Vicky", "Deborah": "Debbie", "Kimberly": "Kim", "Pamela": "Pam", "Cynthia": "Cindy",
    "Kenneth": "Ken", "Ronald": "Ron", "Donald": "Don", "Raymond": "Ray", "Jeffrey": "Jeff", "Joshua": "Josh",
    "Zachary": "Zach", "Alexander": "Alex", "Jessica": "Jess", "Abigail": "Abby", "Patricia": "Pat", "Edward": "Ed",
}  # fmt: skip

PASSPORT = {"я": "ia", "ю": "iu", "й": "i", "ё": "e", "х": "kh", "ц": "ts", "щ": "shch", "ъ": "ie", "ь": ""}
"""Where Russian passports romanise otherwise than books."""

UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}


# -- what else stands in a letter ---------------------------------------------------------------------------


def _date(rng: Random, code: str) -> str:
    day, month = rng.randrange(1, 29), rng.randrange(1, 10)
    match code:
        case "US":
            return rng.choice([f"{month:02}/{day:02}/2026", f"{month}/{day}/26"])
        case "DE" | "PL" | "CZ" | "RU" | "TR":
            return rng.choice([f"{day:02}.{month:02}.2026", f"{day}.{month}.26"])
        case "SE":
            return f"2026-{month:02}-{day:02}"
        case "NL":
            return f"{day:02}-{month:02}-2026"
        case "JP" | "CN":
            return f"2026年{month}月{day}日"
    return f"{day:02}/{month:02}/2026"


def _price(rng: Random, code: str) -> str:
    whole, cents = rng.randrange(12, 900), rng.randrange(100)
    forms = {
        "US": f"${whole}.{cents:02}",
        "GB": f"£{whole}.{cents:02}",
        "PL": f"{whole},{cents:02} zł",
        "SE": f"{whole}0 kr",
        "BR": f"R$ 1.{whole:03},{cents:02}",
        "TR": f"1.{whole:03},{cents:02} TL",
        "CZ": f"1 {whole:03} Kč",
        "RU": f"1 {whole:03} ₽",
        "JP": f"{whole},{cents:03}円",
        "CN": f"{whole}.{cents:02}元",
        "VN": f"{whole}.000đ",
    }
    return forms.get(code, f"{whole},{cents:02} €")


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _track(rng: Random, code: str) -> str:
    forms = {
        "US": rng.choice([f"1Z{_digits(rng, 16)}", f"9400 1{_digits(rng, 3)} {_digits(rng, 4)} {_digits(rng, 4)} 22"]),
        "GB": f"RM{_digits(rng, 9)}GB",
        "DE": f"003404{_digits(rng, 14)}",
        "FR": f"6A{_digits(rng, 11)}",
        "NL": f"3SABCD{_digits(rng, 9)}",
        "BR": f"AA{_digits(rng, 9)}BR",
        "CN": f"SF{_digits(rng, 13)}",
        "JP": f"{_digits(rng, 4)}-{_digits(rng, 4)}-{_digits(rng, 4)}",
        "VN": f"GHN{_digits(rng, 10)}",
    }
    return forms.get(code) or rng.choice(
        [f"1Z{_digits(rng, 16)}", f"JJD01{_digits(rng, 15)}", f"CP{_digits(rng, 9)}SE"]
    )


def _invoice(rng: Random, code: str) -> str:
    small = rng.randrange(1, 9999)
    forms = {
        "DE": f"RE-2026-{small:04}",
        "FR": f"FA2026-{small:05}",
        "PL": f"FV {small}/08/2026",
        "ES": f"F26/{small:04}",
        "IT": f"{small}/2026",
        "BR": f"NF-e {_digits(rng, 9)}",
    }
    return forms.get(code, f"INV-{small:06}")


def _iban(rng: Random, code: str) -> str:
    """A bank account whose check digits are right, in groups of four."""
    forms = {"GB": ("NWBK", 14), "NL": ("INGB", 10), "FR": ("", 23), "ES": ("", 20), "PL": ("", 24), "SE": ("", 20)}
    forms |= {"CZ": ("", 20), "TR": ("", 22), "GR": ("", 23), "IT": ("X", 22), "DE": ("", 18)}
    land = code if code in forms else "DE"
    bank, count = forms[land]
    body = bank + _digits(rng, count)
    plain = "".join(str(int(character, 36)) for character in f"{body}{land}00")
    whole = f"{land}{98 - int(plain) % 97:02}{body}"
    return " ".join(re.findall(".{1,4}", whole))


def _dialled(rng: Random, phone: str) -> str:
    """A number as its owner writes it."""
    number = phonenumbers.parse(phone)
    forms = [phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL]
    return rng.choice([phone, *(phonenumbers.format_number(number, form) for form in forms)])


def _plain(number: str) -> str:
    """A number's normal form."""
    return number.removeprefix("#").upper()


def _typed(rng: Random, number: str) -> str:
    """An order number as somebody types it."""
    bare = number.removeprefix("#")
    has_prefix = bare[0].isalpha() and not bare.isalpha()
    return rng.choice([number, number, bare, bare, f"#{bare}", bare.lower() if has_prefix else bare])


def _fill(draw: Draw, text: str, human: Human, typed: str = "") -> str:
    """A letter of that person."""
    rng, code = draw.rng, human.country
    whole = text.format(
        n=typed,
        name=human.name,
        street=human.street,
        city=human.city,
        zip=human.postcode,
        phone=_dialled(rng, human.phone),
        date=_date(rng, code),
        price=_price(rng, code),
        track=_track(rng, code),
        inv=_invoice(rng, code),
        iban=_iban(rng, code),
    )
    return rng.choice(DEBRIS)(whole) if rng.random() < 0.25 else whole


def _letter(draw: Draw, human: Human, typed: str) -> str:
    """A letter about one order, in his language or in that of his parents."""
    texts = ABROAD if draw.rng.random() < 0.15 else LETTERS.get(human.country, LETTERS["US"])
    return _fill(draw, draw.rng.choice(texts), human, typed)


# -- people and orders ----------------------------------------------------------------------------------------


def _kept(human: Human) -> list[Order]:
    """His orders in records that are his alone."""
    own = {party.id for party in human.parties}
    return [order for order in human.orders if order.party_id in own]


def _other(draw: Draw, *than: Human) -> tuple[Human, Order] | None:
    """An order of somebody else, under a number that those given do not have."""
    taken = {_plain(order.number) for human in than for order in human.orders}
    human = draw.customer()
    order = draw.rng.choice(human.orders)
    return None if human in than or _plain(order.number) in taken else (human, order)


def _bare(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return local.partition("+")[0].replace(".", "") + "@" + domain.replace("googlemail", "gmail")


def _is_free(draw: Draw, address: str, beside: Human) -> bool:
    """Whether nobody but perhaps that one neighbour has something like this address."""
    known = any(address.lower() in shop.by_mail for shop in draw.town.shops)
    others = (mail for human in draw.town.humans if human is not beside for mail in human.mailboxes)
    return not known and address not in beside.mailboxes and all(_bare(mail) != _bare(address) for mail in others)


def _at(draw: Draw, *domains: str) -> Human | None:
    """A customer whose mailbox is at one of these providers."""
    several = (draw.customer() for _ in range(12))
    return next((human for human in several if human.mailbox.rpartition("@")[2] in domains), None)


def _other_spelling(rng: Random, human: Human) -> str:
    """The same full name as the same person writes it elsewhere."""
    given, surname = human.given, human.surname
    match human.country:
        case "JP":
            return f"{surname}{given}"
        case "CN":
            return f"{anyascii(surname)} {anyascii(given)}".title()
        case "RU":
            return " ".join(_passport(part) for part in rng.sample([given, surname], 2))
        case "DE" if rng.random() < 0.5:
            return "".join(UMLAUTS.get(character, character) for character in human.name)
    latin = anyascii(human.name)
    nickname = NICKNAMES.get(given)
    if nickname and rng.random() < 0.6:
        return f"{nickname} {surname}"
    return rng.choice(
        [latin, latin.lower(), latin.upper(), f"{surname}, {given}", f"{surname} {given}", f"{surname.upper()} {given}",
         f"Dr. {human.name}", f"  {given}  {surname} "]
    )  # fmt: skip


def _passport(name: str) -> str:
    return anyascii("".join(PASSPORT.get(character, character) for character in name.lower())).title()


def _namesake(draw: Draw, human: Human) -> Human:
    """Somebody else of that name, in the same place."""
    double = draw.registry.human(human.country, human.surname, human.given)
    double.city, double.postcode = human.city, human.postcode
    return double


def _second_mailbox(draw: Draw, human: Human) -> str:
    return draw.registry.mailbox(human.given, human.surname)


# -- honest people and what they write ------------------------------------------------------------------------


@family(2)
def held_letter(draw: Draw) -> Case | None:
    """A customer writes in his language; the order number stands among a lot of others."""
    rng, human = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(human.orders).number)
    text = _letter(draw, human, typed)
    facts = ticket(human.name, human.mailbox, text, method=rng.choice(["none", "low", "full"]),
                   flags=rng.choice([(), (), (), (3,), (22,)]), phone=rng.choice([None, human.phone]))  # fmt: skip
    return Case(facts, human, findable=True, numbers=frozenset({_plain(typed)}))


@family(2)
def held_pasted_confirmation(draw: Draw) -> Case | None:
    """A customer pastes the shop's mail into his, from the mailbox that he bought with or from another."""
    rng, human = draw.rng, draw.customer()
    number = rng.choice(human.orders).number
    text = _fill(draw, CONFIRMATIONS.get(human.country, CONFIRMATIONS["US"]), human, number)
    mailbox = human.mailbox if rng.random() < 0.6 else _second_mailbox(draw, human)
    facts = ticket(human.name, mailbox, text, subject=rng.choice([None, "Question", "Frage", "質問"]))
    return Case(facts, human, findable=True, numbers=frozenset({_plain(number)}))


@family(1)
def held_quoted_reply(draw: Draw) -> Case | None:
    """A customer answers above a quoted mail, or below an agent's comment, about somebody else's order."""
    rng, human = draw.rng, draw.customer()
    found = _other(draw, human)
    if found is None:
        return None
    foreign = found[1].number
    typed = _typed(rng, rng.choice(human.orders).number)
    text = _letter(draw, human, typed)
    if rng.random() < 0.3:
        agent = TicketText("agent", f"Hello, your order {foreign} left our house yesterday.")
        texts: tuple[TicketText | str, ...] = (agent, text)
    else:
        texts = (text + rng.choice(QUOTES).format(n=foreign),)
    facts = ticket(human.name, human.mailbox, *texts)
    return Case(facts, human, findable=True, numbers=frozenset({_plain(typed)}))


@family(2)
def held_short_message(draw: Draw) -> Case | None:
    """Hardly more than a number, in the text or the subject, some of them in full-width digits."""
    rng, human = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(human.orders).number)
    meant = frozenset({_plain(typed)})
    second = rng.choice(human.orders).number
    if rng.random() < 0.2 and _plain(second) not in meant:
        meant |= {_plain(second)}
        typed = rng.choice(
            [f"{typed} & {second}", f"{typed}, {second}", f"{typed} / {second}", f"{typed} und {second}"]
        )
    if human.country in {"JP", "CN"} and rng.random() < 0.6:
        typed = typed.translate(WIDE)
    text = rng.choice(SHORT).format(n=typed)
    texts = ((None, text), (text, "Please help"), (f"Re: {text}", "siehe Betreff"))
    subject, body = rng.choice(texts)
    return Case(ticket(human.name, human.mailbox, body, subject=subject), human, findable=True, numbers=meant)


@family(1)
def held_no_order_number(draw: Draw) -> Case | None:
    """A customer gives every number that he has, but no order number."""
    human = draw.customer()
    text = _fill(draw, draw.rng.choice(NUMBERLESS.get(human.country, NUMBERLESS["US"])), human)
    return Case(ticket(human.name, human.mailbox, text), human, findable=True, numbers=frozenset())


@family(2)
def held_second_address(draw: Draw) -> Case | None:
    """A customer writes from another mailbox, with his order number and his name spelt otherwise."""
    rng, human = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(human.orders).number)
    text = rng.choice([_letter(draw, human, typed), rng.choice(SHORT).format(n=typed)])
    name = _other_spelling(rng, human)
    facts = ticket(name, _second_mailbox(draw, human), text, method=rng.choice(["none", "low", "full"]))
    return Case(facts, human, findable=True, numbers=frozenset({_plain(typed)}))


@family(1)
def held_same_mailbox_respelt(draw: Draw) -> Case | None:
    """A customer's own mailbox, written as its provider also takes it."""
    rng = draw.rng
    human = _at(draw, "gmail.com", "outlook.com", "hotmail.com", "icloud.com", "proton.me")
    if human is None:
        return None
    local, _, domain = human.mailbox.partition("@")
    tagged = f"{local}+{rng.choice(['shop', 'orders', '2026'])}@{domain}"
    also = {"gmail.com": ["googlemail.com", "GMail.com"], "icloud.com": ["me.com", "mac.com"], "proton.me": ["pm.me"]}
    forms = [tagged, human.mailbox.upper(), *(f"{local}@{name}" for name in also.get(domain, ()))]
    if domain == "gmail.com":
        forms.append(f"{local[0]}.{local[1:].replace('.', '')}+x@googlemail.com")
    named = rng.choice([human.name, None, local])
    return Case(ticket(named, rng.choice(forms), "Any news?"), human, findable=True, numbers=frozenset())


# -- impostors ------------------------------------------------------------------------------------------------


@family(1)
def held_knows_number_and_name(draw: Draw) -> Case | None:
    """Somebody read number and name off a parcel and writes from a mailbox of his own, which he proves."""
    rng, victim = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(victim.orders).number)
    mailbox = rng.choice([_second_mailbox(draw, victim), draw.stranger().mailbox])
    text = f"Hi, {victim.name} here. Please send order {typed} to my new address and tell me what is in it."
    facts = ticket(victim.name, mailbox, text, method=rng.choice(["none", "full", "sso"]))
    return Case(facts, victim, impostor=True, numbers=frozenset({_plain(typed)}))


@family(1)
def held_unflagged_spoof(draw: Draw) -> Case | None:
    """A forged sender that nothing flags, with or without a real order number."""
    rng, victim = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(victim.orders).number)
    text = rng.choice([_letter(draw, victim, typed), "I lost my phone. Which address do you have for me?"])
    facts = ticket(victim.name, victim.mailbox, text, method=rng.choice(["none", "low"]),
                   trusted=rng.choice([True, None]), phone=rng.choice([None, victim.phone]))  # fmt: skip
    return Case(facts, victim, impostor=True)


@family(1)
def held_borrowed_identity(draw: Draw) -> Case | None:
    """Somebody with a proven mailbox lists the victim's address too, which nobody proved."""
    rng, victim = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(victim.orders).number)
    text = rng.choice(["Where are my orders?", f"My order is {typed}."])
    if rng.random() < 0.4:  # a customer himself: his own records are right, the victim's are not
        thief = draw.customer()
        added = (identity(victim.mailbox, rng.choice(["none", "low"])),)
        facts = ticket(thief.name, thief.mailbox, "Where are my orders?", method="full", others=added)
        return None if thief is victim else Case(facts, thief)
    stranger = draw.stranger()
    name = rng.choice([stranger.name, victim.name])
    if rng.random() < 0.5:
        added = (identity(victim.mailbox, rng.choice(["none", "low"])),)
        return Case(ticket(name, stranger.mailbox, text, method="full", others=added), victim, impostor=True)
    added = (identity(stranger.mailbox, "full"),)
    return Case(ticket(name, victim.mailbox, text, others=added), victim, impostor=True)


@family(1)
def held_flagged_sender(draw: Draw) -> Case | None:
    """The victim's address and all his data, but answers go elsewhere or the mail failed its checks, once at least."""
    rng, victim = draw.rng, draw.customer()
    typed = _typed(rng, rng.choice(victim.orders).number)
    texts = [TicketText("requester", _letter(draw, victim, typed), None, (), True) for _ in range(rng.choice([1, 2]))]
    at = rng.randrange(len(texts))
    flags = rng.choice([(21,), (21,), (21, 3), (14,), (2,), (0,), ()])
    texts[at] = replace(texts[at], flags=flags, trusted=bool(flags))
    facts = ticket(victim.name, victim.mailbox, *texts, method=rng.choice(["none", "low", "full"]))
    return Case(facts, victim, impostor=True)


@family(1)
def held_many_numbers(draw: Draw) -> Case | None:
    """Somebody tries a row of order numbers, under his own name or under that of one of the buyers."""
    rng, stranger = draw.rng, draw.stranger()
    buyers = [draw.customer() for _ in range(rng.randrange(4, 14))]
    numbers = [rng.choice(buyer.orders).number for buyer in buyers]
    listed = rng.choice([", ", "\n", " ", "; ", " or "]).join(_typed(rng, number) for number in numbers)
    text = rng.choice(["My order is one of these: {}", "Bitte Status zu: {}", "{}", "订单 {}"]).format(listed)
    method = rng.choice(["none", "full"])
    if rng.random() < 0.5:
        return Case(ticket(stranger.name, stranger.mailbox, text, method=method), None)
    victim = buyers[0]
    return Case(ticket(victim.name, stranger.mailbox, text, method=method), victim, impostor=True)


# -- people and machines that write about others' orders ------------------------------------------------------


@family(1)
def held_gift_recipient(draw: Draw) -> Case | None:
    """Somebody got a present and asks about it: the parcel bears his name, the bill the giver's."""
    rng, giver = draw.rng, draw.customer()
    friend = draw.stranger()
    shop = draw.town.shop(giver.parties[0].store)
    party = giver.parties[0]
    gifts = [order for order in giver.orders if order.shipping_address and order.shipping_address.name != giver.name]
    if len(giver.orders) > 7 or gifts:
        return None
    parcel = Address(friend.name, None, (friend.street,), friend.city, None, friend.postcode, friend.country)
    mail = next(order.email for order in giver.orders if order.party_id == party.id) or giver.mailbox
    typed = _typed(rng, place(rng, shop, giver, party, mail, parcel=parcel).number)
    text = rng.choice([
        f"Hi, I got this as a birthday present (order {typed}) but it is too small. Can I swap it? {friend.name}",
        f"Hallo, ich habe das von {giver.name} geschenkt bekommen, Bestellnr. {typed}. Umtausch möglich?",
        f"Bonjour, on m'a offert la commande {typed}, le colis est à mon nom : {friend.name}. Il manque une pièce.",
        f"プレゼントでいただきました。注文番号 {typed}、サイズ交換できますか。",
    ])  # fmt: skip
    return Case(ticket(friend.name, friend.mailbox, text), None, numbers=frozenset({_plain(typed)}))


@family(1)
def held_go_between(draw: Draw) -> Case | None:
    """A courier, a reseller or a neighbour writes about a customer's parcel and names him."""
    rng, human, writer = draw.rng, draw.customer(), draw.stranger()
    typed = _typed(rng, rng.choice(human.orders).number)
    track = _track(rng, human.country)
    text, name = rng.choice([
        ((f"Consignment {track}, shipper ref. order {typed}, consignee {human.name}, {human.city}: address incomplete. "
         f"Please advise. Depot 0412, drv {writer.name}"), "Parcel Depot"),
        (f"I order for my clients. Client {human.name}, order {typed}, is waiting. Status please. {writer.name}",
         f"{writer.surname} Trading"),
        (f"Ein Paket für {human.name} liegt bei mir, auf dem Lieferschein steht Bestellung {typed}. {writer.name}",
         writer.name),
        ((f"Nosotros compramos para terceros: pedido {typed} a nombre de {human.name}. Mandad la factura. "
         f"{_dialled(rng, human.phone)}"), writer.name),
    ])  # fmt: skip
    facts = ticket(name, writer.mailbox, text, method=rng.choice(["none", "full"]))
    return Case(facts, None, numbers=frozenset({_plain(typed)}))


@family(1)
def held_parent(draw: Draw) -> Case | None:
    """A parent or a spouse writes from his own mailbox about the order of somebody in the house."""
    rng = draw.rng
    homes = [home for home in draw.town.families if len(home) > 1]
    if not homes:
        return None
    parent, child = rng.sample(rng.choice(homes), 2)
    if not _kept(child):
        return None
    typed = _typed(rng, rng.choice(_kept(child)).number)
    text = rng.choice([
        f"Hello, my daughter {child.given} ordered with you, order {typed}, and she is 15. I want to cancel it.",
        f"Guten Tag, mein Sohn {child.given} hat bei Ihnen bestellt ({typed}). Er hat nichts bekommen.",
        f"Buongiorno, scrivo per {child.name}, ordine {typed}. Non è mai arrivato.",
        f"Здравствуйте, пишу за {child.name}, заказ {typed}.",
    ])  # fmt: skip
    numbers = frozenset({_plain(typed)})
    if parent.mailbox not in parent.shared and parent.orders:
        return Case(ticket(parent.name, parent.mailbox, text), parent, numbers=numbers)
    return Case(ticket(parent.name, _second_mailbox(draw, parent), text), None, numbers=numbers)


@family(1)
def held_forwarded_by_shop(draw: Draw) -> Case | None:
    """Somebody at the shop forwards a customer's mail to the desk, header, signature and all."""
    rng, human, clerk = draw.rng, draw.customer(), draw.stranger()
    typed = _typed(rng, rng.choice(human.orders).number)
    date = _date(rng, human.country)
    head = rng.choice([
        "---------- Forwarded message ---------\nFrom: {name} <{mail}>\nDate: {date}\nSubject: Order {n}\nTo: <hi@shop.example>",
        "-----Ursprüngliche Nachricht-----\nVon: {name} <{mail}>\nGesendet: {date}\nAn: hi@shop.example\nBetreff: {n}",
        "Début du message transféré :\n\nDe: {name} <{mail}>\nObjet: commande {n}\nDate: {date}\nÀ: hi@shop.example",
        "Inoltro mail di {name} ({mail}), rispondere a lui:",
    ]).format(name=human.name, mail=human.mailbox, date=date, n=typed)  # fmt: skip
    text = f"{rng.choice(['pls handle', 'Kannst du das übernehmen?', 'FYI', ''])}\n\n{head}\n\n{_letter(draw, human, typed)}"
    address = rng.choice([clerk.mailbox, "info@shop.example", "store.paris@shop.example"])
    method = rng.choice(["none", "full"])
    return Case(ticket(clerk.name, address, text, subject="Fwd: " + typed, method=method), None)


@family(1)
def held_machine(draw: Draw) -> Case | None:
    """A bounce, an automatic answer or a notice of a payment service about a customer's order."""
    rng, human = draw.rng, draw.customer()
    number = rng.choice(human.orders).number
    sender, name, text = rng.choice([
        ("mailer-daemon@googlemail.com", "Mail Delivery Subsystem",
         (f"Delivery to the following recipient failed permanently:\n\n    {human.mailbox}\n\n550 5.1.1 user unknown\n\n"
         f"----- Original message -----\nTo: {human.name} <{human.mailbox}>\nSubject: Your order {number}\n\nHi {human.given}")),
        ("postmaster@mx.example", "MAILER-DAEMON",
         f"Final-Recipient: rfc822; {human.mailbox}\nAction: failed\nStatus: 5.2.2\nSubject: Bestellung {number}"),
        ("noreply@payments.example", human.name,
         f"{human.name} ({human.mailbox}) paid {_price(rng, 'US')} for invoice {number}. Transaction {_digits(rng, 17)}."),
        ("no-reply@forms.example", "Contact form",
         f"Name: {human.name}\nE-mail: {human.mailbox}\nPhone: {human.phone}\nOrder: {number}\nMessage: where is it"),
    ])  # fmt: skip
    state = rng.choice(["mailer_daemon", "machine"])
    return Case(_with_state(ticket(name, sender, text), state), None)


def _with_state(facts: Facts, state: str) -> Facts:
    """The same, with what Zendesk found out about the sender's address."""
    stated: tuple[Identity, ...] = tuple(replace(each, deliverable_state=state) for each in facts.requester.identities)
    return replace(facts, requester=replace(facts.requester, identities=stated))


# -- neighbours and namesakes ---------------------------------------------------------------------------------


def _one_off(rng: Random, local: str) -> str:
    """A local part with one letter or digit more, fewer or other."""
    places = [at for at, character in enumerate(local) if character.isalnum()]
    at = rng.choice(places)
    other = rng.choice("0123456789" if local[at].isdigit() else "abcdefghijklmnopqrstuvwxyz")
    edits = [local[:at] + local[at] + local[at:], local[:at] + other + local[at + 1 :], f"{local}{rng.randrange(10)}"]
    if len(places) > 3:
        edits.append(local[:at] + local[at + 1 :])
    twins = {"a": "а", "e": "е", "o": "о", "i": "ı", "k": "\u212a", "s": "ſ"}
    edits += [local.replace(letter, twin, 1) for letter, twin in twins.items() if letter in local]
    return rng.choice(edits).strip(".")


def _unfolded(rng: Random, local: str, domain: str) -> str:
    """The same name with a dot or a tag that this provider takes as another mailbox, or at another provider."""
    forms = [f"{local}-shop@{domain}", f"{local}@{domain.rpartition('.')[0]}.co", f"{local}@mail.{domain}"]
    if domain != "gmail.com":
        forms += [f"{local[0]}.{local[1:]}@{domain}", f"{local.replace('.', '')}@{domain}"]
        forms += [f"{local}@gmail.com"]
    if domain not in {"gmail.com", "outlook.com", "hotmail.com", "icloud.com", "proton.me"}:
        forms += [f"{local}+shop@{domain}", f"{local}+{rng.randrange(99)}@{domain}"]
    return rng.choice(forms)


@family(2)
def held_neighbour_mailbox(draw: Draw) -> Case | None:
    """Another mailbox beside a customer's: one letter off, or a variant that the provider does not fold."""
    rng, human, writer = draw.rng, draw.customer(), draw.stranger()
    local, _, domain = human.mailbox.partition("@")
    address = f"{_one_off(rng, local)}@{domain}" if rng.random() < 0.5 else _unfolded(rng, local, domain)
    if not _is_free(draw, address, human) or address.lower() == human.mailbox.lower():
        return None
    typed = _typed(rng, rng.choice(human.orders).number)
    name, text = rng.choice([
        (human.name, "Hello, where is my parcel?"),
        (human.name, f"Please call me: {_dialled(rng, human.phone)}. {human.name}, {human.city}"),
        (writer.name, f"Where is my order {typed}?"),
        (None, "where is my stuff"),
        (local, f"My real address is {human.mailbox}, this one is new."),
    ])  # fmt: skip
    return Case(ticket(name, address, text, method=rng.choice(["none", "low", "full"])), None)


@family(1)
def held_namesake(draw: Draw) -> Case | None:
    """Two of one name in one town: one writes, who bought nothing, or bought too and may name the other's order."""
    rng, human = draw.rng, draw.customer()
    double = _namesake(draw, human)
    place_ = f"{double.name}, {double.postcode} {double.city}"
    if rng.random() < 0.5:
        text = rng.choice([f"Have you shipped my order? {place_}", f"{place_}\n{_dialled(rng, double.phone)}"])
        return Case(ticket(double.name, double.mailbox, text, phone=double.phone), None, numbers=frozenset())
    buy(rng, draw.town.shop(human.parties[0].store), double, account=rng.random() < 0.6)
    draw.town.humans.append(double)
    settle(draw.town)
    if rng.random() < 0.3:
        typed = _typed(rng, rng.choice(human.orders).number)
        facts = ticket(double.name, double.mailbox, f"Is it order {typed}? I am not sure. {place_}")
        return Case(facts, double, numbers=frozenset({_plain(typed)}))
    typed = _typed(rng, rng.choice(double.orders).number)
    facts = ticket(double.name, double.mailbox, _letter(draw, double, typed))
    return Case(facts, double, findable=True, numbers=frozenset({_plain(typed)}))


# -- telephones -----------------------------------------------------------------------------------------------


@family(1)
def held_shared_phone(draw: Draw) -> Case | None:
    """A call or a text message from the one telephone of a household."""
    rng = draw.rng
    homes = [home for home in draw.town.families if len(home) > 1 and home[0].phone == home[1].phone]
    if not homes:
        return None
    caller, other = rng.sample(rng.choice(homes), 2)
    channel, method = rng.choice(["voice", "sms"]), rng.choice(["none", "full"])

    def call(name: str, text: str) -> Facts:
        return ticket(name, None, text, channel=channel, phone=caller.phone, method=method)

    draw_ = rng.random()
    if draw_ < 0.3 or not _kept(caller):
        name = rng.choice([f"Caller {caller.phone}", caller.name, caller.surname])
        return Case(call(name, "Voicemail: hi, it's about the parcel, please ring back."), None, numbers=frozenset())
    typed = _typed(rng, rng.choice(_kept(caller)).number)
    text = rng.choice([f"order {typed} where is it", f"Bestellung {typed} bitte stornieren", f"commande {typed} svp"])
    numbers = frozenset({_plain(typed)})
    if draw_ < 0.6:
        return Case(call(f"Caller {caller.phone}", text), caller, findable=True, numbers=numbers)
    if draw_ < 0.8:
        return Case(call(caller.name, text), caller, findable=True, numbers=numbers)
    return Case(call(other.name, text), caller, impostor=True, numbers=numbers)


@family(1)
def held_switchboard(draw: Draw) -> Case | None:
    """A call through a number that is not the caller's: a colleague's, a switchboard's, or one that was given anew."""
    rng = draw.rng
    channel, method = rng.choice(["voice", "voice", "sms"]), rng.choice(["none", "full"])
    human = draw.customer()
    kind = rng.choice(["colleague", "switchboard", "recycled"])
    if kind == "recycled":
        stranger = draw.stranger()
        text = rng.choice(["Who are you? You keep texting me about parcels.", "i want to order, do you ship to Malta"])
        facts = ticket(stranger.name, None, text, channel=channel, phone=human.phone, method=method)
        return Case(facts, None, numbers=frozenset())
    if kind == "colleague" and draw.town.offices:
        human, colleague = rng.sample(rng.choice(draw.town.offices), 2)
        if not _kept(human):
            return None
        phone = colleague.phone
    else:
        phone = draw.registry.phone("GB")
    typed = _typed(rng, rng.choice(_kept(human)).number)
    text = f"Call transcript: this is {human.name}, it is about order {typed}, thank you."
    facts = ticket(human.name, None, text, channel=channel, phone=phone, method=method)
    return Case(facts, human, numbers=frozenset({_plain(typed)}))


# -- stores that do not answer --------------------------------------------------------------------------------


@family(2)
def held_silent_store(draw: Draw) -> Case | None:
    """One store does not answer: the customer's only one, one of his, or one that never knew him."""
    rng, human = draw.rng, draw.customer()
    if len(draw.town.shops) < 2:
        return None
    silent = rng.choice(draw.town.shops).store.name
    answering = [order for order in human.orders if order.store != silent]
    method = rng.choice(["none", "full"])
    if answering:
        typed = _typed(rng, rng.choice(answering).number)
        facts = ticket(human.name, human.mailbox, _letter(draw, human, typed), method=method)
        return Case(facts, human, findable=True, silent=(silent,), numbers=frozenset({_plain(typed)}))
    found = _other(draw, human)
    if found is None:
        return None
    typed = _typed(rng, rng.choice([found[1], rng.choice(human.orders)]).number)
    text = rng.choice([_letter(draw, human, typed), rng.choice(SHORT).format(n=typed)])
    facts = ticket(human.name, human.mailbox, text, method=method)
    return Case(facts, human, silent=(silent,), numbers=frozenset({_plain(typed)}))
