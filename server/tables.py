"""TOML tables -> models. Every complaint names table and key, and none repeats a value."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import tomli
from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import SettingsError
from .vault import Vault

TableT = TypeVar("TableT", bound=BaseModel)


class Table(BaseModel):
    """One table of the file. Unknown keys are refused; nothing of the input is repeated in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def table(kind: type[TableT], data: object, where: str, vault: Vault) -> TableT:
    """`data` as `kind`, its secrets resolved. Raises `SettingsError`."""
    data = a_table(data, where)
    known_only(data, keys(kind), where)
    values = dict(data)
    for key in _secret_keys(kind) & values.keys():
        values[key] = _secrets(values[key], f"{where}: {key}", vault)
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        complaints = [_complaint(item["loc"], item["type"], item["msg"]) for item in error.errors(include_input=False)]
    raise SettingsError(f"{where}: {'; '.join(complaints)}")


@cache
def keys(kind: type[BaseModel]) -> frozenset[str]:
    """The keys that a table may have."""
    return frozenset(kind.model_fields)


@cache
def _secret_keys(kind: type[BaseModel]) -> frozenset[str]:
    return frozenset(key for key, field in kind.model_fields.items() if "SecretStr" in repr(field.annotation))


def _secrets(value: object, where: str, vault: Vault) -> object:
    if isinstance(value, list):
        return [vault.resolve(item, f"{where}[{index}]") for index, item in enumerate(value)]
    return vault.resolve(value, where)


def _complaint(loc: Sequence[int | str], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in loc)
    text = "is missing" if kind == "missing" else message.removeprefix("Value error, ")
    return f"{key}: {text}" if key else text


def known_only(
    data: Mapping[str, Any], known: AbstractSet[str], where: str, also: AbstractSet[str] = frozenset()
) -> None:
    """Raises `SettingsError` for a key that is not `known`, with the nearest that is (or is in `also`)."""
    for key in data:
        if key not in known:
            everything = sorted(known | also)
            near = difflib.get_close_matches(key, everything, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known here: {', '.join(everything)}"
            raise SettingsError(f'{where}: unknown key "{key}"{hint}')


def toml(path: Path) -> dict[str, Any]:
    """The file's content. Raises `SettingsError` with the place of a mistake, never with what stands there."""
    try:
        return tomli.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path}: cannot be read") from None
    except tomli.TOMLDecodeError as error:
        position = re.search(r"\(at .*\)", str(error))
        raise SettingsError(f"{path}: is not TOML {position.group() if position else ''}".rstrip()) from None


def a_table(value: object, where: str) -> dict[str, Any]:
    """`value`, if it is one. Raises `SettingsError`."""
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: must be a table")
    return value


def a_list(value: object, where: str) -> list[Any]:
    """`value`, if it is one. Raises `SettingsError`."""
    if not isinstance(value, list):
        raise SettingsError(f"{where}: must be a list")
    return value


def quoted(names: Iterable[str]) -> str:
    """The names in quotes, in alphabetical order."""
    return ", ".join(f'"{name}"' for name in sorted(names))
