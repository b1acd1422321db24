"""Partner Center read with nothing but HTTP and JSON: what any client has to do at the least.

The same token, the same pages and the same rules of paging as the portal's own client, and none of
its care: no retries, no checks, no objects.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import requests

from bench.ground import Center
from partnercenter.resources.customers import PAGE_SIZE as CUSTOMERS_PAGE
from partnercenter.resources.invoices import LINE_ITEM_PAGE_SIZE as LINES_PAGE

AUDIENCE = "https://api.partnercenter.microsoft.com"
BY_OFFSET = "office"
NEW_COMMERCE = "onetime"


class RawCenter:
    """A signed-in session with a simulated Partner Center."""

    def __init__(self, center: Center) -> None:
        self._url = center.url
        self._session = requests.Session()
        self._session.trust_env = False  # else the environment's bundle goes before this one
        self._session.verify = str(center.authority)
        answer = self._session.post(
            f"{center.url}/{center.partner_tenant}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": center.client_id,
                "client_secret": center.secret,
                "scope": f"{AUDIENCE}/.default",
            },
            timeout=60,
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def customers(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of all customers."""
        return self._seek("/v1/customers", {"size": str(CUSTOMERS_PAGE)})

    def lines(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of all lines of all invoices."""
        for invoice in self._get("/v1/invoices", {"size": "200"}, {})["items"]:
            provider = BY_OFFSET if invoice["id"].startswith("D") else NEW_COMMERCE
            query = {
                "provider": provider,
                "invoicelineitemtype": "billinglineitems",
                "size": str(LINES_PAGE),
            }
            path = f"/v1/invoices/{invoice['id']}/lineitems"
            pages = self._offset if provider == BY_OFFSET else self._seek
            yield from pages(path, query)

    def warm(self) -> None:
        """Let the simulator read its files once, which it puts off until they are asked for."""
        for _ in self.lines():
            pass
        next(self.customers(), None)

    def _seek(self, path: str, query: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        body = self._get(path, query, {})
        yield body["items"]
        while following := body.get("links", {}).get("next"):
            headers = {header["key"]: header["value"] for header in following["headers"]}
            body = self._get(path, {**query, "seekOperation": "Next"}, headers)
            yield body["items"]

    def _offset(self, path: str, query: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
        offset = 0
        while items := self._get(path, {**query, "offset": str(offset)}, {})["items"]:
            yield items
            offset += len(items)

    def _get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        answer = self._session.get(
            self._url + path, params=dict(query), headers=dict(headers), timeout=60
        )
        answer.raise_for_status()
        answer.encoding = "utf-8-sig"
        return answer.json(parse_float=Decimal)
