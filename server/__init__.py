"""Orderside: the customer's orders beside the Zendesk ticket, live from every connected store."""

__version__ = "0.1.0"
