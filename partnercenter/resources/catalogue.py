"""The catalogue, as one country or as one customer sees it."""

from collections.abc import Iterable, Mapping

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer, NotFound
from partnercenter.resources.asking import ask, ask_by_post, check_about, country_code, whole
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.catalogue import (
    Availability,
    Product,
    Sku,
    Stock,
    read_availability,
    read_product,
    read_sku,
    read_stock,
)
from partnercenter.schemas.fields import as_guid
from partnercenter.transport import Transport, join_path


class Catalogue:
    """The ways into the catalogue; every call counts for one market."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def in_country(self, country: str) -> "Shelf":
        """Return the catalogue of a market. Raises: InvalidRequest when it is no country code."""
        return Shelf(self._transport, "/v1", {"country": country_code(country)}, NotFound)

    def for_customer(self, customer_id: str) -> "Shelf":
        """Return the catalogue of a customer's market. Raises: InvalidRequest without a GUID."""
        return Shelf(self._transport, customer_path(customer_id), {}, CustomerNotFound)

    def stock(
        self,
        country: str,
        items: Iterable[tuple[str, str]],
        *,
        customer_id: str,
        azure_subscription_id: str = "",
    ) -> tuple[Stock, ...]:
        """Return whether these (product, SKU) pairs can be bought; SKU empty asks for all of them.

        Raises: MixedUpAnswer when the answer names another product.
        """
        wanted = tuple(items)
        customer = as_guid(customer_id)
        if not wanted or customer is None:
            raise InvalidRequest("A stock is asked for with products and a customer.")
        context = {"customerId": customer}
        if azure_subscription_id:
            context["azureSubscriptionId"] = azure_subscription_id
        targets = [
            {"productId": product, "skuId": sku} if sku else {"productId": product}
            for product, sku in wanted
        ]

        def read(body: object) -> tuple[Stock, ...]:
            found = whole(
                body, read=read_stock, identity=lambda row: f"{row.product_id}:{row.sku_id}"
            )
            if not {row.product_id.upper() for row in found} <= {
                each.upper() for each, _ in wanted
            }:
                raise MixedUpAnswer("The answer is about another product.")
            return found

        return ask_by_post(
            self._transport,
            "/v1/extensions/product/checkInventory",
            params={"country": country_code(country)},
            body={"targetItems": targets, "inventoryContext": context},
            read=read,
        )


class Shelf:
    """Products, SKUs and availabilities of one market."""

    def __init__(
        self,
        transport: Transport,
        base: str,
        params: Mapping[str, str],
        nobody: type[NotFound],
    ) -> None:
        self._transport = transport
        self._base = base
        self._params = params
        self._nobody = nobody

    def products(self, view: str, segment: str = "") -> tuple[Product, ...]:
        """Return the products of a view (OnlineServices, Software, MicrosoftAzure, ...).

        Raises: PermissionRefused when the partner may not sell that view or segment.
        """
        params = {**self._params, "targetView": view}
        if segment:
            params["targetSegment"] = segment
        return ask(
            self._transport,
            f"{self._base}/products",
            params=params,
            read=lambda body: whole(body, read=read_product, identity=_identity),
            missing=self._nobody,
        )

    def product(self, product_id: str) -> Product:
        """Return one product. Raises: NotFound."""

        def read(body: object) -> Product:
            product = read_product(body)
            check_about(product.id, product_id, "product")
            return product

        return ask(self._transport, self._path(product_id), params=self._params, read=read)

    def skus(self, product_id: str) -> tuple[Sku, ...]:
        """Return a product's SKUs. Raises: NotFound, MixedUpAnswer."""

        def read(row: object) -> Sku:
            sku = read_sku(row)
            check_about(sku.product_id, product_id, "product")
            return sku

        return ask(
            self._transport,
            self._path(product_id, "skus"),
            params=self._params,
            read=lambda body: whole(body, read=read, identity=_identity),
        )

    def sku(self, product_id: str, sku_id: str) -> Sku:
        """Return one SKU. Raises: NotFound, MixedUpAnswer."""

        def read(body: object) -> Sku:
            sku = read_sku(body)
            check_about(sku.product_id, product_id, "product")
            check_about(sku.id, sku_id, "SKU")
            return sku

        path = self._path(product_id, "skus", sku_id)
        return ask(self._transport, path, params=self._params, read=read)

    def availabilities(self, product_id: str, sku_id: str) -> tuple[Availability, ...]:
        """Return how a SKU can be bought now: one availability per segment, term and billing.

        Raises: NotFound, MixedUpAnswer.
        """
        return ask(
            self._transport,
            self._path(product_id, "skus", sku_id, "availabilities"),
            params=self._params,
            read=lambda body: whole(
                body, read=lambda row: _read_of(row, product_id, sku_id), identity=_identity
            ),
        )

    def availability(self, product_id: str, sku_id: str, availability_id: str) -> Availability:
        """Return one availability. Raises: NotFound when its id has changed, MixedUpAnswer."""

        def read(body: object) -> Availability:
            availability = _read_of(body, product_id, sku_id)
            check_about(availability.id, availability_id, "availability")
            return availability

        path = self._path(product_id, "skus", sku_id, "availabilities", availability_id)
        return ask(self._transport, path, params=self._params, read=read)

    def _path(self, *segments: str) -> str:
        return self._base + join_path("products", *segments)


def _read_of(row: object, product_id: str, sku_id: str) -> Availability:
    availability = read_availability(row)
    check_about(availability.product_id, product_id, "product")
    check_about(availability.sku_id, sku_id, "SKU")
    return availability


def _identity(thing: Product | Sku | Availability) -> str:
    return thing.id
