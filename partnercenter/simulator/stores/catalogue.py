"""The catalogue of the world: what can be bought, found by product.

One file holds records of five kinds. An availability is what a cart orders and may carry its whole
product and SKU; a product or SKU of its own completes a sparse catalogue; legacy offers and
promotions stand beside them. Keys the service does not have are the world's own: `listPrice` of a
term (text, for one seat and billing period) and `inventoryRestrictions` of a SKU.
"""

import threading
from array import array
from collections.abc import Iterator
from enum import Enum
from typing import Any

from partnercenter.simulator.worlds import Collection

Row = dict[str, Any]


class Kind(Enum):
    """What a record of the catalogue describes."""

    AVAILABILITY = "availability"
    SKU = "sku"
    PRODUCT = "product"
    OFFER = "offer"
    PROMOTION = "promotion"


class CatalogueStore:
    """Records of the catalogue by product and by kind, read only."""

    def __init__(self, base: Collection) -> None:
        self._base = base
        self._by_product: dict[str, array[int]] | None = None
        self._by_kind: dict[Kind, array[int]] = {}
        self._lock = threading.Lock()

    def of_product(self, product_id: str) -> list[Row]:
        """Return every record that tells of a product, in file order.

        The first call on a world reads the whole catalogue once.
        """
        return self._rows(self._index().get(product_id.lower(), array("I")))

    def products(self) -> Iterator[Row]:
        """Yield every availability, SKU and product, in file order."""
        for row in self._base:
            if product_of(row):
                yield row

    def offers(self) -> list[Row]:
        """Return the legacy offers."""
        self._index()
        return self._rows(self._by_kind.get(Kind.OFFER, array("I")))

    def promotions(self) -> list[Row]:
        """Return the promotions."""
        self._index()
        return self._rows(self._by_kind.get(Kind.PROMOTION, array("I")))

    def offer(self, offer_id: str) -> Row | None:
        """Return a legacy offer, or None."""
        row = self._base.get(offer_id)
        return row if row is not None and kind_of(row) is Kind.OFFER else None

    def promotion(self, promotion_id: str) -> Row | None:
        """Return a promotion, or None."""
        row = self._base.get(promotion_id)
        return row if row is not None and kind_of(row) is Kind.PROMOTION else None

    def _rows(self, positions: "array[int]") -> list[Row]:
        return [self._base.page(at, 1)[0] for at in positions]

    def _index(self) -> "dict[str, array[int]]":
        with self._lock:
            if self._by_product is None:
                found: dict[str, array[int]] = {}
                for at, row in enumerate(self._base):
                    self._by_kind.setdefault(kind_of(row), array("I")).append(at)
                    product_id = product_of(row).lower()
                    if product_id:
                        found.setdefault(product_id, array("I")).append(at)
                self._by_product = found
            return self._by_product


def kind_of(row: Row) -> Kind:
    """Return what a record describes, by the keys only that kind has."""
    if "requiredProducts" in row:
        return Kind.PROMOTION
    if "isAddOn" in row or (row.get("attributes") or {}).get("objectType") == "Offer":
        return Kind.OFFER
    if "catalogItemId" in row or "skuId" in row:
        return Kind.AVAILABILITY
    return Kind.SKU if "productId" in row else Kind.PRODUCT


def product_of(row: Row) -> str:
    """Return the id of the product a record tells of; empty for offers and promotions."""
    kind = kind_of(row)
    if kind in (Kind.OFFER, Kind.PROMOTION):
        return ""
    if kind is Kind.PRODUCT:
        return str(row.get("id") or "")
    return str(row.get("productId") or str(row.get("catalogItemId") or "").partition(":")[0])
