"""The zip that an admin uploads, and the rules by which Zendesk judges any such zip.

The rules are those of Zendesk's validator (zendesk_apps_support 4.52); each has a package that keeps it and one that
breaks it, by the validator's own code. Packages here are made up.
"""

import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server.packaging import ASSETS, LOCALES, Finding, PackagingError, build, files, verify

SERVICE = "https://orders.acme.example"
PAGE = "assets/iframe.html"

Change = Mapping[str, Any]


def png(width: int, height: int) -> bytes:
    """The header of a PNG, which is all that its size is read from."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\0\0\0"


MANIFEST: dict[str, Any] = {
    "author": {"name": "Acme", "email": "apps@acme.example", "url": "https://acme.example"},
    "version": "1.0.0",
    "frameworkVersion": "2.0",
    "defaultLocale": "en",
    "private": True,
    "location": {"support": {"ticket_sidebar": {"url": PAGE, "flexible": True}}},
}
FILES: dict[str, bytes] = {
    PAGE: b"<!doctype html><title>An app</title>",
    "assets/logo.png": png(320, 320),
    "assets/logo-small.png": png(128, 128),
    "translations/en.json": json.dumps(
        {"app": {"name": "A", "description": "B", "long_description": "C", "installation_instructions": "D"}}
    ).encode(),
}


def packed(entries: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def said(tmp_path: Path) -> Any:
    """What is said about a package: the good one with changes (`None` takes a file or a manifest's key away)."""

    def judge(
        manifest: Change | bytes | None = None, entries: Mapping[str, bytes | None] | None = None
    ) -> list[Finding]:
        if isinstance(manifest, bytes):
            text = manifest
        else:
            changed = {**MANIFEST, **(manifest or {})}
            text = json.dumps({key: value for key, value in changed.items() if value is not None}).encode()
        whole = {"manifest.json": text, **FILES, **(entries or {})}
        path = tmp_path / "app.zip"
        path.write_bytes(packed({name: data for name, data in whole.items() if data is not None}))
        return verify(path)

    return judge


def codes(findings: list[Finding], severity: str = "error") -> set[str]:
    """The codes of one severity."""
    return {finding.code for finding in findings if finding.severity == severity}


# -- what is built --


def test_the_same_address_gives_the_same_bytes() -> None:
    assert build(SERVICE) == build(SERVICE)
    with zipfile.ZipFile(io.BytesIO(build(SERVICE))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {stat.filemode(entry.external_attr >> 16) for entry in entries} == {"-rw-r--r--"}


def test_only_listed_files_are_packed_and_none_is_forgotten() -> None:
    app = Path(__file__).parents[1] / "zendesk_app"
    assert {path.stem for path in (app / "translations").iterdir()} == set(LOCALES)
    assert {path.name for path in (app / "assets").iterdir()} == {*ASSETS, "logo.svg"}  # the logos' source stays here
    expected = {f"assets/{name}" for name in ASSETS} | {f"translations/{name}.json" for name in LOCALES}
    assert set(files(SERVICE)) == expected | {"manifest.json"}


def test_the_service_is_written_into_page_and_manifest() -> None:
    found = files(f"{SERVICE}:8443")
    assert json.loads(found["manifest.json"])["domainWhitelist"] == ["orders.acme.example"]
    assert f'"service": "{SERVICE}:8443",' in found[PAGE].decode()
    assert b"orders.example.com" not in found[PAGE]


def test_for_signed_urls_the_zip_only_says_where_the_app_is() -> None:
    found = files(f"{SERVICE}:8443", signed=True)
    manifest = json.loads(found["manifest.json"])
    place = {"url": f"{SERVICE}:8443/sidebar", "flexible": True}
    assert manifest["location"] == {"support": {"ticket_sidebar": place, "new_ticket_sidebar": place}}
    assert manifest["signedUrls"] is True
    assert not {"parameters", "domainWhitelist"} & set(manifest), "there is no secret to paste, and nothing is proxied"
    translations = {f"translations/{name}.json" for name in LOCALES}
    assert set(found) == {"manifest.json", "assets/logo.png", "assets/logo-small.png", *translations}


def test_each_ways_install_form_has_its_own_instructions_in_every_language() -> None:
    proxied, signed = files(SERVICE), files(SERVICE, signed=True)
    said = set()
    for name in LOCALES:
        ours, theirs = (json.loads(found[f"translations/{name}.json"])["app"] for found in (proxied, signed))
        assert set(ours) - set(theirs) == {"parameters"}
        assert set(theirs) <= {"name", "short_description", "long_description", "installation_instructions"}
        said |= {ours["installation_instructions"], theirs["installation_instructions"]}
    assert len(said) == 2 * len(LOCALES)


def test_what_is_built_for_signed_urls_is_fit_to_upload(tmp_path: Path) -> None:
    path = tmp_path / "acme.zip"
    path.write_bytes(build(SERVICE, signed=True))
    # French has the word “passé”.
    assert [(finding.code, finding.message.split()[5]) for finding in verify(path)] == [
        ("generic_secrets", "translations/fr.json;")
    ]
    with pytest.raises(PackagingError, match="https"):
        build("http://orders.acme.example", signed=True)


def test_what_is_built_is_fit_to_upload(tmp_path: Path) -> None:
    path = tmp_path / "acme.zip"
    path.write_bytes(build(SERVICE))
    # The one remark cannot be avoided: the SDK's option is called secret_key, and the setting says what it is.
    assert [(finding.severity, finding.code) for finding in verify(path)] == [("warning", "generic_secrets")]


@pytest.mark.parametrize(
    "address",
    [
        "http://orders.acme.example",
        "https://",
        "https://orders.acme.example/",
        "https://orders.acme.example/api",
        "https://orders.acme.example?x=1",
        "https://orders.acme.example#x",
        "https://me@orders.acme.example",
        "https://orders.acme.example:x",
        'https://orders.acme.example"><script>',
        "ftp://orders.acme.example",
        "http://127.0.0.1:8000",
        "orders.acme.example",
        "",
    ],
)
def test_the_address_must_be_an_https_origin(address: str) -> None:
    with pytest.raises(PackagingError):
        build(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_the_demo_may_name_this_machine(address: str) -> None:
    assert address in files(address, loopback=True)[PAGE].decode()
    with pytest.raises(PackagingError):
        files("http://192.0.2.1:8000", loopback=True)


def test_nothing_is_built_that_breaks_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.packaging.files", lambda base_url, **_: {"manifest.json": b"{}"})
    with pytest.raises(PackagingError) as caught:
        build(SERVICE)
    assert "manifest_keys.missing" in codes(list(caught.value.findings))
    assert "frameworkVersion" in str(caught.value)


# -- the manifest --


def place(**options: object) -> Change:
    """A manifest whose sidebar has these options."""
    return {"location": {"support": {"ticket_sidebar": options}}}


def parameter(**options: object) -> Change:
    """A manifest with one parameter."""
    return {"parameters": [{"name": "colour", **options}]}


SECURE = {"name": "shared_secret", "type": "text", "secure": True, "scopes": ["jwt_secret_key"]}
OAUTH = {
    "client_id": "a",
    "client_secret": "b",
    "authorize_uri": "https://c.example",
    "access_token_uri": "https://d.example",
}

TAKEN: dict[str, Change] = {
    "as it is": {},
    "unknown keys": {"travelMode": "car", "anything": [1]},
    "no author's address": {"author": {"name": "Acme"}},
    "an empty author": {"author": {}},
    "plain http for the author": {"author": {"url": "http://acme.example"}},
    "no version": {"version": None},
    "private left out": {"private": None},
    "null for a flag": {"signedUrls": False},
    "a domain list": {"domainWhitelist": ["orders.acme.example"]},
    "the old name of the host": {"location": {"zendesk": {"ticket_sidebar": PAGE}}},
    "a location as a string": {"location": {"support": {"ticket_sidebar": PAGE}}},
    "a query on the page": place(url=f"{PAGE}?a=1#b"),
    "a page elsewhere": place(url="https://acme.example/sidebar"),
    "a page on localhost": place(url="http://localhost:3000/x"),
    "a setting in the page's address": place(url="http://{{setting.host}}/x"),
    "nothing to load at once": place(autoLoad=False),
    "not flexible": place(url=PAGE, flexible=False),
    "two products": {"location": {"support": {"nav_bar": PAGE}, "chat": {"background": PAGE}}},
    "a secure parameter": {"parameters": [SECURE]},
    "a checkbox that is not required": parameter(type="checkbox", required=False),
    "the type left out": parameter(),
    "every scope": parameter(
        secure=True,
        scopes=["header", "body", "url", "jwt_secret_key", "jwt_claim", "basic_auth_username", "basic_auth_password"],
    ),
    "oauth": {"oauth": OAUTH, "parameters": [{"name": "o", "type": "oauth"}]},
    "a known experiment": {"experiments": {"hashParams": True}},
    "an unknown experiment that is off": {"experiments": {"other": False}},
    "noTemplate that says nothing": {"noTemplate": False},
    "marketing only": {"marketingOnly": True, "private": False, "location": None, "frameworkVersion": None},
}

REFUSED: dict[str, tuple[Change, str]] = {
    "no author": ({"author": None}, "manifest_keys.missing"),
    "an author that is no object": ({"author": "Acme"}, "unacceptable_hash"),
    "an author's name that is no string": ({"author": {"name": 1}}, "unacceptable_string"),
    "an empty author's address": ({"author": {"url": ""}}, "invalid_url"),
    "an author's address without a host": ({"author": {"url": "https://"}}, "invalid_url"),
    "an author's address of another kind": ({"author": {"url": "ftp://acme.example"}}, "invalid_url"),
    "terms that are no address": ({"termsConditionsURL": "terms"}, "invalid_url"),
    "no default locale": ({"defaultLocale": None}, "manifest_keys.missing"),
    "a default locale that is none": ({"defaultLocale": "english"}, "invalid_default_locale"),
    "a default locale without texts": ({"defaultLocale": "de"}, "missing_translation_file"),
    "no framework version": ({"frameworkVersion": None}, "manifest_keys.missing"),
    "the old framework": ({"frameworkVersion": "1.0"}, "invalid_version"),
    "a framework version that is a number": ({"frameworkVersion": 2.0}, "unacceptable_string"),
    "a version that is a number": ({"version": 1}, "unacceptable_string"),
    "a flag that is a string": ({"private": "yes"}, "unacceptable_boolean"),
    "a flag that is zero": ({"singleInstall": 0}, "unacceptable_boolean"),
    "domains that are no list": ({"domainWhitelist": "acme.example"}, "unacceptable_array_of_strings"),
    "domains that are no strings": ({"domainWhitelist": [1]}, "unacceptable_array_of_strings"),
    "an unknown experiment": ({"experiments": {"other": True}}, "invalid_experiment"),
    "experiments that are no object": ({"experiments": ["a"]}, "unacceptable_hash"),
    "noTemplate": ({"noTemplate": True}, "no_template_deprecated_in_v2"),
    "a strange noTemplate": ({"noTemplate": "x"}, "invalid_no_template"),
    "no location": ({"location": None}, "manifest_keys.missing"),
    "an empty location": ({"location": {}}, "manifest_keys.missing"),
    "the old form of location": ({"location": ["ticket_sidebar"]}, "locations_must_be_urls"),
    "a location by its name only": ({"location": "ticket_sidebar"}, "locations_must_be_urls"),
    "an unknown host": ({"location": {"shop": {"ticket_sidebar": PAGE}}}, "invalid_host"),
    "an unknown location": ({"location": {"support": {"ticket_footer": PAGE}}}, "invalid_location"),
    "a location of another product": ({"location": {"chat": {"ticket_sidebar": PAGE}}}, "invalid_location"),
    "locations that are no object": ({"location": {"support": ["ticket_sidebar"]}}, "invalid_location"),
    "a page that is not there": (place(url="assets/other.html"), "invalid_location_uri"),
    "a page outside of assets": (place(url="manifest.json"), "invalid_location_uri"),
    "plain http": (place(url="http://acme.example"), "invalid_location_uri"),
    "plain http to this machine by number": (place(url="http://127.0.0.1:3000"), "invalid_location_uri"),
    "no address at all": (place(url="assets/a page.html"), "invalid_location_uri"),
    "no page": (place(flexible=True), "blank_location_uri"),
    "an empty page": (place(url=""), "blank_location_uri"),
    "flexible as a string": (place(url=PAGE, flexible="true"), "invalid_location_flexible_type"),
    "the legacy mark": (place(url="_legacy"), "locations_must_be_urls"),
    "parameters that are no list": ({"parameters": {"name": "a"}}, "parameters_not_an_array"),
    "a parameter that is no object": ({"parameters": ["a"]}, "parameters_not_an_array"),
    "the same parameter twice": ({"parameters": [{"name": "a"}, {"name": "a"}]}, "duplicate_parameters"),
    "a parameter called name": ({"parameters": [{"name": "name"}]}, "name_as_parameter_name"),
    "required as a string": (parameter(required="true"), "unacceptable_boolean"),
    "secure as a number": (parameter(secure=1), "unacceptable_boolean"),
    "the type password": (parameter(type="password"), "invalid_type_parameter"),
    "the type dropdown": (parameter(type="dropdown"), "invalid_type_parameter"),
    "the type mtls, which is behind a flag": (parameter(type="mtls"), "invalid_type_parameter"),
    "hidden and required": (parameter(type="hidden", required=True), "invalid_hidden_parameter"),
    "scopes of what is not secure": (parameter(scopes=["header"]), "invalid_scopes"),
    "no scope in scopes": (parameter(secure=True, scopes=[]), "invalid_scopes"),
    "scopes as a string": (parameter(secure=True, scopes="header"), "invalid_scopes"),
    "an unknown scope": (parameter(secure=True, scopes=["cookie"]), "invalid_scopes"),
    "oauth without its keys": (
        {"oauth": {"client_id": "a"}, "parameters": [{"name": "o", "type": "oauth"}]},
        "oauth_keys.missing",
    ),
    "oauth without its parameter": ({"oauth": OAUTH}, "oauth_parameter_required"),
    "two oauth parameters": (
        {"parameters": [{"name": "o", "type": "oauth"}, {"name": "p", "type": "oauth"}]},
        "too_many_oauth_parameters",
    ),
    "a secure oauth parameter": (parameter(type="oauth", secure=True), "oauth_parameter_cannot_be_secure"),
    "marketing only, and private": (
        {"marketingOnly": True, "location": None, "frameworkVersion": None},
        "marketing_only_app_cant_be_private",
    ),
    "marketing only, with parameters": (
        {"marketingOnly": True, "private": False, "location": None, "frameworkVersion": None, **parameter()},
        "no_parameters_required",
    ),
    "requirements only, with a location": (
        {"requirementsOnly": True, "frameworkVersion": None},
        "no_location_required",
    ),
    "requirements only, with a framework": (
        {"requirementsOnly": True, "location": None},
        "no_framework_version_required",
    ),
    "requirements only, without any": (
        {"requirementsOnly": True, "location": None, "frameworkVersion": None},
        "missing_requirements",
    ),
}

REMARKED: dict[str, tuple[Change, str]] = {
    "a secure parameter that may go anywhere": (parameter(secure=True), "secure_parameters_with_no_scopes_in_manifest"),
    "a hidden parameter with a default": (
        parameter(type="hidden", default="x"),
        "default_secure_or_hidden_parameter_in_manifest",
    ),
    "a parameter for a key that is not secure": (
        {"parameters": [{"name": "api_key"}]},
        "insecure_token_parameter_in_manifest",
    ),
}


@pytest.mark.parametrize("change", TAKEN.values(), ids=TAKEN.keys())
def test_zendesk_takes_a_manifest(said: Any, change: Change) -> None:
    assert codes(said(change)) == set()


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_zendesk_refuses_a_manifest(said: Any, change: Change, code: str) -> None:
    assert code in codes(said(change))


@pytest.mark.parametrize(("change", "code"), REMARKED.values(), ids=REMARKED.keys())
def test_zendesk_remarks_on_a_manifest_and_takes_it(said: Any, change: Change, code: str) -> None:
    findings = said(change)
    assert (codes(findings), code in codes(findings, "warning")) == (set(), True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "manifest_not_json"),
        (b"{", "manifest_not_json"),
        (b"[]", "manifest_not_json"),
        (b'{"a": NaN}', "manifest_not_json"),
        (b"\xef\xbb\xbf{}", "manifest_not_json"),
        (b'{"a": "\xff"}', "manifest_not_json"),
        (b"[" * 200_000, "manifest_not_json"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "manifest_not_json"),
        (b'{"version": "1", "version": "2"}', "duplicate_manifest_keys"),
        (b'{"location": {"support": {"modal": "a", "modal": "b"}}}', "duplicate_manifest_keys"),
    ],
)
def test_a_manifest_must_be_json_without_twins(said: Any, text: bytes, code: str) -> None:
    assert codes(said(text)) == {code}


# -- the files --

ENTRIES_TAKEN: dict[str, Mapping[str, bytes | None]] = {
    "no logos: the validator does not look": {"assets/logo.png": None, "assets/logo-small.png": None},
    "the folder tmp": {"tmp/notes.zip": b"PK\x03\x04"},
    "hidden files": {".DS_Store": b"x", "assets/.notes.pdf": b"%PDF-1.7"},
    "a two-part locale": {"translations/pt-BR.json": b'{"app": {}}'},
    "a parameter's texts": {"translations/en.json": b'{"app": {"name": "A", "parameters": {"a": {"label": "A"}}}}'},
    "texts by product": {"translations/en.json": b'{"app": {"support": {"name": "A"}}}'},
    "the same key twice in texts": {"translations/de.json": b'{"app": {}, "app": {}}'},
    "a banner": {"assets/banner.png": png(830, 200)},
    "a large banner": {"assets/banner.png": png(1660, 400)},
    "requirements": {"requirements.json": b'{"ticket_fields": {"a": {"title": "A"}}}'},
}

ENTRIES_REFUSED: dict[str, tuple[Mapping[str, bytes | None], str]] = {
    "no manifest": ({"manifest.json": None}, "missing_manifest"),
    "the manifest in a folder": ({"manifest.json": None, "app/manifest.json": b"{}"}, "nested_manifest"),
    "a long locale": ({"translations/zh-Hans.json": b"{}"}, "translation.invalid_locale"),
    "a locale in capitals": ({"translations/EN.json": b"{}"}, "translation.invalid_locale"),
    "texts that are no JSON": ({"translations/de.json": b"{'a': 1}"}, "translation.not_json"),
    "texts in another encoding": ({"translations/de.json": '{"a": "ü"}'.encode("latin-1")}, "translation.not_json"),
    "texts that are no object": ({"translations/de.json": b"[]"}, "translation.not_json_object"),
    "no name": ({"translations/en.json": b'{"app": {}}'}, "translation.missing_required_key"),
    "no texts": ({"translations/en.json": b"{}"}, "translation.missing_required_key"),
    "no name for a product": (
        {"translations/en.json": b'{"app": {"support": {}}}'},
        "translation.missing_required_key_for_product",
    ),
    "a parameter without a label": (
        {"translations/de.json": b'{"app": {"parameters": {"a": {"helpText": "A"}}}}'},
        "translation.missing_required_key_on_leaf",
    ),
    "a zip by its name": ({"assets/more.zip": b"x"}, "unsupported_mime_type_detected"),
    "a PDF by its content": ({"assets/more.html": b"%PDF-1.7"}, "unsupported_mime_type_detected"),
    "a script for a shell": ({"build.sh": b"true"}, "unsupported_mime_type_detected"),
    "a banner that is no PNG": ({"assets/banner.png": b"GIF89a"}, "banner.invalid_format"),
    "a banner of another size": ({"assets/banner.png": png(800, 200)}, "banner.invalid_size"),
    "requirements that are no JSON": ({"requirements.json": b"x"}, "requirements_not_json"),
    "requirements that are no object": ({"requirements.json": b"[]"}, "requirements_not_json"),
    "a requirement twice": (
        {"requirements.json": b'{"views": {"a": {"title": "A"}, "a": {"title": "B"}}}'},
        "duplicate_requirements",
    ),
    "requirements of an unknown type": ({"requirements.json": b'{"robots": {}}'}, "invalid_requirements_types"),
    "a requirement without a title": ({"requirements.json": b'{"macros": {"a": {}}}'}, "missing_required_fields"),
    "a user field without a key": (
        {"requirements.json": b'{"user_fields": {"a": {"title": "A"}}}'},
        "missing_required_fields",
    ),
    "two channel integrations": (
        {"requirements.json": b'{"channel_integrations": {"a": {"manifest_url": "/"}, "b": {"manifest_url": "/"}}}'},
        "multiple_channel_integrations",
    ),
    "too many requirements": (
        {"requirements.json": json.dumps({"views": {str(n): {"title": "A"} for n in range(5001)}}).encode()},
        "excessive_requirements",
    ),
    "too large": ({"assets/noise.js": os.urandom(2_200_000)}, "too_large"),
    "a bomb": ({"assets/nothing.js": b" " * (33 * 1024 * 1024)}, "too_large"),
    "a way out of the package": ({"../evil.js": b"x"}, "unsafe_path"),
    "an absolute path": ({"/etc/evil": b"x"}, "unsafe_path"),
}  # fmt: skip

ENTRIES_REMARKED: dict[str, tuple[Mapping[str, bytes | None], str]] = {
    "no logo": ({"assets/logo.png": None}, "missing_logo"),
    "a logo of another size": ({"assets/logo.png": png(128, 128)}, "logo_size"),
    "a type that Zendesk does not serve": ({"assets/a.webm": b"x"}, "asset_type"),
    "a word for a secret": ({"assets/a.js": b"const password = read();"}, "generic_secrets"),
    "a private key": ({"assets/a.js": b"-----BEGIN RSA PRIVATE KEY-----"}, "application_secret"),
    "plain http": ({"assets/a.js": b"fetch('http://acme.example')"}, "insecure_http_request"),
    "a picture in an SVG": ({"assets/a.svg": b"<svg><image href='a.png'/></svg>"}, "bitmap_in_svg"),
    "a script in an SVG": ({"assets/a.svg": b"<svg><script>1</script></svg>"}, "sanitised_svg"),
    "a script of the old framework": ({"app.js": b"1"}, "no_code_for_ifo_notemplate"),
}


@pytest.mark.parametrize("entries", ENTRIES_TAKEN.values(), ids=ENTRIES_TAKEN.keys())
def test_zendesk_takes_files(said: Any, entries: Mapping[str, bytes | None]) -> None:
    assert codes(said(entries=entries)) == set()


@pytest.mark.parametrize(("entries", "code"), ENTRIES_REFUSED.values(), ids=ENTRIES_REFUSED.keys())
def test_zendesk_refuses_files(said: Any, entries: Mapping[str, bytes | None], code: str) -> None:
    assert code in codes(said(entries=entries))


@pytest.mark.parametrize(("entries", "code"), ENTRIES_REMARKED.values(), ids=ENTRIES_REMARKED.keys())
def test_zendesk_remarks_on_files_and_takes_them(said: Any, entries: Mapping[str, bytes | None], code: str) -> None:
    findings = said(entries=entries)
    assert (codes(findings), code in codes(findings, "warning")) == (set(), True)


def test_a_public_app_needs_all_its_texts(said: Any) -> None:
    named = {"translations/en.json": b'{"app": {"name": "An app"}}'}
    assert codes(said({"private": True}, named)) == set()
    assert codes(said({"private": False}, named)) == {"translation.missing_required_key"}
    assert codes(said({"private": False})) == set()


def test_symbolic_links_are_refused_in_a_zip_and_in_a_folder(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("assets/link.js")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "app.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(MANIFEST))
        archive.writestr(link, "/etc/passwd")
        for name, data in FILES.items():
            archive.writestr(name, data)
    folder = tmp_path / "app"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name != "assets/link.js"])
    assert codes(verify(folder)) == set()
    (folder / "assets" / "link.js").symlink_to(os.devnull)
    assert codes(verify(path)) == codes(verify(folder)) == {"symlink_in_zip"}


def test_garbage_is_told_of_and_never_raises(tmp_path: Path) -> None:
    good = packed({"manifest.json": json.dumps(MANIFEST).encode(), **FILES})
    path = tmp_path / "app.zip"
    for content in (b"", b"PK", b"not a zip", good[:-30], good[40:], good[:200] + good[260:]):
        path.write_bytes(content)
        assert codes(verify(path))
    for at in range(0, len(good), 3):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        assert all(finding.message for finding in verify(path))


def test_what_is_not_there_is_told_of(tmp_path: Path) -> None:
    assert codes(verify(tmp_path / "nothing.zip")) == {"unreadable"}


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding("error", "missing_manifest", "There is none.", "manifest.json")
    assert str(finding) == "error: manifest.json: There is none. [missing_manifest]"
