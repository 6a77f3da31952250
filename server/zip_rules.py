"""Zendesk's rules for the files of an app package, as its validator applies them on upload.

Source: zendesk_apps_support 4.52 (validations/*.rb) and Zendesk's pages on app set-up and styling. The codes are the
validator's own where it has one. Where only a page demands something, the finding is a warning: the upload succeeds.
"""

import json
import posixpath
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Manifest = Mapping[str, Any]


def words(text: str) -> frozenset[str]:
    """The words of a list that is easier to read as a line."""
    return frozenset(text.split())


MAX_NESTING = 100
"""Ruby's JSON parser takes nothing deeper."""

MAX_REQUIREMENTS = 5000

LOCALE = re.compile(r"[a-z]{2,3}(-\w{2,3})?", re.ASCII)

PRODUCTS = frozenset({"support", "chat", "standalone_chat", "sell"})

REFUSED_TYPES = words("vnd.rar rar zip gzip pdf doc docx avi bin bz bz2 csh sh jar mp3 mpeg odt pptx ppt xls xlsx 7z")

MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF-", "pdf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"ID3", "mpeg"),
    (b"\xff\xfb", "mpeg"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
)

ASSET_TYPES = words("png jpg jpeg gif svg js htm html css map eot woff woff2 otf ttf json xml hbs hdbs")

LOGOS = {"assets/logo.png": (320, 320), "assets/logo-small.png": (128, 128)}

BANNER = "assets/banner.png"
BANNER_SIZES = frozenset({(830, 200), (1660, 400)})

REQUIREMENTS = words(
    "automations channel_integrations custom_objects macros targets views ticket_fields triggers user_fields "
    "organization_fields webhooks custom_objects_v2"
)
UNTITLED = frozenset({"channel_integrations", "custom_objects", "webhooks", "custom_objects_v2"})
REQUIRED_IN = {"channel_integrations": "manifest_url", "user_fields": "key", "organization_fields": "key"}

PUBLIC_TEXTS = ("name", "short_description", "long_description", "installation_instructions")

