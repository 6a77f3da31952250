"""What the settings say of a Shopify shop."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from .base import Origin, StoreConfig

Version = Literal["2026-01", "2026-04", "2026-07", "2026-10"]
"""The versions that the documents are checked against. Shopify serves each of them for at least a year."""


def end_of_support(version: str | None) -> date | None:
    """The first day on which Shopify may no longer serve a version."""
    stated = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", version or "")
    return date(int(stated[1]) + 1, int(stated[2]), 1) if stated else None


class ShopifyConfig(StoreConfig):
    """A static token, or the client id and secret of an app of the shop's own organisation."""

    shop: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    access_token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    api_version: Version = "2026-10"
    origin: Origin | None = None

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("client_id and client_secret go together")
        if (self.access_token is None) == (self.client_id is None):
            raise ValueError("needs either access_token, or client_id and client_secret")
        if self.origin and not self.origin.startswith("http://"):
            raise ValueError("origin is for loopback addresses only; leave it out")
        return self
