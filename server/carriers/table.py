"""Carriers whose tracking page can be opened by a number alone. As of November 2026.

Left out: those whose page asks for the postcode too (PostNL, Mondial Relay, Hermes in Germany): it is personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier: how people write it, and its page; `{language}` is filled with one of `languages`, else English.

    `names` are in small letters without hyphens, and also as stores' slugs have them, taken apart: the first words of
    what a store writes.
    """

    code: str
    name: str
    names: tuple[str, ...]
    url: str
    languages: frozenset[str] = frozenset()


def _carrier(code: str, name: str, names: str, url: str, languages: str = "") -> Carrier:
    return Carrier(code, name, tuple(names.split(", ")), url, frozenset(languages.split()))


CARRIERS: Mapping[str, Carrier] = {
    each.code: each
    for each in (
        # the world over
        _carrier(
            "ups", "UPS", "ups, united parcel service", "https://www.ups.com/track?loc={language}&tracknum={number}",
            "ar de es fr it ja nl pt",
        ),
        _carrier("fedex", "FedEx", "fedex, federal express", "https://www.fedex.com/fedextrack/?trknbr={number}"),
        _carrier(
            "dhl", "DHL", "dhl, deutsche post dhl, dhl paket",
            "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}&submit=1",
        ),
        _carrier(
            "aramex", "Aramex", "aramex", "https://www.aramex.com/us/en/track/results?mode=0&ShipmentNumber={number}"
        ),
        _carrier("4px", "4PX", "4px", "https://track.4px.com/#/result/0/{number}"),
        _carrier(
            "yunexpress", "YunExpress", "yunexpress, yun express", "https://www.yuntrack.com/parcelTracking?id={number}"
        ),
        # America
        _carrier(
            "usps", "USPS", "usps, united states postal service, us postal service",
            "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
        ),
        _carrier("ontrac", "OnTrac", "ontrac", "https://www.ontrac.com/tracking/?number={number}"),
        _carrier(
            "canada_post", "Canada Post", "canada post, canadapost, postes canada",
            "https://www.canadapost-postescanada.ca/track-reperage/{language}#/details/{number}", "fr",
        ),
        _carrier("purolator", "Purolator", "purolator", "https://www.purolator.com/en/shipping/tracker?pin={number}"),
        _carrier(
            "correios", "Correios", "correios, sedex",
            "https://rastreamento.correios.com.br/app/index.php?objetos={number}",
        ),
        # Britain and Ireland
        _carrier(
            "royal_mail", "Royal Mail", "royal mail, royalmail",
            "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
        ),
        _carrier(
            "parcelforce", "Parcelforce", "parcelforce, parcel force",
            "https://www.parcelforce.com/track-trace?trackNumber={number}",
        ),
        _carrier("evri", "Evri", "evri, hermes uk, myhermes", "https://www.evri.com/track/parcel/{number}"),
        _carrier("dpd_uk", "DPD UK", "dpd uk, dpd gb, dpd local", "https://track.dpd.co.uk/parcels/{number}"),
        # the continent
        _carrier("dpd", "DPD", "dpd, dpd de", "https://tracking.dpd.de/status/en_US/parcel/{number}"),
        _carrier("dpd_fr", "DPD France", "dpd fr, dpd france", "https://trace.dpd.fr/fr/trace/{number}"),
        _carrier("gls", "GLS", "gls", "https://gls-group.eu/track/{number}"),
        _carrier(
            "la_poste", "La Poste", "la poste, laposte, colissimo",
            "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
        ),
        _carrier(
            "chronopost", "Chronopost", "chronopost",
            "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}&langue={language}", "fr",
        ),
        _carrier(
            "correos", "Correos", "correos, correos es",
            "https://www.correos.es/es/{language}/herramientas/localizador/envios/detalle?tracking-number={number}",
            "es",
        ),
        _carrier(
            "poste_italiane", "Poste Italiane", "poste italiane, poste it",
            "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
        ),
        _carrier(
            "bpost", "bpost", "bpost, belgian post",
            "https://track.bpost.cloud/btr/web/#/search?itemCode={number}&lang={language}", "de fr nl",
        ),
        _carrier(
            "austrian_post", "Österreichische Post", "austrian post, österreichische post, post at",
            "https://www.post.at/sv/sendungsdetails?snr={number}",
        ),
        _carrier(
            "swiss_post", "Swiss Post", "swiss post, swisspost, die schweizerische post, la poste suisse",
            "https://service.post.ch/ekp-web/ui/entry/search/{number}?lang={language}", "de fr it",
        ),
        _carrier("postnord", "PostNord", "postnord, post nord", "https://tracking.postnord.com/en/?id={number}"),
        _carrier("bring", "Bring", "bring, posten bring, posten norge", "https://tracking.bring.com/tracking/{number}"),
        _carrier("inpost", "InPost", "inpost", "https://inpost.pl/sledzenie-przesylek?number={number}"),
        _carrier(
            "poczta_polska", "Poczta Polska", "poczta polska, polish post, pocztex",
            "https://emonitoring.poczta-polska.pl/?numer={number}",
        ),
        # Asia and the Pacific
        _carrier(
            "japan_post", "Japan Post", "japan post, 日本郵便, ゆうパック",
            "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1={number}&locale={language}",
            "ja",
        ),
        _carrier(
            "yamato", "Yamato", "yamato, ヤマト運輸, kuroneko",
            "https://jizen.kuronekoyamato.co.jp/jizen/servlet/crjz.b.NQ0010?id={number}",
        ),
        _carrier(
            "sagawa", "Sagawa", "sagawa, 佐川急便",
            "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={number}",
        ),
        _carrier(
            "australia_post", "Australia Post", "australia post, auspost, aus post",
            "https://auspost.com.au/mypost/track/#/details/{number}",
        ),
        _carrier(
            "nz_post", "NZ Post", "nz post, new zealand post", "https://www.nzpost.co.nz/tools/tracking/item/{number}"
        ),
    )
}  # fmt: skip
