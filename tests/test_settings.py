"""`orderside.toml`: what is taken, what is refused and in which words, and that no secret ever shows."""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from server.connectors import CONNECTORS
from server.errors import SettingsError
from server.model import Level
from server.settings import Settings, load
from server.ways import Proxied, SignedUrl

WHOLE = r"""
[service]
base_url = "https://orders.example.com"   # what the app calls; tokens must name it as `aud`
listen   = "127.0.0.1:8080"
metrics_listen = "127.0.0.1:9090"         # optional: where /metrics answers; off when left out

[limits]                                  # defaults shown; all may be left out
deadline_ms     = 4000                    # the whole lookup
first_answer_ms = 1200                    # the first answer leaves by then, even if stores are still out
cache_found_s   = 60
cache_nothing_s = 15
orders          = 10                      # orders shown per customer

[[tenant]]
subdomain = "acme"                        # https://acme.zendesk.com
external_ids = "Acme EU"                  # optional: the store whose customer ids Zendesk's external_id carries

  [tenant.auth]
  method  = "proxied"                     # or "signed_url"
  secrets = ["env:ACME_SIDEBAR_SECRET"]   # proxied: one, or two while rotating; at least 32 bytes each

  [tenant.zendesk]                        # optional: read the requester's proof from Zendesk itself, read-only
  email = "reader@acme.example"
  token = "env:ACME_ZENDESK_TOKEN"

  [tenant.show]                           # optional: what agents may see; docs/admin.md lists the fields
  hide = ["addresses"]
  mask_below = "confirmed"

  [[tenant.store]]
  name     = "Acme EU"                    # unique in the tenant
  platform = "woocommerce"
  origin   = "https://shop.acme.example"
  key      = "env:ACME_EU_KEY"
  secret   = "env:ACME_EU_SECRET"
  country  = "DE"                         # default region for phone numbers
  brands   = ["Acme Europe"]              # optional: asked first, and named when orders sit in another brand's store
  order_number = '#?\d{4,8}'              # optional: overrides the platform's shape

  [[tenant.store]]
  name     = "Acme US"
  platform = "shopify"
  shop     = "acme-us.myshopify.com"
  access_token = "env:ACME_US_TOKEN"      # or client_id + client_secret (client credentials grant)
"""
"""The example that administrators are given; every line of it must be taken as it stands."""

SECRETS = {
    "ACME_SIDEBAR_SECRET": "sidebar-hunter2-sidebar-hunter2-sidebar",
    "ACME_ZENDESK_TOKEN": "zendesk-hunter2",
    "ACME_EU_KEY": "ck-hunter2",
    "ACME_EU_SECRET": "cs-hunter2",
    "ACME_US_TOKEN": "shpat-hunter2",
}
MARK = "hunter2"
"""Is part of every secret here, so that a search for it finds any leak."""


