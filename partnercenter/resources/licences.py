"""Licences of a customer and of its users; needs a signed-in user."""

from collections.abc import Iterable, Sequence

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import ask, whole, write_and_look
from partnercenter.resources.customers import customer_path
from partnercenter.resources.users import user_path
from partnercenter.schemas.fields import Fields, as_guid
from partnercenter.schemas.licences import (
    LicenceToAssign,
    SubscribedSku,
    UserLicence,
    read_subscribed_sku,
    read_user_licence,
)
from partnercenter.transport import Transport
from partnercenter.wire import Answer

# Group 1 is what the directory manages, group 2 the rest; without naming both only one is told.
GROUPS = ("Group1", "Group2")


class Licences:
    """Licences in customers' directories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def subscribed(
        self, customer_id: str, groups: Sequence[str] = GROUPS
    ) -> tuple[SubscribedSku, ...]:
        """Return how many licences of which SKU a customer has, and how many are free.

        Raises: CustomerNotFound, AppOnlyRefused.
        """
        return ask(
            self._transport,
            customer_path(customer_id, "subscribedskus"),
            params={"licenseGroupIds": tuple(groups)},
            read=lambda body: whole(body, read=read_subscribed_sku, identity=lambda sku: sku.id),
            missing=CustomerNotFound,
        )

    def of_user(
        self, customer_id: str, user_id: str, groups: Sequence[str] = GROUPS
    ) -> tuple[UserLicence, ...]:
        """Return the licences a user has. Raises: NotFound."""
        return ask(
            self._transport,
            user_path(customer_id, user_id, "licenses"),
            params={"licenseGroupIds": tuple(groups)},
            read=lambda body: whole(body, read=read_user_licence, identity=lambda sku: sku.id),
        )

    def update(
        self,
        customer_id: str,
        user_id: str,
        *,
        assign: Iterable[LicenceToAssign] = (),
        remove: Iterable[str] = (),
        request_id: str,
    ) -> None:
        """Give a user licences and take some (by SKU id), all from one licence group.

        The user needs a usage location first, and others' licences must be free.
        Raises: InvalidRequest (none left, none named, no SKU id), NotFound, MixedUpAnswer.
        """
        given, taken = tuple(assign), tuple(remove)
        wanted = {as_guid(sku) for sku in (*(each.sku_id for each in given), *taken)}
        if not wanted or None in wanted:
            raise InvalidRequest("Licences are given and taken by the ids of their SKUs.")

        def read(answer: Answer) -> None:
            if answer.body.strip():
                _check_named(Fields(answer.data()), wanted)

        write_and_look(
            self._transport,
            "POST",
            user_path(customer_id, user_id, "licenseupdates"),
            request_id=request_id,
            body={
                "licensesToAssign": [
                    {"skuId": each.sku_id, "excludedPlans": list(each.excluded_plans)}
                    for each in given
                ],
                "licensesToRemove": list(taken),
            },
            read=read,
        )


def _check_named(fields: Fields, wanted: set[str | None]) -> None:
    named = {as_guid(each.get("skuid")) for each in fields.objects("licensestoassign")}
    named |= {as_guid(each) for each in fields.texts("licensestoremove")}
    if not named <= wanted:
        raise MixedUpAnswer("The answer is about other licences.")
