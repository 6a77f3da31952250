"""What an agent may see and do: his account's policy, by his role where roles differ and Zendesk proves who he is."""

import asyncio
from dataclasses import dataclass

from .auth import Agent
from .errors import RequestError
from .house import House
from .privacy import Policy
from .zendesk import settled


@dataclass(frozen=True, slots=True)
class Rights:
    """A policy, and whether it is certain that it is his: till Zendesk has told his role, the strictest one holds."""

    policy: Policy
    certain: bool = True

    def demand(self, right: bool, code: str, message: str) -> None:
        """Raises `RequestError` where he lacks a right: 403, or 503 while his role is not known."""
        if right:
            return
        if not self.certain:
            raise RequestError(503, "role_unknown", "Zendesk has not told your role yet; try again.", retry_after=2)
        raise RequestError(403, code, message)


Reading = asyncio.Task[tuple[str, ...]]


def roles(house: House, agent: Agent) -> Reading | None:
    """The reading of the agent's roles from Zendesk, begun; `None` where they make no difference."""
    reader = house.readers.get(agent.tenant)
    if not house.tenants[agent.tenant].policies.by_role or reader is None or agent.user is None:
        return None
    return reader.roles(agent.user)


async def known(house: House, agent: Agent, reading: Reading | None, until: float) -> Rights:
    """The agent's rights as far as they are known by `until` (the loop's clock)."""
    policies = house.tenants[agent.tenant].policies
    if not policies.by_role:
        return Rights(policies.everybody)
    told = await settled(reading, until) if reading else None
    if isinstance(told, tuple):
        return Rights(policies.of(told))
    return Rights(policies.of(None), certain=False)


async def of(house: House, agent: Agent, until: float) -> Rights:
    """The same, asked and waited for at once."""
    return await known(house, agent, roles(house, agent), until)
