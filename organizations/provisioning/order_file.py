"""A file of accounts to provision: its columns, and what each line asks for.

An account is named by the number of its organization, or by its own customer number. The connection
needs naming only where there are several.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Q

from organizations.directory.models import Account
from organizations.directory.queries import accounts
from organizations.provisioning.agreeing import COLUMNS as AGREED_COLUMNS
from organizations.provisioning.agreeing import read_agreed
from organizations.provisioning.asking import Agreed
from organizations.provisioning.operations import Verdict, judge_wish
from portal.core.access import Actor
from portal.core.errors import InvalidInput, PortalError
from portal.web.sheets.reading import Layout, Remark, Row
from tenants.connections.models import Connection
from tenants.connections.queries import connections

COLUMNS: Final = (
    "number",
    "username",
    "domain_prefix",
    "reseller_mpn_id",
    "connection",
    *AGREED_COLUMNS,
)
LAYOUT = Layout(
    columns=COLUMNS,
    required=("number", "username", "domain_prefix"),
    also={
        "accountnumber": "number",
        "customernumber": "number",
        "customercode": "number",
        "organizationnumber": "number",
        "user": "username",
        "admin": "username",
        "domain": "domain_prefix",
        "prefix": "domain_prefix",
        "mpnid": "reseller_mpn_id",
        "mpn": "reseller_mpn_id",
        "reseller": "reseller_mpn_id",
        "partnerid": "reseller_mpn_id",
        "agreementfirstname": "agreed_first_name",
        "agreementlastname": "agreed_last_name",
        "agreementemail": "agreed_email",
        "agreementphone": "agreed_phone",
        "agreementdate": "agreed_on",
        "dateagreed": "agreed_on",
    },
    digits=frozenset({"number", "reseller_mpn_id", "agreed_phone"}),
)
COLUMN_OF: Final = {
    "domain": "domain_prefix",
    "username": "username",
    "reseller_mpn_id": "reseller_mpn_id",
    **{name: name for name in AGREED_COLUMNS},
}
"""Where a field of the request is in the file; all else is said of the account's number."""


@dataclass(frozen=True, slots=True)
class Order:
    """One line, understood: the account, and what `operations.request_provisioning` takes.

    ``agreed`` is taken by that alone; what would come of the line does not depend on it.
    """

    line: int
    account: Account
    wish: dict[str, Any]
    agreed: Agreed | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An order, and what would come of it."""

    order: Order
    verdict: Verdict


def orders_of(rows: Iterable[Row | Remark], *, actor: Actor) -> Iterator[Order | Remark]:
    """Yield what each line asks for, or what is wrong with it (1 query a line)."""
    places = {row.name.casefold(): row for row in connections(actor)}
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        if isinstance(row, Remark):
            yield row
            continue
        order = _order_of(row, places, seen, actor=actor)
        if isinstance(order, Remark):
            yield order
            continue
        try:
            agreed = read_agreed(row.values)
        except InvalidInput as error:
            yield from remarks_on(order, error)
        else:
            yield replace(order, agreed=agreed)


def judge_orders(rows: Iterable[Row | Remark], *, actor: Actor) -> Iterator[Judged | Remark]:
    """Yield what would come of each line; nothing is done (about ten queries a line)."""
    for order in orders_of(rows, actor=actor):
        if isinstance(order, Remark):
            yield order
            continue
        try:
            verdict = judge_wish(order.account, actor=actor, **order.wish)
        except PortalError as error:
            yield from remarks_on(order, error)
        else:
            yield Judged(order, verdict)


def remarks_on(order: Order, error: PortalError) -> list[Remark]:
    """Return what an error says of a line, by column; what the account lacks says whose it is."""
    if not error.fields:
        return [Remark(order.line, error.detail)]
    return [
        Remark(order.line, text, COLUMN_OF[name])
        if name in COLUMN_OF
        else Remark(order.line, f"{order.account.name}: {text}", "number")
        for name, said in error.fields.items()
        for text in said
    ]


def _order_of(
    row: Row, places: dict[str, Connection], seen: dict[tuple[Any, ...], int], *, actor: Actor
) -> Order | Remark:
    values = {name: row.values.get(name, "").strip() for name in COLUMNS}
    account = _account(values["number"], row.line, actor=actor)
    if isinstance(account, Remark):
        return account
    connection = _connection(values["connection"], row.line, places)
    if isinstance(connection, Remark):
        return connection
    for what, key in (
        ("account", (connection.pk, account.pk)),
        ("domain", (connection.pk, values["domain_prefix"].lower())),
    ):
        first = seen.setdefault((what, *key), row.line)
        if first != row.line:
            column = "number" if what == "account" else "domain_prefix"
            return Remark(row.line, f"Line {first} has the same {what} already.", column)
    wish = {
        "connection": connection,
        "username": values["username"],
        "domain": values["domain_prefix"],
        "reseller_mpn_id": values["reseller_mpn_id"],
    }
    return Order(row.line, account, wish)


def _account(number: str, line: int, *, actor: Actor) -> Account | Remark:
    if not number:
        return Remark(line, "Enter the number of an organization.", "number")
    rows = accounts(actor).filter(organization__merged_into=None)
    by_organization = Q(organization__number=number, is_primary=True)
    found = list(rows.filter(by_organization | Q(customer_number=number))[:3])
    exact = [row for row in found if row.organization.number == number and row.is_primary]
    found = exact or found
    if not found:
        return Remark(line, f"No organization or account has the number {number}.", "number")
    if len(found) > 1:
        return Remark(line, f"Several accounts have the number {number}.", "number")
    return found[0]


def _connection(name: str, line: int, places: dict[str, Connection]) -> Connection | Remark:
    if name:
        found = places.get(name.casefold())
        return found or Remark(line, f"There is no connection {name}.", "connection")
    if len(places) == 1:
        return next(iter(places.values()))
    return Remark(line, "Name the connection: there are several, or none.", "connection")