TEXT_TYPES = (".html", ".htm", ".js", ".json", ".css", ".xml", ".svg", ".txt", ".md", ".hbs", ".hdbs")
SECRET_WORDS = re.compile(r"pass|secret|auth_?[kK]ey|auth_?[uU]ser|AuthUser|username|api_key")
SECRETS = {
    "private key": re.compile(r"-----BEGIN (RSA|OPENSSH|DSA|EC|PGP) PRIVATE KEY"),
    "AWS access key": re.compile(r"AKIA[0-9A-Z]{8,24}"),
    "Slack token": re.compile(r"xox[pboa]-.?[a-z0-9]"),
    "token": re.compile(r"token\s?[:\"=-].*[\w+.-]{5}", re.IGNORECASE),
    "password": re.compile(r"password.*[\w+.-]{5}", re.IGNORECASE),
    "key": re.compile(r"(app|consumer|master|private)[-_](key|secret)\s?[:\"=-].*[\w+.-]{5}", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a package. An `error` makes Zendesk refuse the upload; a `warning` does not."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.severity}: {f'{self.file}: ' if self.file else ''}{self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Package:
    """An app's files by path, hidden ones left out as Zendesk does, and the paths that are symbolic links."""

    files: Mapping[str, bytes]
    symlinks: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Whether a file or folder stands there."""
        wanted = posixpath.normpath(path)
        return wanted in self.files or any(name.startswith(f"{wanted}/") for name in self.files)


class TwinKeys(ValueError):
    """A JSON object names a key twice. The message is that key."""


def error(code: str, message: str, file: str | None = None) -> Finding:
    """A finding that makes Zendesk refuse the upload."""
    return Finding("error", code, message, file)


def warning(code: str, message: str, file: str | None = None) -> Finding:
    """A finding that Zendesk only tells of."""
    return Finding("warning", code, message, file)


def parse(data: bytes, *, twins: bool = False) -> object:
    """JSON as Ruby's parser takes it. Raises `ValueError`; `TwinKeys` for a key that stands twice, unless `twins`."""

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        value: dict[str, object] = {}
        for key, item in found:
            if key in value and not twins:
                raise TwinKeys(key)
            value[key] = item
        return value

    try:
        value: object = json.loads(data.decode(), object_pairs_hook=pairs, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _depth(value) > MAX_NESTING:
        raise ValueError("it is nested too deeply")
    return value


def why(fault: ValueError) -> str:
    """The parser's complaint, short and without anything of the file."""
    if isinstance(fault, UnicodeDecodeError):
        return "it is not UTF-8"
    return fault.msg if isinstance(fault, json.JSONDecodeError) else str(fault)[:200]


def png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels by the header, `None` where this is no PNG."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def check_files(package: Package) -> Iterator[Finding]:
    """What may not, and what should, be in a package, whatever its manifest says."""
    yield from (error("symlink_in_zip", "Symbolic links are not allowed.", path) for path in package.symlinks)
    texts = {path: data.decode(errors="replace") for path, data in package.files.items() if path.endswith(TEXT_TYPES)}
    for path, data in package.files.items():
        yield from _type(path, data)
    for path, text in texts.items():
        yield from _text(path, text)
    if named := sorted(path for path, text in texts.items() if SECRET_WORDS.search(text)):
        message = f"Words for secrets stand in {', '.join(named)}; make sure that no secret does."
        yield warning("generic_secrets", message)
    yield from _pictures(package)
    if "app.js" in package.files or any(path.startswith(("lib/", "templates/")) for path in package.files):
        message = "Scripts and templates outside of assets belong to version 1 of the framework."
        yield warning("no_code_for_ifo_notemplate", message)


def check_translations(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """The texts of the install form."""
    for path, data in package.files.items():
        found = re.fullmatch(r"translations/(.*)\.json", path)
        if found is None:
            continue
        if not LOCALE.fullmatch(found[1]):
            yield error("translation.invalid_locale", f"“{found[1]}” is not a locale.", path)
        try:
            texts = parse(data, twins=True)
        except ValueError as fault:
            yield error("translation.not_json", f"This is not JSON: {why(fault)}.", path)
            continue
        if not isinstance(texts, dict):
            yield error("translation.not_json_object", "This is not a JSON object.", path)
            continue
        app = texts.get("app")
        yield from _labels(path, app)
        if found[1] == "en":
            yield from _install_texts(path, app, public=manifest.get("private", True) is False)


def check_requirements(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """What the app would create in Zendesk. The inside of `custom_objects` and `custom_objects_v2` is not looked at."""
    path = "requirements.json"
    if path not in package.files:
        if manifest.get("requirementsOnly"):
            yield error("missing_requirements", "An app of requirements only needs requirements.json.")
        return
    if manifest.get("marketingOnly"):
        yield error("requirements_not_supported", "A marketing-only app cannot have requirements.", path)
        return
    try:
        wanted = parse(package.files[path])
    except TwinKeys as twin:
        yield error("duplicate_requirements", f"The key “{twin}” stands twice.", path)
        return
    except ValueError as fault:
        yield error("requirements_not_json", f"This is not JSON: {why(fault)}.", path)
        return
    if not isinstance(wanted, dict) or not all(isinstance(group, dict | list) for group in wanted.values()):
        yield error("requirements_not_json", "This is not a JSON object of objects.", path)
        return
    yield from _requirements(path, wanted)


def _requirements(path: str, wanted: Mapping[str, Any]) -> Iterator[Finding]:
    if unknown := sorted(set(wanted) - REQUIREMENTS):
        yield error("invalid_requirements_types", f"Unknown types: {', '.join(unknown)}.", path)
    count = sum(len(group) for group in wanted.values())
    if count > MAX_REQUIREMENTS:
        yield error("excessive_requirements", f"{count} requirements are more than {MAX_REQUIREMENTS}.", path)
    if len(wanted.get("channel_integrations", ())) > 1:
        yield error("multiple_channel_integrations", "Only one channel integration is supported.", path)
    for kind, group in wanted.items():
        needed = [REQUIRED_IN[kind]] if kind in REQUIRED_IN else []
        needed += [] if kind in UNTITLED else ["title"]
        for name, fields in group.items() if isinstance(group, dict) else ():
            for field in needed:
                if fields is not None and (not isinstance(fields, dict | list) or field not in fields):
                    yield error("missing_required_fields", f"{kind}: “{name}” lacks {field}.", path)


def _type(path: str, data: bytes) -> Iterator[Finding]:
    extension = posixpath.splitext(path)[1].lstrip(".")
    sniffed = {kind for magic, kind in MAGIC if data.startswith(magic)}
    if refused := {extension, *sniffed} & REFUSED_TYPES:
        message = f"Files of the type {' and '.join(sorted(refused))} are refused."
        yield error("unsupported_mime_type_detected", message, path)
    elif path.startswith("assets/") and extension.lower() not in ASSET_TYPES:
        yield warning("asset_type", "This type of file is not among those that Zendesk serves.", path)


def _text(path: str, text: str) -> Iterator[Finding]:
    for name, pattern in SECRETS.items():
        if any(pattern.search(line) for line in text.splitlines()):
            yield warning("application_secret", f"This may hold a {name}.", path)
    if path.endswith((".js", ".html", ".htm")) and "http://" in text:
        yield warning("insecure_http_request", "An address here is not https.", path)
    if path.endswith(".svg") and re.search(r"<image\b", text):
        yield warning("bitmap_in_svg", "A picture inside an SVG makes Zendesk replace the file.", path)
    elif path.endswith(".svg") and re.search(r"<(script|foreignObject)\b|\son\w+\s*=", text):
        yield warning("sanitised_svg", "Zendesk will cut scripts out of this file.", path)


def _pictures(package: Package) -> Iterator[Finding]:
    for path, size in LOGOS.items():
        if path not in package.files:
            yield warning("missing_logo", "Zendesk asks for this logo.", path)
        elif png_size(package.files[path]) != size:
            yield warning("logo_size", f"The logo should be a PNG of {size[0]} × {size[1]} pixels.", path)
    if BANNER in package.files:
        banner = png_size(package.files[BANNER])
        if banner is None:
            yield error("banner.invalid_format", "The banner must be a PNG.", BANNER)
        elif banner not in BANNER_SIZES:
            yield error("banner.invalid_size", "The banner must have 830 × 200 or 1660 × 400 pixels.", BANNER)


def _labels(path: str, app: object) -> Iterator[Finding]:
    parameters = app.get("parameters") if isinstance(app, dict) else None
    if parameters is None or parameters is False:
        return
    if not isinstance(parameters, dict):
        yield error("translation.invalid_format", "app.parameters is not an object.", path)
        return
    for name, texts in parameters.items():
        if not isinstance(texts, dict) or "label" not in texts:
            yield error("translation.missing_required_key_on_leaf", f"app.parameters.{name} lacks label.", path)


def _install_texts(path: str, app: object, *, public: bool) -> Iterator[Finding]:
    """Texts may stand in `app` itself or, product by product, one level down."""
    texts = app if isinstance(app, dict) else {}
    products = sorted(PRODUCTS & set(texts))
    parts = {f"app.{name}": texts[name] for name in products} or {"app": texts}
    for where, part in parts.items():
        keys = set(part) if isinstance(part, dict) else set()
        if "description" in keys:
            keys.add("short_description")
        if missing := [key for key in (PUBLIC_TEXTS if public else PUBLIC_TEXTS[:1]) if key not in keys]:
            code = "translation.missing_required_key" + ("_for_product" if products else "")
            yield error(code, f"{where} lacks {', '.join(missing)}.", path)


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
