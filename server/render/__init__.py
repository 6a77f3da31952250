"""Summary -> JSON by the contract, or the panel's HTML fragment. Pure."""

from .contract import candidate_line, revealed_to_json, to_json
from .panel import order_to_html, reported_to_html, to_html

__all__ = ["candidate_line", "order_to_html", "reported_to_html", "revealed_to_json", "to_html", "to_json"]
