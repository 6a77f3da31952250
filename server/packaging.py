"""The zip that an admin uploads: built from an allow-list, the same bytes every time, checked by Zendesk's rules.

`build` writes the service's address into the page and its host into the manifest's `domainWhitelist`: hosts that are
not listed there get nothing signed with the installation's secret. For signed URLs there is no page in the zip: its
manifest names the service's. `verify` tells what Zendesk would say about any app folder or zip.
"""

import io
import ipaddress
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from .manifest_rules import check_manifest, read_manifest
from .zip_rules import Finding, Package, check_files, check_requirements, check_translations, error, warning

__all__ = ["Finding", "PackagingError", "build", "files", "verify"]

LOCALES = ("de", "en", "es", "fr", "it", "ja", "nl", "pt-BR")
SCRIPTS = ("app.js", "scheme.js", "service.js", "ticket.js", "view.js", "words.js")
LOGOS = ("logo-small.png", "logo.png")
ASSETS = (*SCRIPTS, "app.css", "iframe.html", *LOGOS)
PLACEHOLDER = "https://orders.example.com"
"""What stands for the service's address in the sources."""

ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")

MAX_ZIP_BYTES = 2 * 1024 * 1024
"""Zendesk's limit for a private app."""

MAX_READ_BYTES = 32 * 1024 * 1024
"""More than this is not unpacked: a zip of 2 MB can hold gigabytes."""

MAX_ENTRIES = 5000
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Zip knows no earlier time; a fixed one keeps the bytes the same."""


class PackagingError(Exception):
    """The package cannot be built. `findings` say why, where rules are broken."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__("\n".join([message, *map(str, findings)]))
        self.findings = findings


def files(base_url: str, *, signed: bool = False, loopback: bool = False) -> dict[str, bytes]:
    """The zip's files by their path, for the service at `base_url`.

    With `signed` the zip only tells Zendesk to load the app from the service, by an address that it signs. `base_url`
    must be an https origin and nothing more; with `loopback` plain http to this machine is taken too, which only the
    demo's page can use. Raises `PackagingError`.
    """
    host = _host(base_url, loopback=loopback)
    manifest = json.loads((_source() / "manifest.json").read_bytes())
    found = sources()
    if signed:
        found = {name: data for name, data in found.items() if name in LOGOS}
        del manifest["parameters"], manifest["domainWhitelist"]
        manifest["signedUrls"] = True
        for place in manifest["location"]["support"].values():
            place["url"] = f"{base_url}/sidebar"
    else:
        manifest["domainWhitelist"] = [host]
        page = found["iframe.html"].decode()
        if page.count(PLACEHOLDER) != 1:
            raise PackagingError("iframe.html must name the service's address exactly once")
        found["iframe.html"] = page.replace(PLACEHOLDER, base_url).encode()
    packed = {f"assets/{name}": data for name, data in found.items()}
    packed |= {f"translations/{name}.json": _json(_translation(name, signed=signed)) for name in LOCALES}
    packed["manifest.json"] = _json(manifest)
    return dict(sorted(packed.items()))


def sources() -> dict[str, bytes]:
    """The app's page, scripts, style and logos by name, as they stand in the repository."""
    folder = _source() / "zendesk_app" / "assets"
    return {name: (folder / name).read_bytes() for name in ASSETS}


