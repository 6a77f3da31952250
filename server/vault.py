"""Where secrets are kept: outside the settings file, which only names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from .errors import SettingsError


@dataclass(frozen=True, slots=True)
class Vault:
    """Where secrets are kept: the environment, and files below these folders (the first that has it)."""

    environ: Mapping[str, str]
    folders: tuple[Path, ...]

    def resolve(self, reference: object, where: str) -> SecretStr:
        """The secret behind `env:NAME` or `file:PATH`. Raises `SettingsError`, never with a value in it."""
        kind, _, name = reference.partition(":") if isinstance(reference, str) else ("", "", "")
        if kind not in {"env", "file"} or not name:
            raise SettingsError(
                f"{where}: must be a reference, env:NAME or file:PATH; a secret itself may not stand in this file"
            )
        text = self._environment(name, where) if kind == "env" else self._file(name, where)
        text = text.strip()
        if not text:
            raise SettingsError(f"{where}: the secret behind it is empty")
        pem = text.startswith("-----BEGIN ")
        if re.search(r"[^\x20-\x7e\n]" if pem else r"[^\x20-\x7e]", text):
            raise SettingsError(f"{where}: the secret behind it holds characters that no header can carry")
        return SecretStr(text)

    def _environment(self, name: str, where: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise SettingsError(f"{where}: env: must be followed by the name of an environment variable")
        if name not in self.environ:
            raise SettingsError(f"{where}: the environment variable {name} is not set")
        return self.environ[name]

    def _file(self, name: str, where: str) -> str:
        for folder in self.folders:
            try:
                return (folder / name).read_text("utf-8")
            except FileNotFoundError:
                continue
            except (OSError, ValueError):
                break
        raise SettingsError(f"{where}: the file it names cannot be read")
