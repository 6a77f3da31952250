"""Whether a customer writes that his goods have not come: careful word lists, and only ever a hint.

Clause by clause, so that "not received, and I want my money back" is about the goods and "no reply received" is not.
What he says last counts: "it had not come, but turned up today".
"""

import re
from collections.abc import Iterator, Sequence

_UP_TO_4 = r"(?:[\w'\#-]{1,30}\ ){0,4}?"

_MISSING = re.compile(
    rf"""
    # English
    \b(?:never|not|\w{{2,7}}n't|didnt|hasnt|havent)\ {_UP_TO_4}
        (?:arrived?|received?|delivered|show(?:ed|n)?\ up|turned?\ up|reached\ (?:me|us)|gotten
        |(?:get|got)\ (?:it|them|my|the|here)|(?:come|came)(?!\ (?:with|in|from|to|as|back)\b))\b
    | \b(?:nobody|no\ one|noone)\ (?:here\ )?(?:has\ )?(?:signed|received|got|has\ it)\b
    | \b(?:parcel|package|order|delivery|it)\ (?:is|was|got|has\ been|must\ have\ been)\ (?:lost|stolen)\b
    | \bno\ (?:parcel|package|delivery)\ (?:here|at|in|has|was|arrived|came|for)\b
    # German
    | \b(?:nicht|nichts|nie|niemals|kein(?:e|en|es|er)?)\ {_UP_TO_4}
        (?:angekommen|ankommen|erhalten|bekommen|eingetroffen|zugestellt|geliefert|gekommen|da|an)\b
    | \bnie\ angekommen\b
    # French
    | \b(?:pas|jamais|rien|aucun|aucune)\ {_UP_TO_4}(?:reçue?s?|arrivée?s?|livrée?s?|parvenue?s?)\b
    # Spanish
    | \b(?:no|nunca|jamás|nada|ningún)\ {_UP_TO_4}
        (?:recibid[oa]s?|recibí|recibimos|llegad[oa]s?|llegó|llega|llegaron|entregad[oa]s?|entregaron)\b
    # Portuguese
    | \b(?:não|nunca|nada|nenhum)\ {_UP_TO_4}(?:recebi|recebemos|recebid[oa]s?|chegou|chegaram|entregues?|entregaram)\b
    # Italian
    | \b(?:non|mai|niente|nulla|nessun)\ {_UP_TO_4}(?:ricevut[oaie]|arrivat[oaie]|arriva|consegnat[oaie])\b
    # Dutch
    | \b(?:niet|nooit|niets|geen)\ {_UP_TO_4}(?:ontvangen|aangekomen|gekregen|bezorgd|geleverd|binnen|binnengekomen)\b
    # Japanese
    | (?:届(?:い|か|き|け)|受け取(?:っ|れ|り)|到着し|着い)[^。]{{0,6}}(?:ない|ません|なかった)
    # Arabic
    | \bلم\ {_UP_TO_4}(?:أستلم|استلم|نستلم|يصل|تصل)\w{{0,4}} | \bلم\ يتم\ (?:ال)?(?:تسليم|توصيل)\w{{0,3}}
    | \bما\ (?:وصل|استلمت)\w{{0,4}}
    """,
    re.VERBOSE,
)

_ARRIVED = re.compile(
    r"""
    \b(?:arrived|turned\ up|showed\ up|(?:received|got|found|have)\ (?:it|them|the\ (?:parcel|package|order)))\b
    | \b(?:it|they|parcel|package|order)\ (?:just\ |finally\ |now\ )?came\b
    | \b(?:angekommen|eingetroffen|erhalten|gefunden|aufgetaucht|(?:jetzt|nun|inzwischen|doch|wieder)\ da)\b
    | \b(?:reçue?s?|arrivée?s?|retrouvée?s?)\b
    | \b(?:llegó|llegado|llegaron|recibí|recibido|encontré|encontrado|apareció)\b
    | \b(?:chegou|chegaram|recebi|encontrei|apareceu)\b
    | \b(?:ricevut[oaie]|arrivat[oaie]|trovat[oaie])\b
    | \b(?:ontvangen|aangekomen|gevonden|binnengekomen)\b
    | 届きました | 届いた | 受け取りました | 見つかりました
    | \b(?:وصلت?|وصلني|وصلتني|استلمت|وجدت)\w{0,2}\b
    """,
    re.VERBOSE,
)

_OTHER_THINGS = re.compile(
    r"""
    \b(?:repl(?:y|ies)|answers?|response|e-?mails?|mails?|messages?|refund|money|invoice|receipt|confirmation|label
    |code|voucher|credit|notification|call|news|information|payment|link|update
    |antwort|rückmeldung|nachricht|geld|\w{0,6}erstattung|gutschrift|rechnung|beleg|\w{0,16}bestätigung|etikett|gutschein
    |anruf|infos?|informationen|zahlung|sendungsnummer
    |réponse|courriel|message|remboursement|argent|facture|confirmation|étiquette|avoir|appel|paiement|lien|nouvelles?
    |respuesta|correo|mensaje|reembolso|dinero|factura|confirmación|etiqueta|código|cupón|llamada|pago|enlace|noticias?
    |resposta|mensagem|dinheiro|fatura|recibo|confirmação|cupom|ligação|pagamento|notícias?
    |risposta|messaggio|rimborso|denaro|soldi|fattura|conferma|etichetta|codice|buono|chiamata|pagamento|notizie
    |antwoord|reactie|bericht|terugbetaling|factuur|bevestiging|telefoontje|betaling|nieuws)\b
    | 返信|返事|回答|メール|返金|領収書|請求書|連絡
    | \b(?:ال)?(?:رد|رداً|ردا|جواب|بريد|رسالة|استرداد|مبلغ|فاتورة|إيصال|تأكيد)\b
    """,
    re.VERBOSE,
)
"""What else may not have come."""

_IF = re.compile(
    r"^(?:if|in case|unless|whether|when|wenn|falls|sollte|ob|si|s'ils?|se|qualora|als|indien|mocht|إذا|لو|もし)\b|場合"
)

_CLAUSES = re.compile(
    r"[.!?;,:\n。、！？؟،]+|\s(?:and|but|because|und|aber|weil|et|mais|car|y|pero|porque|e|mas|ma|en|maar|want)\s"
)


def says_not_received(texts: Sequence[str]) -> bool:
    """Whether the newest of these texts that speaks of it says that the goods have not come."""
    return next((said for text in texts if (said := _said(text)) is not None), False)


def _said(text: str) -> bool | None:
    """What is said last; `None` where the text is about something else."""
    said = None
    for clause in _clauses(text):
        for missing in _mentions(clause):
            said = missing
    return said


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSES.split(text.casefold().replace("’", "'")):
        plain = " ".join(clause.split())
        if plain and not _IF.search(plain) and not _OTHER_THINGS.search(plain):
            yield plain


def _mentions(clause: str) -> Iterator[bool]:
    """In the clause's own sequence: `True` for what has not come, `False` for what has."""
    at = 0
    for missing in _MISSING.finditer(clause):
        yield from (False for _ in _ARRIVED.finditer(clause, at, missing.start()))
        yield True
        at = missing.end()
    yield from (False for _ in _ARRIVED.finditer(clause, at))
