"""What one country can buy at this moment: the catalogue seen through a market and the clock.

Availability ids change without notice on the live service, which is why an order must be made from
a catalogue just read. Here they change after so many days of the simulator's clock, all at once: an
id of yesterday is then as unknown as one that never was.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold
from partnercenter.simulator.site import Site
from partnercenter.simulator.stores.catalogue import (
    CatalogueStore,
    Kind,
    Row,
    kind_of,
    product_of,
)

_SIGNS = "BCDFGHJKLMNPQRSTVWXZ0123456789"
_CHANGING = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One availability as a cart orders it, with its SKU and product; `id` is the one of now."""

    id: str
    availability: Row
    sku: Row
    product: Row

    @property
    def product_type(self) -> str:
        """Return the product's type, such as OnlineServicesNCE; empty when it has none."""
        return str((self.product.get("productType") or {}).get("id") or "")

    @property
    def sku_id(self) -> str:
        """Return product and SKU as add-ons name their bases: `product:sku`."""
        return ":".join(self.id.split(":")[:2])


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalogue of one country, for one request; an empty country is every country."""

    store: CatalogueStore
    country: str
    generation: int
    _read: dict[str, list[Row]] = field(default_factory=dict)

    def products(self, *, segment: str = "") -> list[Row]:
        """Return the products sold to a segment; an empty one is every segment."""
        found: dict[str, Row] = {}
        for row in self._rows(segment):
            product = _product_in(row)
            known = found.get(product["id"].lower())
            if known is None or len(product) > len(known):
                found[product["id"].lower()] = product
        return list(found.values())

    def product(self, product_id: str) -> Row:
        """Return one product. Raises Problem 404/400013 when it is not sold here."""
        products = [_product_in(row) for row in self._of_product(product_id)]
        if not products:
            raise Problem(404, 400013, f"Product {product_id} was not found.")
        return max(products, key=len)

    def skus(self, product_id: str, *, segment: str = "") -> list[Row]:
        """Return the SKUs of a product. Raises Problem 404/400013."""
        self.product(product_id)
        found: dict[str, Row] = {}
        for row in self._of_product(product_id):
            sku = _sku_in(row)
            if sku is None or not _for_segment(row, segment):
                continue
            known = found.get(sku["id"].lower())
            if known is None or len(sku) > len(known):
                found[sku["id"].lower()] = sku
        return list(found.values())

    def sku(self, product_id: str, sku_id: str) -> Row:
        """Return one SKU. Raises Problem 404 with 400013 or 400018."""
        for sku in self.skus(product_id):
            if sku["id"].lower() == sku_id.lower():
                return sku
        raise Problem(404, 400018, f"SKU {sku_id} of product {product_id} was not found.")

    def items(self, product_id: str, sku_id: str, *, segment: str = "") -> list[Item]:
        """Return what can be ordered of a SKU. Raises Problem 404 with 400013 or 400018."""
        product, sku = self.product(product_id), self.sku(product_id, sku_id)
        return [
            Item(self._item_id(row), row, sku, product)
            for row in self._of_product(product_id)
            if kind_of(row) is Kind.AVAILABILITY
            and _sku_id(row).lower() == sku_id.lower()
            and _for_segment(row, segment)
        ]

    def find(self, catalog_item_id: str) -> Item:
        """Return the item `product:sku:availability` names.

        Raises Problem 404 with 400013, 400018 or 400019 for the part that is unknown here and now.
        """
        product_id, _, rest = catalog_item_id.partition(":")
        sku_id, _, _ = rest.partition(":")
        for item in self.items(product_id, sku_id):
            if item.id.lower() == catalog_item_id.lower():
                return item
        raise Problem(404, 400019, f"Availability {catalog_item_id} was not found.")

    def _item_id(self, row: Row) -> str:
        parts = (product_of(row), _sku_id(row), current_id(_base_id(row), self.generation))
        return ":".join(parts)

    def _rows(self, segment: str) -> Iterator[Row]:
        for row in self.store.products():
            if self._sold_here(row) and _for_segment(row, segment):
                yield row

    def _of_product(self, product_id: str) -> list[Row]:
        key = product_id.lower()
        if key not in self._read:
            rows = self.store.of_product(key)
            self._read[key] = [row for row in rows if self._sold_here(row)]
        return self._read[key]

    def _sold_here(self, row: Row) -> bool:
        return not self.country or fold(row.get("country") or self.country) == fold(self.country)


def shelf_of(site: Site, country: str) -> Shelf:
    """Return the catalogue of a country at this moment."""
    days = site.switches.availability_days
    age = site.clock() - site.begun
    generation = max(age // timedelta(days=days), 0) if days else 0
    return Shelf(store=site.catalogue, country=country, generation=generation)


def current_id(base_id: str, generation: int) -> str:
    """Return the id an availability has in a generation; in the first it is the world's own."""
    if not generation:
        return base_id
    digest = hashlib.blake2b(f"{base_id}/{generation}".encode(), digest_size=_CHANGING).digest()
    return base_id[:-_CHANGING] + "".join(_SIGNS[byte % len(_SIGNS)] for byte in digest)


def shown_sku(sku: Row) -> Row:
    """Return a SKU as the service shows it."""
    return {key: value for key, value in sku.items() if key != "inventoryRestrictions"}


def shown_item(item: Item) -> Row:
    """Return an availability as the service shows it: with its id of now and without prices."""
    row, own_id = item.availability, item.id.rpartition(":")[2]
    shown = {
        key: value
        for key, value in row.items()
        # A whole product or SKU inside is how the world holds them, not what this route shows.
        if key not in ("product", "sku") or not value
    }
    shown |= {"id": own_id, "catalogItemId": item.id}
    if "terms" in row:
        shown["terms"] = [
            {key: value for key, value in term.items() if key != "listPrice"}
            for term in row["terms"]
        ]
    links = row.get("links") or {}
    shown["links"] = {
        name: link | {"uri": str(link.get("uri", "")).replace(_base_id(row), own_id)}
        for name, link in links.items()
    }
    return shown


def list_price(term: Row) -> Decimal | None:
    """Return the price of one seat for one billing period of a term; None when it has none."""
    price = term.get("listPrice")
    return None if price is None else Decimal(str(price))


def _product_in(row: Row) -> Row:
    if kind_of(row) is Kind.PRODUCT:
        return row
    inside = row.get("product")
    if isinstance(inside, dict) and inside.get("id"):
        return inside
    sku = row if kind_of(row) is Kind.SKU else row.get("sku") or {}
    return {"id": product_of(row), "title": str(sku.get("title") or product_of(row))}


def _sku_in(row: Row) -> Row | None:
    kind = kind_of(row)
    if kind is Kind.SKU:
        return row
    if kind is Kind.PRODUCT:
        return None
    inside = row.get("sku")
    if isinstance(inside, dict) and inside.get("id"):
        return inside
    return {"id": _sku_id(row), "productId": product_of(row)}


def _for_segment(row: Row, segment: str) -> bool:
    # Only availabilities are of a segment; a product or SKU alone may be meant for any.
    own: Any = row.get("segment") if kind_of(row) is Kind.AVAILABILITY else None
    return not segment or own is None or fold(own) == fold(segment)


def _sku_id(row: Row) -> str:
    parts = str(row.get("catalogItemId") or "").split(":")
    return str(row.get("skuId") or (parts[1] if len(parts) > 1 else ""))


def _base_id(row: Row) -> str:
    return str(row.get("id") or str(row.get("catalogItemId")).rpartition(":")[2])
