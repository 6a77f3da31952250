"""Everything that can go wrong, as a closed set.

`StoreError` is what asking a store may end in: each kind is one state of a `Source`, which the panel says in
words. `RequestError` is what our own HTTP answers may refuse: a status, a code, a sentence, and the field at
fault. Anything else that is raised is a defect of ours. No message ever holds personal data or a secret.
"""

from collections.abc import Mapping
from typing import ClassVar

from .model import SourceState


class StoreError(Exception):
    """A store could not be asked, or its answer could not be used. `about` fills the sentence for the agent."""

    state: ClassVar[SourceState]

    def __init__(self, reason: str, **about: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.about: Mapping[str, object] = {"reason": reason, **about}


class TimedOut(StoreError):
    """The store did not finish its answer within the time that the agent can wait."""

    state = SourceState.TIMED_OUT


class Refused(StoreError):
    """The store turned our credentials down. Reasons: `credentials`, `scope` (with `scope`), `closed`."""

    state = SourceState.REFUSED


class Limited(StoreError):
    """The store wants fewer calls. `retry_after` is in seconds where the store said so."""

    state = SourceState.LIMITED

    def __init__(self, reason: str = "throttled", *, retry_after: float | None = None) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.retry_after = retry_after


class Unreachable(StoreError):
    """No usable answer came. Reasons: `connect`, `address` (where no store may be), `tls`, `broken` (the
    connection), `down` (5xx, with `status`)."""

    state = SourceState.UNREACHABLE

    def __init__(self, reason: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(reason, status=status)
        self.status = status
        self.retry_after = retry_after

    @property
    def lasts(self) -> bool:
        """Whether it is so until an admin does something: then another try is in vain, and hides what is wrong."""
        return self.reason in {"address", "tls"}


class Changed(StoreError):
    """The answer is not what this API is documented to send.

    Reasons: `payload`, `redirect`, `too_large`, `encoding`, `status`; `defect` where the fault is ours.
    """

    state = SourceState.CHANGED


class Paused(StoreError):
    """The store failed so often that it is left alone for a while: `retry_after` seconds from now."""

    state = SourceState.PAUSED

    def __init__(self, reason: str = "failing", *, retry_after: float | None = None) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.retry_after = retry_after


class RequestError(Exception):
    """A request to us that is refused: `status`, `code`, a sentence, and the `field` at fault if there is one."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after


class TokenError(RequestError):
    """The caller's token proves nothing: always a 401, with a code that says which demand it failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(401, code, message)


class SettingsError(Exception):
    """The settings cannot be used. The message names the key and its table, and never holds a value."""
