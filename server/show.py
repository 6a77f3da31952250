"""`[tenant.show]` -> what an account's agents may see: one policy for everybody, and others by role."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from .errors import SettingsError
from .model import Level
from .privacy import HIDEABLE, Policies, Policy
from .tables import Table, a_table, table
from .vault import Vault


def _hideable(name: str) -> str:
    if name not in HIDEABLE:
        raise ValueError(f"must be one of {', '.join(HIDEABLE)}")
    return name


class Show(Table):
    """`[tenant.show]`, and below it `[tenant.show.roles.NAME]` with whatever differs for a role."""

    hide: tuple[Annotated[str, AfterValidator(_hideable)], ...] = ()
    mask_below: Literal["confirmed", "likely"] = "confirmed"
    search: bool = True
    reveal: bool = True


def policies(data: Mapping[str, Any], where: str, vault: Vault, *, proven: bool) -> Policies:
    """What agents may see. Raises `SettingsError`, also for roles where nobody can tell which an agent has.

    `proven` says that the account's agents are known and that Zendesk can be asked for their roles.
    """
    everybody = {key: value for key, value in data.items() if key != "roles"}
    by_role = a_table(data.get("roles", {}), f"{where[:-1]}.roles]")
    if by_role and not proven:
        raise SettingsError(
            f'{where}: roles: need method = "signed_url" and [tenant.zendesk]; otherwise an agent\'s browser would say'
            " which role he has"
        )
    return Policies(
        everybody=_policy(everybody, where, vault),
        by_role={
            role: _policy({**everybody, **a_table(own, here)}, here, vault)
            for role, own in by_role.items()
            for here in (f"{where[:-1]}.roles.{role}]",)
        },
    )


def _policy(data: Mapping[str, Any], where: str, vault: Vault) -> Policy:
    show = table(Show, data, where, vault)
    return Policy(frozenset(show.hide), Level(show.mask_below), may_search=show.search, may_reveal=show.reveal)
