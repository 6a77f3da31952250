"""Zendesk's rules for an app's manifest, as its validator applies them on upload.

Source: zendesk_apps_support 4.52 (manifest.rb, validations/manifest.rb, validations/secure_settings.rb). Keys that the
validator does not know are ignored, as it does. Its type `mtls` and the location `custom_object_record_sidebar` are
refused unless Zendesk has turned them on for an account; here they are refused.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .zip_rules import LOCALE, Finding, Manifest, Package, TwinKeys, error, parse, warning, why, words

FILE = "manifest.json"
FRAMEWORK = "2.0"

LOCATIONS = {
    "support": words(
        "top_bar nav_bar ticket_sidebar new_ticket_sidebar user_sidebar organization_sidebar background modal "
        "ticket_editor system_top_bar"
    ),
    "chat": words("chat_sidebar background"),
    "standalone_chat": words("nav_bar system_top_bar"),
    "sell": words(
        "deal_card person_card company_card lead_card background modal dashboard note_editor call_log_editor "
        "email_editor"
    ),
}
OLD_HOSTS = {"zendesk": "support"}
NO_LOCATION = "_legacy"

STRINGS = ("defaultLocale", "version", "frameworkVersion", "remoteInstallationURL", "termsConditionsURL", "gaID")
BOOLEANS = ("requirementsOnly", "marketingOnly", "singleInstall", "signedUrls")
OAUTH_KEYS = ("client_id", "client_secret", "authorize_uri", "access_token_uri")
PARAMETER_TYPES = words("text checkbox url number multiline hidden oauth")
SCOPES = words("header body url jwt_secret_key jwt_claim basic_auth_username basic_auth_password")
EXPERIMENTS = frozenset({"hashParams", "newCssCompiler"})
SECRET_NAMES = re.compile(r"token|key|pwd|password", re.IGNORECASE)
URI = re.compile(r"(?:[\w\-.~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)
"""What RFC 3986 lets stand in an address; Ruby parses nothing else."""


def read_manifest(package: Package) -> dict[str, Any] | Finding:
    """The manifest, or why there is none to speak of."""
    if FILE not in package.files:
        nested = sorted(path for path in package.files if re.fullmatch(r"[^/]+/manifest\.json", path))
        if nested:
            message = "The manifest must stand at the root: make the archive from inside this folder."
            return error("nested_manifest", message, nested[0])
        return error("missing_manifest", "There is no manifest.json at the root.")
    try:
        manifest = parse(package.files[FILE])
    except TwinKeys as twin:
        return error("duplicate_manifest_keys", f"The key “{twin}” stands twice in one object.", FILE)
    except ValueError as fault:
        return error("manifest_not_json", f"This is not JSON: {why(fault)}.", FILE)
    if not isinstance(manifest, dict):
        return error("manifest_not_json", "This is not a JSON object.", FILE)
    return manifest


def check_manifest(manifest: Manifest, package: Package) -> Iterator[Finding]:
    """Everything that the validator says about one manifest."""
    yield from _types(manifest)
    yield from _author(manifest)
    yield from _default_locale(manifest, package)
    yield from _oauth(manifest)
    if manifest.get("marketingOnly"):
        yield from _marketing_only(manifest)
    else:
        yield from _parameters(manifest)
    if manifest.get("requirementsOnly") or manifest.get("marketingOnly"):
        yield from _no_place(manifest)
    else:
        yield from _framework(manifest)
        yield from _location(manifest, package)


def _types(manifest: Manifest) -> Iterator[Finding]:
    for key in STRINGS:
        if not isinstance(manifest.get(key), str | None):
            yield _fault("unacceptable_string", f"{key} must be a string.")
    for key in BOOLEANS:
        if not isinstance(_given(manifest, key, False), bool):
            yield _fault("unacceptable_boolean", f"{key} must be true or false.")
    if not isinstance(manifest.get("private", True), bool):
        yield _fault("unacceptable_boolean", "private must be true or false.")
    domains = manifest.get("domainWhitelist", [])
    if domains is not None and not (isinstance(domains, list) and all(isinstance(name, str) for name in domains)):
        yield _fault("unacceptable_array_of_strings", "domainWhitelist must be an array of strings.")
    experiments = _given(manifest, "experiments", {})
    if not isinstance(experiments, dict):
        yield _fault("unacceptable_hash", "experiments must be an object.")
    elif unknown := sorted({name for name in experiments if _given(experiments, name, None)} - EXPERIMENTS):
        yield _fault("invalid_experiment", f"Unknown experiments: {', '.join(unknown)}.")
    terms = manifest.get("termsConditionsURL")
    if isinstance(terms, str) and not _is_web_address(terms):
        yield _fault("invalid_url", "termsConditionsURL must be an http or https address.")


def _author(manifest: Manifest) -> Iterator[Finding]:
    author = manifest.get("author")
    if author is None:
        yield _missing("author")
        return
    if not isinstance(author, dict):
        yield _fault("unacceptable_hash", "author must be an object.")
        return
    for key in ("name", "email", "url"):
        if not isinstance(author.get(key), str | None):
            yield _fault("unacceptable_string", f"author.{key} must be a string.")
    url = author.get("url")
    if isinstance(url, str) and not _is_web_address(url):
        yield _fault("invalid_url", "author.url must be an http or https address with a host.")


def _default_locale(manifest: Manifest, package: Package) -> Iterator[Finding]:
    locale = manifest.get("defaultLocale")
    if locale is None:
        yield _missing("defaultLocale")
    elif not isinstance(locale, str) or not LOCALE.fullmatch(locale):
        yield _fault("invalid_default_locale", "defaultLocale is not a locale.")
    elif f"translations/{locale}.json" not in package.files:
        yield _fault("missing_translation_file", f"translations/{locale}.json is missing.")


def _oauth(manifest: Manifest) -> Iterator[Finding]:
    oauth = manifest.get("oauth")
    if oauth is None or oauth is False:
        return
    values = oauth if isinstance(oauth, dict) else {}
    if missing := [key for key in OAUTH_KEYS if not values.get(key)]:
        yield _fault("oauth_keys.missing", f"oauth lacks {', '.join(missing)}.")
    if not any(_given(parameter, "type", "text") == "oauth" for parameter in _listed(manifest)):
        yield _fault("oauth_parameter_required", "oauth needs one parameter of the type oauth.")


def _marketing_only(manifest: Manifest) -> Iterator[Finding]:
    if manifest.get("parameters"):
        yield _fault("no_parameters_required", "A marketing-only app cannot have parameters.")
    if manifest.get("private", True):
        yield _fault("marketing_only_app_cant_be_private", "A marketing-only app cannot be private.")


def _no_place(manifest: Manifest) -> Iterator[Finding]:
    if manifest.get("location"):
        yield _fault("no_location_required", "An app of requirements or marketing only has no location.")
    if manifest.get("frameworkVersion") is not None:
        message = "An app of requirements or marketing only has no framework version."
        yield _fault("no_framework_version_required", message)


def _parameters(manifest: Manifest) -> Iterator[Finding]:
    given = manifest.get("parameters")
    if given is None:
        return
    if not isinstance(given, list):
        yield _fault("parameters_not_an_array", "parameters must be an array.")
        return
    parameters = _listed(manifest)
    if len(parameters) < len(given):
        yield _fault("parameters_not_an_array", "Each of parameters must be an object.")
    names = Counter(str(parameter.get("name")) for parameter in parameters)
    if twins := sorted(name for name, count in names.items() if count > 1):
        yield _fault("duplicate_parameters", f"Parameters stand twice: {', '.join(twins)}.")
    if "name" in names:
        yield _fault("name_as_parameter_name", "A parameter cannot be called name.")
    if sum(_given(parameter, "type", "text") == "oauth" for parameter in parameters) > 1:
        yield _fault("too_many_oauth_parameters", "Only one parameter may have the type oauth.")
    for parameter in parameters:
        yield from _parameter(parameter)
        yield from _care(parameter)


def _parameter(parameter: Mapping[str, Any]) -> Iterator[Finding]:
    name, kind = parameter.get("name"), _given(parameter, "type", "text")
    for key in ("required", "secure"):
        if not isinstance(_given(parameter, key, False), bool):
            yield _fault("unacceptable_boolean", f"{name}: {key} must be true or false.")
    if not isinstance(kind, str) or kind not in PARAMETER_TYPES:
        yield _fault("invalid_type_parameter", f"{name}: {kind} is not a type of parameter.")
    if kind == "hidden" and _given(parameter, "required", False):
        yield _fault("invalid_hidden_parameter", f"{name}: a hidden parameter cannot be required.")
    if kind == "oauth" and _given(parameter, "secure", False):
        yield _fault("oauth_parameter_cannot_be_secure", f"{name}: a parameter of the type oauth cannot be secure.")
    scopes = parameter.get("scopes")
    if scopes is None:
        return
    if parameter.get("secure") is not True:
        yield _fault("invalid_scopes", f"{name}: only a secure parameter can have scopes.")
    if not isinstance(scopes, list) or not scopes or any(not isinstance(one, str) for one in scopes):
        yield _fault("invalid_scopes", f"{name}: scopes must be an array that names at least one.")
    elif unknown := sorted(set(scopes) - SCOPES):
        yield _fault("invalid_scopes", f"{name}: unknown scopes: {', '.join(unknown)}.")


def _care(parameter: Mapping[str, Any]) -> Iterator[Finding]:
    name, kind = str(parameter.get("name")), _given(parameter, "type", "text")
    secure = _given(parameter, "secure", False)
    if secure and not parameter.get("scopes"):
        message = f"{name}: without scopes an agent can have it sent anywhere in a request."
        yield warning("secure_parameters_with_no_scopes_in_manifest", message, FILE)
    if "default" in parameter and (secure or kind == "hidden"):
        message = f"{name}: the default of a secure or hidden parameter is not stored securely."
        yield warning("default_secure_or_hidden_parameter_in_manifest", message, FILE)
    if kind == "text" and not secure and SECRET_NAMES.search(name):
        message = f"{name}: a parameter for a secret should be secure."
        yield warning("insecure_token_parameter_in_manifest", message, FILE)


def _framework(manifest: Manifest) -> Iterator[Finding]:
    version = manifest.get("frameworkVersion")
    if version is None:
        yield _missing("frameworkVersion")
    elif version != FRAMEWORK:
        yield _fault("invalid_version", f"frameworkVersion must be “{FRAMEWORK}”.")
    template = _given(manifest, "noTemplate", False)
    if not isinstance(template, bool | list):
        yield _fault("invalid_no_template", "noTemplate belongs to version 1 of the framework.")
    elif template:
        yield _fault("no_template_deprecated_in_v2", "noTemplate cannot be used; set autoLoad or autoHide instead.")


def _location(manifest: Manifest, package: Package) -> Iterator[Finding]:
    location = manifest.get("location")
    if isinstance(location, str | list) and location:
        yield _fault("locations_must_be_urls", "location must be an object of hosts with their locations.")
        return
    hosts = location if isinstance(location, dict) else {}
    known = {host: places for host, places in hosts.items() if OLD_HOSTS.get(host, host) in LOCATIONS}
    if not any(known.values()):
        yield _missing("location")
    yield from (
        _fault("invalid_host", f"{host} is not a product with apps.") for host in sorted(hosts.keys() - known.keys())
    )
    for host, places in known.items():
        if places is None or places is False:
            continue
        if not isinstance(places, dict):
            yield _fault("invalid_location", f"{host} must be an object of locations.")
            continue
        for name, options in places.items():
            if name not in LOCATIONS[OLD_HOSTS.get(host, host)]:
                yield _fault("invalid_location", f"{name} is not a location in {host}.")
            yield from _place(name, options if isinstance(options, dict) else {"url": options}, package)


def _place(name: str, options: Mapping[str, Any], package: Package) -> Iterator[Finding]:
    url = options.get("url")
    if options.get("legacy") or url == NO_LOCATION:
        yield _fault("locations_must_be_urls", f"{name} must name an address.")
    elif isinstance(url, str) and url:
        if not _is_place(url, package):
            message = f"{name}: {url} is neither a file of the package under assets nor an https address."
            yield _fault("invalid_location_uri", message)
    elif _given({"autoLoad": True, **options}, "autoLoad", None):
        yield _fault("blank_location_uri", f"{name} names no address.")
    if not isinstance(options.get("flexible"), bool | None):
        yield _fault("invalid_location_flexible_type", f"{name}: flexible must be true or false.")


def _is_place(url: str, package: Package) -> bool:
    if "{{setting." in url:
        return True
    parts = _parts(url)
    if parts is None:
        return False
    scheme, host, path = parts
    if scheme:
        return scheme == "https" or host == "localhost"
    return path.startswith("assets/") and package.has(path)


def _is_web_address(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and parts[0] in ("http", "https") and bool(parts[1])


def _parts(url: str) -> tuple[str, str, str] | None:
    """Scheme, host as written, and path of what is an address at all."""
    if not URI.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = re.sub(r":\d*$", "", parts.netloc.rpartition("@")[2])
    return parts.scheme, host, parts.path


def _listed(manifest: Manifest) -> list[dict[str, Any]]:
    given = manifest.get("parameters")
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def _given(values: Mapping[str, Any], key: str, default: Any) -> Any:
    """The value as Ruby's `||` reads it: absent, null and false are the same; 0 and "" are values."""
    value = values.get(key)
    return default if value is None or value is False else value


def _fault(code: str, message: str) -> Finding:
    return error(code, message, FILE)


def _missing(key: str) -> Finding:
    return _fault("manifest_keys.missing", f"{key} is missing.")
