"""How our templates are read and what they may write: dense, escaped, and nothing that turns text around."""

import re
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup

_UNQUIET = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def _still(value: object) -> object:
    """Text without control characters, and those that turn it around: `exe.gnp` must not read as `png.exe`.

    Markup is the templates' own, or what a macro wrote, whose every part has been here already.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return _UNQUIET.sub("", value)


class _Dense(Extension):
    """Templates without the indentation that is there for their readers: a panel of ten orders is a tenth smaller."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The template's text, line by line without what stands before it."""
        return re.sub(r"\n\s+", "\n", source)


_PLAIN = {FunctionType, MethodType}


class _Straight(Context):
    """Calls our functions straight: Jinja looks at each call whether they want its context, and none of ours does."""

    def call(self, function: Callable[..., Any], /, *args: Any, **about: Any) -> Any:
        """What the function returns; anything but a plain function is Jinja's own business."""
        if type(function) not in _PLAIN:
            return super().call(function, *args, **about)
        about.pop("_loop_vars", None)
        about.pop("_block_vars", None)
        return function(*args, **about)


class _Environment(Environment):
    context_class = _Straight


TEMPLATES = _Environment(
    loader=PackageLoader("server"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    extensions=[_Dense],
    finalize=_still,
)
