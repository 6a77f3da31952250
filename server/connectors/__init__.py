"""The platforms that can be asked: one line each."""

from typing import Any

from .amazon import Amazon
from .api2cart import Api2Cart
from .base import Connector
from .bigcommerce import BigCommerce
from .ebay import Ebay
from .magento import Magento
from .prestashop import PrestaShop
from .saleor import Saleor
from .shopify import Shopify
from .woocommerce import WooCommerce

CONNECTORS: tuple[type[Connector[Any]], ...] = (
    Shopify,
    WooCommerce,
    BigCommerce,
    Magento,
    Saleor,
    PrestaShop,
    Amazon,
    Ebay,
    Api2Cart,
)