def take(folder: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    path = folder / "orderside.toml"
    path.write_text(text, "utf-8")
    return load(path, SECRETS if environ is None else environ)


def refused(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    """The complaint about these settings, after a search of all that it carries along for secrets."""
    with pytest.raises(SettingsError) as caught:
        take(folder, text, environ)
    for error in _all(caught.value):
        assert MARK not in "".join(traceback.format_exception(error))
        assert MARK not in repr(error)
    return str(caught.value)


def _all(error: BaseException | None) -> Iterator[BaseException]:
    """The error, its causes, and what was being handled when it came."""
    if error is not None:
        yield error
        yield from _all(error.__cause__)
        yield from _all(error.__context__)


def without(line: str) -> str:
    return changed(line, "")


def changed(line: str, new: str) -> str:
    """The example with the line that starts so replaced."""
    lines = WHOLE.splitlines()
    at = next(n for n, text in enumerate(lines) if text.strip().startswith(line))
    return "\n".join([*lines[:at], new, *lines[at + 1 :]])


# -- what is taken ----------------------------------------------------------------------------------------


def test_the_example_is_taken_whole(tmp_path: Path) -> None:
    settings = take(tmp_path, WHOLE)
    assert settings.service.base_url == "https://orders.example.com"
    assert (settings.service.listen, settings.service.metrics_listen) == ("127.0.0.1:8080", "127.0.0.1:9090")
    tenant = settings.tenants["acme"]
    assert isinstance(tenant.auth, Proxied)
    assert [item.get_secret_value() for item in tenant.auth.secrets] == [SECRETS["ACME_SIDEBAR_SECRET"]]
    assert tenant.policies.everybody.hide == {"addresses"}
    assert tenant.policies.everybody.mask_below is Level.CONFIRMED
    assert tenant.zendesk is not None
    assert tenant.zendesk.token.get_secret_value() == SECRETS["ACME_ZENDESK_TOKEN"]
    europe, america = tenant.stores
    assert (europe.store.name, europe.store.platform, europe.store.country) == ("Acme EU", "woocommerce", "DE")
    assert (europe.store.brands, europe.store.order_number) == (("Acme Europe",), r"#?\d{4,8}")
    assert (europe.store.carries_external_ids, america.store.carries_external_ids) == (True, False)
    assert america.store.order_number == america.connector.order_number
    assert america.config.model_dump()["access_token"].get_secret_value() == SECRETS["ACME_US_TOKEN"]


def test_what_the_example_calls_defaults_are_the_defaults(tmp_path: Path) -> None:
    said = take(tmp_path, WHOLE)
    limits = WHOLE[WHOLE.index("[limits]") : WHOLE.index("[[tenant]]")]
    left_out = take(tmp_path, WHOLE.replace(limits, ""))
    assert said.limits == left_out.limits
    assert take(tmp_path, without("metrics_listen")).service.metrics_listen is None
    assert take(tmp_path, without("mask_below")).tenants == said.tenants


def test_nothing_of_a_secret_shows(tmp_path: Path) -> None:
    settings = take(tmp_path, WHOLE)
    assert MARK not in repr(settings)
    assert MARK not in str(settings)
    for store in settings.tenants["acme"].stores:
        assert MARK not in f"{store} {store.config}"


def test_secrets_come_from_files_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/sidebar").write_text("sidebar-hunter2-sidebar-hunter2-from-file\n")
    settings = take(tmp_path, changed("secrets", 'secrets = ["file:keys/sidebar", "env:ACME_SIDEBAR_SECRET"]'))
    auth = settings.tenants["acme"].auth
    assert isinstance(auth, Proxied)
    assert [item.get_secret_value() for item in auth.secrets] == [
        "sidebar-hunter2-sidebar-hunter2-from-file",
        SECRETS["ACME_SIDEBAR_SECRET"],
    ], "without the line end that editors add"
    assert MARK not in repr(settings)


def signed(*lines: str, method: str = "signed_url") -> str:
    """Settings whose account has signed URLs, with these lines under them."""
    return changed("secrets", "\n".join(lines)).replace('"proxied"', f'"{method}"')


def public_pem(bits: int = 2048) -> bytes:
    """A new key, as Zendesk gives one out."""
    key = rsa.generate_private_key(65537, bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["as it comes", "saved on Windows"])
def test_a_signed_url_has_a_key_and_an_installation(tmp_path: Path, ends: bytes) -> None:
    (tmp_path / "acme.pem").write_bytes(public_pem().replace(b"\n", ends))
    settings = take(tmp_path, signed('public_key = "file:acme.pem"', "installation_id = 123456"))
    auth = settings.tenants["acme"].auth
    assert isinstance(auth, SignedUrl)
    assert auth.installation_id == 123456
    assert auth.key is not None
    assert auth.key.key_size == 2048
    assert settings.tenants["acme"].origin == "https://acme.zendesk.com"


def test_before_its_app_is_installed_a_signed_url_has_neither(tmp_path: Path) -> None:
    auth = take(tmp_path, signed()).tenants["acme"].auth
    assert isinstance(auth, SignedUrl)
    assert (auth.key, auth.installation_id) == (None, None)


def test_key_and_installation_go_together(tmp_path: Path) -> None:
    (tmp_path / "acme.pem").write_bytes(public_pem())
    for line in ('public_key = "file:acme.pem"', "installation_id = 123456"):
        assert "public_key and installation_id go together" in refused(tmp_path, signed(line))


NO_KEYS: dict[str, tuple[Callable[[], bytes], str]] = {
    "1024 bits": (lambda: public_pem(1024), "must be an RSA key of at least 2048 bits"),
    "a curve": (
        lambda: (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        ),
        "must be an RSA key of at least 2048 bits",
    ),
    "the private half": (
        lambda: rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "must be the app's public key, in PEM",
    ),
    "OpenSSH": (
        lambda: rsa.generate_private_key(65537, 2048).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "must be the app's public key, in PEM",
    ),
    "a JWK": (lambda: b'{"kty": "RSA", "n": "AQAB", "e": "AQAB"}', "must be the app's public key, in PEM"),
    "an answer of Zendesk's": (lambda: b'{"error": "RecordNotFound"}', "must be the app's public key, in PEM"),
    "half": (lambda: public_pem()[:200], "must be the app's public key, in PEM"),
}


@pytest.mark.parametrize(("made", "complaint"), NO_KEYS.values(), ids=NO_KEYS)
def test_only_a_strong_public_key_in_pem_is_taken(tmp_path: Path, made: Callable[[], bytes], complaint: str) -> None:
    (tmp_path / "acme.pem").write_bytes(made())
    message = refused(tmp_path, signed('public_key = "file:acme.pem"', "installation_id = 123456"))
    assert message.startswith('tenant "acme", [tenant.auth]: public_key: ')
    assert complaint in message


def test_another_origin_of_the_accounts_pages_is_for_stand_ins_only(tmp_path: Path) -> None:
    here = take(tmp_path, signed('origin = "http://127.0.0.1:8000"')).tenants["acme"]
    assert here.origin == "http://127.0.0.1:8000"
    assert "origin: must be a loopback address" in refused(tmp_path, signed('origin = "https://evil.example"'))


def test_sessions_have_one_secret_or_two_of_some_length(tmp_path: Path) -> None:
    reference = '"env:ACME_SIDEBAR_SECRET"'
    text = WHOLE.replace("base_url", f"session_secrets = [{reference}, {reference}]\nbase_url", 1)
    secrets = take(tmp_path, text).service.session_secrets
    assert secrets is not None
    assert [secret.get_secret_value() for secret in secrets] == 2 * [SECRETS["ACME_SIDEBAR_SECRET"]]
    for bad in ("[]", f"[{', '.join(3 * [reference])}]", '["env:ACME_EU_KEY"]'):
        message = refused(tmp_path, WHOLE.replace("base_url", f"session_secrets = {bad}\nbase_url", 1))
        assert message.startswith("[service]: session_secrets: ")


def test_private_networks_are_named_one_by_one(tmp_path: Path) -> None:
    assert take(tmp_path, WHOLE).service.private_networks == ()
    settings = take(tmp_path, changed("listen", 'private_networks = ["10.20.0.0/16", "10.9.8.7", "fd12:3456::/32"]'))
    assert [str(each) for each in settings.service.private_networks] == [
        "10.20.0.0/16",
        "10.9.8.7/32",
        "fd12:3456::/32",
    ]


def test_an_accounts_only_store_carries_its_external_ids(tmp_path: Path) -> None:
    text = without("external_ids")
    assert not any(item.store.carries_external_ids for item in take(tmp_path, text).tenants["acme"].stores)
    alone = take(tmp_path, text[: text.rindex("[[tenant.store]]")])
    assert [item.store.carries_external_ids for item in alone.tenants["acme"].stores] == [True]


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000/stores/eu", "http://localhost", "http://[::1]:80"])
def test_plain_http_is_for_this_machine(tmp_path: Path, origin: str) -> None:
    store = take(tmp_path, changed("origin", f'origin = "{origin}"')).tenants["acme"].stores[0]
    assert store.config.model_dump()["origin"] == origin


# -- keys that are not known ------------------------------------------------------------------------------

TABLES = {
    "[service]": ("listen", "[service]"),
    "[limits]": ("orders", "[limits]"),
    "[[tenant]]": ("external_ids", '[[tenant]] "acme"'),
    "[tenant.auth]": ("method", 'tenant "acme", [tenant.auth]'),
    "[tenant.zendesk]": ("email", 'tenant "acme", [tenant.zendesk]'),
    "[tenant.show]": ("hide", 'tenant "acme", [tenant.show]'),
    "[[tenant.store]] of WooCommerce": ("origin", 'tenant "acme", [[tenant.store]] "Acme EU"'),
    "[[tenant.store]] of Shopify": ("shop", 'tenant "acme", [[tenant.store]] "Acme US"'),
}


@pytest.mark.parametrize(("line", "table"), TABLES.values(), ids=TABLES)
def test_an_unknown_key_is_named_with_its_table(tmp_path: Path, line: str, table: str) -> None:
    whole = next(text for text in WHOLE.splitlines() if text.strip().startswith(line))
    message = refused(tmp_path, changed(line, f'{whole}\ncolour_{MARK[:3]} = "{MARK}"'))
    assert message.startswith(f'{table}: unknown key "colour_hun"')


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    assert 'top level: unknown key "servce"; did you mean "service"?' in refused(tmp_path, WHOLE + "\n[servce]\nx = 1")


def test_a_slip_of_the_pen_is_helped(tmp_path: Path) -> None:
    assert 'did you mean "access_token"?' in refused(tmp_path, changed("access_token", 'acess_token = "env:X"'))


def test_another_platforms_key_is_unknown(tmp_path: Path) -> None:
    assert 'unknown key "access_token"' in refused(tmp_path, changed("key  ", 'access_token = "env:ACME_EU_KEY"'))


# -- secrets ----------------------------------------------------------------------------------------------

LITERAL = {
    "a string": f'"ck_{MARK}"',
    "another prefix": f'"vault:{MARK}"',
    "a number": "12345",
    "a table": f'{{ value = "{MARK}" }}',
}
SECRET_KEYS = {
    "access_token": '"Acme US": access_token',
    "key  ": '"Acme EU": key',
    "secret  ": '"Acme EU": secret',
    "token  ": "[tenant.zendesk]: token",
}


@pytest.mark.parametrize("literal", LITERAL.values(), ids=LITERAL)
@pytest.mark.parametrize(("line", "named"), SECRET_KEYS.items())
def test_a_secret_may_not_stand_in_the_file(tmp_path: Path, line: str, named: str, literal: str) -> None:
    text = WHOLE.replace('token = "env:ACME_ZENDESK_TOKEN"', 'token   = "env:ACME_ZENDESK_TOKEN"')
    lines = [f"{line} = {literal}" if item.strip().startswith(line) else item for item in text.splitlines()]
    message = refused(tmp_path, "\n".join(lines))
    assert f"{named}: must be a reference" in message
    assert "12345" not in message


def test_an_installations_secret_may_not_stand_in_the_file(tmp_path: Path) -> None:
    message = refused(tmp_path, changed("secrets", f'secrets = ["env:ACME_SIDEBAR_SECRET", "{MARK * 8}"]'))
    assert message.startswith('tenant "acme", [tenant.auth]: secrets[1]: must be a reference, env:NAME or file:PATH')


NO_SECRET = {
    "variable not set": ("env:ACME_NOT_SET", "the environment variable ACME_NOT_SET is not set"),
    "variable empty": ("env:EMPTY", "is empty"),
    "variable of blanks": ("env:BLANKS", "is empty"),
    "no name of a variable": ("env:A B", "name of an environment variable"),
    "no name": ("env:", "must be a reference"),
    "file missing": ("file:keys/none", "cannot be read"),
    "file empty": ("file:empty", "is empty"),
    "a folder": ("file:.", "cannot be read"),
    "not text": ("file:binary", "cannot be read"),
    "no header can carry it": ("env:ACCENT", "characters that no header can carry"),
    "several lines": ("env:LINES", "characters that no header can carry"),
}


@pytest.mark.parametrize(("reference", "complaint"), NO_SECRET.values(), ids=NO_SECRET)
def test_a_reference_must_lead_to_a_secret(tmp_path: Path, reference: str, complaint: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(MARK.encode() + b"\xff\xfe")
    strange = {"EMPTY": "", "BLANKS": " \n", "ACCENT": f"{MARK}é", "LINES": f"{MARK}\nX-Other: {MARK}"}
    message = refused(tmp_path, changed("access_token", f'access_token = "{reference}"'), SECRETS | strange)
    assert message.startswith('tenant "acme", [[tenant.store]] "Acme US": access_token: ')
    assert complaint in message


@pytest.mark.parametrize("length", [1, 31])
def test_a_short_installation_secret_is_refused(tmp_path: Path, length: int) -> None:
    message = refused(tmp_path, WHOLE, SECRETS | {"ACME_SIDEBAR_SECRET": (MARK * 8)[:length]})
    assert "[tenant.auth]: secrets: each must have at least 32 bytes" in message


def test_both_of_two_secrets_must_be_long(tmp_path: Path) -> None:
    text = changed("secrets", 'secrets = ["env:ACME_SIDEBAR_SECRET", "env:ACME_EU_KEY"]')
    assert "at least 32 bytes" in refused(tmp_path, text)


@pytest.mark.parametrize("count", [0, 3])
def test_there_is_one_secret_or_two_while_rotating(tmp_path: Path, count: int) -> None:
    references = ", ".join(['"env:ACME_SIDEBAR_SECRET"'] * count)
    assert "[tenant.auth]: secrets: " in refused(tmp_path, changed("secrets", f"secrets = [{references}]"))


# -- values that cannot be ---------------------------------------------------------------------------------

WRONG = {
    "http in the open": ("origin", 'origin = "http://shop.acme.example"', '"Acme EU": origin: must be https://'),
    "http to a neighbour": ("origin", 'origin = "http://192.168.0.7"', "origin: must be https://"),
    "http to a lookalike": ("origin", 'origin = "http://127.0.0.1.acme.example"', "origin: must be https://"),
    "another scheme": ("origin", 'origin = "ftp://shop.acme.example"', "origin: must be https://"),
    "no scheme": ("origin", 'origin = "shop.acme.example"', "origin: must be scheme and host"),
    "a password in it": ("origin", f'origin = "https://u:{MARK}@shop.acme.example"', "origin: must be scheme and host"),
    "a query": ("origin", f'origin = "https://shop.acme.example/?k={MARK}"', "origin: must be scheme and host"),
    "a broken host": ("origin", f'origin = "https://[{MARK}]/"', "origin: "),
    "a port that is none": ("origin", 'origin = "https://shop.acme.example:99999"', "origin: "),
    "a port of letters": ("origin", 'origin = "https://shop.acme.example:https"', "origin: "),
    "a line end": ("origin", r'origin = "https://shop.acme.example\n"', "origin: "),
    "origin left out": ("origin", "", '"Acme EU": origin: is missing'),
    "base_url in the open": ("base_url", 'base_url = "http://orders.example.com"', "base_url: must be https"),
    "base_url with a path": ("base_url", 'base_url = "https://orders.example.com/v1"', "[service]: base_url: must end"),
    "base_url with a slash": ("base_url", 'base_url = "https://orders.example.com/"', "[service]: base_url: must end"),
    "base_url left out": ("base_url", "", "[service]: base_url: is missing"),
    "a public network": (
        "listen",
        'private_networks = ["10.0.0.0/8", "0.0.0.0/0"]',
        "[service]: private_networks.1: must lie within 10.0.0.0/8, 172.16.0.0/12, ",
    ),
    "a network too wide": ("listen", 'private_networks = ["10.0.0.0/7"]', "private_networks.0: must lie within 10."),
    "the clouds' credentials": (
        "listen",
        'private_networks = ["169.254.169.254/32"]',
        "private_networks.0: must lie within 10.",
    ),
    "loopback": ("listen", 'private_networks = ["127.0.0.0/8"]', "private_networks.0: must lie within 10."),
    "every IPv6 network": ("listen", 'private_networks = ["::/0"]', "private_networks.0: must lie within 10."),
    "a host for a network": ("listen", f'private_networks = ["{MARK}.local"]', "private_networks.0: must hold"),
    "a network with a host in it": ("listen", 'private_networks = ["10.2.3.4/16"]', "private_networks.0: must hold"),
    "a number for a network": ("listen", "private_networks = [167772160]", "private_networks.0: must hold networks"),
    "one network alone": ("listen", 'private_networks = "10.20.0.0/16"', "[service]: private_networks: "),
    "listen": ("listen", 'listen = "8080"', "[service]: listen: must be HOST:PORT"),
    "listen beyond all ports": ("listen", 'listen = "127.0.0.1:70000"', "[service]: listen: must be HOST:PORT"),
    "deadline": ("deadline_ms", "deadline_ms = 5", "[limits]: deadline_ms: "),
    "a text for a number": ("orders", 'orders = "10"', "[limits]: orders: "),
    "a truth for a number": ("orders", "orders = true", "[limits]: orders: "),
    "first answer too late": ("first_answer_ms", "first_answer_ms = 5000", "[limits]: first_answer_ms must"),
    "no subdomain": ("subdomain", "", "subdomain: is missing"),
    "a host for a subdomain": ("subdomain", 'subdomain = "acme.zendesk.com"', "subdomain: "),
    "capitals": ("subdomain", 'subdomain = "Acme"', "subdomain: "),
    "external ids of nobody": ("external_ids", 'external_ids = "Acme"', "external_ids: no store of this tenant"),
    "method": ("method", 'method = "none"', '[tenant.auth]: method: must be "proxied" or "signed_url"'),
    "no method": ("method", "", '[tenant.auth]: method: must be "proxied" or "signed_url"'),
    "no secrets": ("secrets", "", "[tenant.auth]: secrets: is missing"),
    "hide": ("hide", 'hide = ["adresses"]', "[tenant.show]: hide.0: must be one of addresses, "),
    "mask": ("mask_below", 'mask_below = "never"', "[tenant.show]: mask_below: "),
    "platform": ("platform", 'platform = "opencart"', "platform: must be one of "),
    "no platform": ("platform", "", "platform: must be one of "),
    "country": ("country", 'country = "Germany"', '"Acme EU": country: '),
    "pattern": ("order_number", "order_number = '#(\\d'", '"Acme EU": order_number: is not a regular expression'),
    "pattern beyond all counting": (
        "order_number",
        "order_number = 'a{99999999999999999999}'",
        '"Acme EU": order_number: is not a regular expression',
    ),
    "two ways in": ("access_token", 'access_token = "env:ACME_US_TOKEN"\nclient_id = "x"', '"Acme US": '),
    "no way in": ("access_token", "", '"Acme US": '),
    "a foreign shop": ("shop ", 'shop = "acme.example"', '"Acme US": shop: '),
}  # fmt: skip


@pytest.mark.parametrize(("line", "new", "complaint"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused_by_table_and_key(tmp_path: Path, line: str, new: str, complaint: str) -> None:
    assert complaint in refused(tmp_path, changed(line, new))


SHAPES = {
    "limits": ("limits = 5\n", "[limits]: must be a table"),
    "service": ("service = []\n", "[service]: must be a table"),
    "tenant": ("tenant = 'acme'\n", "tenant: must be a list"),
    "a tenant": ("tenant = [1]\n", "[[tenant]]: must be a table"),
    "include": ('include = "tenants.d"\n', "include: must be a list"),
    "an include": ("include = [5]\n", "include"),
    "an empty include": ('include = [""]\n', "include"),
    "an absolute include": ('include = ["/tenants.d/*.toml"]\n', "include"),
}


@pytest.mark.parametrize(("line", "complaint"), SHAPES.values(), ids=SHAPES)
def test_a_thing_of_the_wrong_shape_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    table = line.split()[0]
    text = WHOLE[WHOLE.index("[[tenant]]") :] if table != "tenant" else ""
    service = '[service]\nbase_url = "https://orders.example.com"\n' if table != "service" else ""
    assert complaint in refused(tmp_path, line + service + text)


INSIDE = {
    "zendesk, a number": ("zendesk = 5", "[tenant.zendesk]"),
    "zendesk, a text": (f'zendesk = "{MARK}"', "[tenant.zendesk]: must be a table"),
    "show": ('show = "all"', "[tenant.show]: must be a table"),
    "auth": ('auth = "proxied"', "[tenant.auth]: must be a table"),
    "store": ('store = "Acme EU"', "tenant.store: must be a list"),
    "no stores": ("store = []", "[[tenant.store]]: there must be at least one"),
    "a store": ("store = [5]", "[[tenant.store]]: must be a table"),
}


@pytest.mark.parametrize(("line", "complaint"), INSIDE.values(), ids=INSIDE)
def test_a_part_of_a_tenant_of_the_wrong_shape_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    key = line.split()[0]
    text = '[service]\nbase_url = "https://orders.example.com"\n[[tenant]]\nsubdomain = "acme"\n' + line + "\n"
    if key != "auth":
        text += '[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:ACME_SIDEBAR_SECRET"]\n'
    if key != "store":
        text += WHOLE[WHOLE.rindex("[[tenant.store]]") :]
    assert complaint in refused(tmp_path, text)


def test_a_subdomain_stands_once(tmp_path: Path) -> None:
    twice = WHOLE + WHOLE[WHOLE.index("[[tenant]]") :]
    assert refused(tmp_path, twice) == '[[tenant]] "acme": subdomain: stands twice'


def test_a_stores_name_stands_once_in_its_tenant(tmp_path: Path) -> None:
    message = refused(tmp_path, WHOLE.replace('"Acme US"', '"Acme EU"'))
    assert message == 'tenant "acme", [[tenant.store]]: name: "Acme EU" stands twice'


def test_every_platform_can_be_named(tmp_path: Path) -> None:
    message = refused(tmp_path, changed("platform", 'platform = "?"'))
    assert all(f'"{kind.name}"' in message for kind in CONNECTORS)


def test_there_is_at_least_one_tenant(tmp_path: Path) -> None:
    message = refused(tmp_path, '[service]\nbase_url = "https://orders.example.com"\n')
    assert message == "[[tenant]]: there must be at least one"


# -- the file and its parts -------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"orderside\.toml: there is no such file"):
        load(tmp_path / "orderside.toml", {})


@pytest.mark.parametrize("text", [f'key = "{MARK}\n', f"= {MARK}", f'a = "{MARK}"\na = "{MARK}"', f"[{MARK}"])
def test_what_is_no_toml_is_said_with_its_place(tmp_path: Path, text: str) -> None:
    assert "orderside.toml: is not TOML (at " in refused(tmp_path, text)


def test_what_is_no_text_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "orderside.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(path, {})


def split(folder: Path, tenants: str) -> str:
    """The example in two files: the tenant's in a folder of its own."""
    (folder / "tenants.d").mkdir()
    (folder / "tenants.d/acme.toml").write_text(tenants)
    return 'include = ["tenants.d/*.toml"]\n' + WHOLE[: WHOLE.index("[[tenant]]")]


def test_the_file_may_be_split(tmp_path: Path) -> None:
    whole = take(tmp_path, WHOLE)
    assert take(tmp_path, split(tmp_path, WHOLE[WHOLE.index("[[tenant]]") :])) == whole


def test_a_part_finds_secrets_beside_itself_and_beside_the_settings(tmp_path: Path) -> None:
    tenants = WHOLE[WHOLE.index("[[tenant]]") :].replace("env:ACME_EU_KEY", "file:near")
    text = split(tmp_path, tenants.replace("env:ACME_EU_SECRET", "file:keys/far"))
    (tmp_path / "tenants.d/near").write_text("near-hunter2")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/far").write_text("far-hunter2")
    config = take(tmp_path, text).tenants["acme"].stores[0].config.model_dump()
    assert (config["key"], config["secret"]) == (SecretStr("near-hunter2"), SecretStr("far-hunter2"))


def test_a_part_holds_tenants_only(tmp_path: Path) -> None:
    text = split(tmp_path, WHOLE[WHOLE.index("[limits]") :])
    assert refused(tmp_path, text) == 'acme.toml: an included file may hold [[tenant]] only, not "limits"'


def test_a_broken_part_is_named(tmp_path: Path) -> None:
    assert "acme.toml: is not TOML" in refused(tmp_path, split(tmp_path, f'key = "{MARK}'))


def test_a_subdomain_stands_once_over_all_parts(tmp_path: Path) -> None:
    tenants = WHOLE[WHOLE.index("[[tenant]]") :]
    text = split(tmp_path, tenants)
    assert "stands twice" in refused(tmp_path, text + tenants)


def test_a_file_that_is_named_and_missing_is_missed(tmp_path: Path) -> None:
    """A pattern may find nothing yet; a plain name that finds nothing is a slip of the pen."""
    message = refused(tmp_path, 'include = ["tenants.d/acme.toml"]\n' + WHOLE)
    assert "tenants.d/acme.toml" in message