def build(base_url: str, *, signed: bool = False, loopback: bool = False) -> bytes:
    """The zip for the service at `base_url` (see `files`): the same input gives the same bytes.

    Raises `PackagingError` with the findings where the result would break one of Zendesk's rules.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files(base_url, signed=signed, loopback=loopback).items():
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=9)
    content = packed.getvalue()
    broken = tuple(finding for finding in _check_zip(content) if finding.severity == "error")
    if broken:
        raise PackagingError("the package breaks Zendesk's rules", broken)
    return content


def verify(path: Path) -> list[Finding]:
    """What Zendesk would say about an app folder or zip, errors first. Never raises for what the path holds."""
    try:
        if path.is_dir():
            found = _check_folder(path)
        elif not path.is_file():
            found = [error("unreadable", "There is no such file or folder.", str(path))]
        elif path.stat().st_size > MAX_READ_BYTES:
            found = [error("too_large", f"A zip may have {MAX_ZIP_BYTES // 1024 // 1024} MB.")]
        else:
            found = _check_zip(path.read_bytes())
    except OSError as fault:
        found = [error("unreadable", f"This cannot be read: {fault.strerror}.", str(path))]
    return sorted(found, key=lambda finding: (finding.severity, finding.file or "", finding.code, finding.message))


def _host(base_url: str, *, loopback: bool) -> str:
    found = ORIGIN.fullmatch(base_url)
    if found is None:
        raise PackagingError("the service's address must be scheme and host, without user, path, query or final slash")
    host = found["host"].strip("[]").lower()
    if found["scheme"] != "https" and not (loopback and _is_loopback(host)):
        raise PackagingError("the service's address must be https")
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _translation(name: str, *, signed: bool) -> dict[str, Any]:
    """The texts of the install form: each way has its own instructions, and only one a setting."""
    texts: dict[str, Any] = json.loads((_source() / "zendesk_app" / "translations" / f"{name}.json").read_bytes())
    instructions = texts["app"].pop("signed_instructions")
    if signed:
        texts["app"]["installation_instructions"] = instructions
        del texts["app"]["parameters"]
    return texts


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _source() -> Path:
    """Where manifest.json and zendesk_app/ stand: in a wheel inside of this package, in a checkout beside it."""
    here = Path(__file__).parent
    for folder in (here / "zendesk_app", here.parent):
        if (folder / "manifest.json").is_file() and (folder / "zendesk_app" / "assets").is_dir():
            return folder
    raise PackagingError("the app's files are not installed with this package")


# -- reading what is to be verified --


def _check(package: Package) -> Iterator[Finding]:
    manifest = read_manifest(package)
    if isinstance(manifest, Finding):
        yield manifest
    else:
        yield from check_manifest(manifest, package)
        yield from check_translations(package, manifest)
        yield from check_requirements(package, manifest)
    yield from check_files(package)


def _check_folder(folder: Path) -> list[Finding]:
    found: dict[str, bytes] = {}
    symlinks: list[str] = []
    size = 0
    for place, folders, names in os.walk(folder):
        here = Path(place)
        links = [name for name in [*folders, *names] if (here / name).is_symlink()]
        symlinks += [(here / name).relative_to(folder).as_posix() for name in links]
        folders[:] = sorted(name for name in folders if name not in links and not name.startswith("."))
        for name in sorted(set(names) - set(links)):
            path = (here / name).relative_to(folder).as_posix()
            if not _is_seen(path) or not (here / name).is_file():
                continue
            size += (here / name).stat().st_size
            if size > MAX_READ_BYTES or len(found) >= MAX_ENTRIES:
                return [error("too_large", "This is far more than an app may have; is it the right folder?")]
            found[path] = (here / name).read_bytes()
    findings = list(_check(Package(found, tuple(symlinks))))
    if sum(len(zlib.compress(data)) for data in found.values()) > MAX_ZIP_BYTES:
        findings.append(error("too_large", "As a zip this is larger than the 2 MB that a private app may have."))
    return findings


def _check_zip(content: bytes) -> list[Finding]:
    findings: list[Finding] = []
    found: dict[str, bytes] = {}
    if len(content) > MAX_ZIP_BYTES:
        findings.append(error("too_large", "A private app may have 2 MB as a zip."))
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return [*findings, error("not_a_zip", "This is not a zip archive.")]
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        return [*findings, error("too_large", f"{len(entries)} files are far more than an app has.")]
    symlinks = tuple(entry.filename for entry in entries if stat.S_ISLNK(entry.external_attr >> 16))
    for entry in entries:
        name = entry.filename
        if name in symlinks or not (_is_unsafe(name) or _is_seen(name)):
            continue
        fault, data = _unpack(archive, entry, MAX_READ_BYTES - sum(map(len, found.values())))
        if name in found:
            findings.append(warning("duplicate_file", "This file is in the archive twice.", name))
        elif fault is None:
            found[name] = data
        else:
            findings.append(fault)
            if fault.code == "too_large":
                return findings
    return [*findings, *_check(Package(found, symlinks))]


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> tuple[Finding | None, bytes]:
    """The entry's content, or what is wrong with it; read no further than `limit` bytes, whatever its header says."""
    if _is_unsafe(entry.filename):
        return error("unsafe_path", "This path leaves the package.", entry.filename), b""
    try:
        with archive.open(entry) as stream:
            data = stream.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return error("unreadable", "This file cannot be unpacked.", entry.filename), b""
    if len(data) > limit:
        return error("too_large", "The archive unpacks to far more than an app has.", entry.filename), b""
    return None, data


def _is_seen(path: str) -> bool:
    """Zendesk passes over hidden files and the folder tmp."""
    parts = PurePosixPath(path).parts
    return parts[0] != "tmp" and not any(part.startswith(".") for part in parts)


def _is_unsafe(name: str) -> bool:
    return not name.strip() or name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts or ":" in name
