"""Usage of Azure as estimated between two invoices, and the budgets set for it."""

from decimal import Decimal

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.resources.asking import Read, ask, check_about, whole, write
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.usage import (
    UsageBudget,
    UsageCost,
    read_usage_budget,
    read_usage_cost,
    read_usage_total,
)
from partnercenter.transport import Transport


class Usage:
    """Estimates of usage; what is billed is on invoices."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def total(self) -> UsageCost:
        """Return what all customers have used in the current period."""
        return ask(self._transport, "/v1/usagesummary", read=read_usage_total)

    def customers(self) -> tuple[UsageCost, ...]:
        """Return what each customer has used in the current period; ``id`` is the customer's."""
        return self._records("/v1/customers/usagerecords")

    def customer(self, customer_id: str) -> UsageCost:
        """Return what a customer has used. Raises: CustomerNotFound, MixedUpAnswer."""
        return ask(
            self._transport,
            customer_path(customer_id, "usagesummary"),
            read=_about(customer_id, "customer"),
            missing=CustomerNotFound,
        )

    def subscriptions(self, customer_id: str) -> tuple[UsageCost, ...]:
        """Return what each Azure subscription of a customer has used. Raises: CustomerNotFound."""
        return self._records(customer_path(customer_id, "subscriptions", "usagerecords"))

    def subscription(self, customer_id: str, subscription_id: str) -> UsageCost:
        """Return what a subscription has used. Raises: NotFound, MixedUpAnswer."""
        return ask(
            self._transport,
            customer_path(customer_id, "subscriptions", subscription_id, "usagesummary"),
            read=_about(subscription_id, "subscription"),
        )

    def resources(self, customer_id: str, subscription_id: str) -> tuple[UsageCost, ...]:
        """Return what each resource of a subscription of old Azure has used. Raises: NotFound."""
        rest = (subscription_id, "usagerecords", "resources")
        return self._records(customer_path(customer_id, "subscriptions", *rest))

    def budget(self, customer_id: str) -> UsageBudget:
        """Return a customer's budget. Raises: CustomerNotFound."""
        return ask(
            self._transport,
            customer_path(customer_id, "usagebudget"),
            read=read_usage_budget,
            missing=CustomerNotFound,
        )

    def set_budget(self, customer_id: str, amount: Decimal, *, request_id: str) -> UsageBudget:
        """Set a customer's budget, in the currency the customer is billed in.

        Raises: CustomerNotFound, MixedUpAnswer when another budget is answered.
        """
        if not amount.is_finite() or amount < 0:
            raise InvalidRequest("A budget is an amount of money.")

        def read(body: object) -> UsageBudget:
            budget = read_usage_budget(body)
            if budget.amount != amount:
                raise MixedUpAnswer("The answer is about another budget.")
            return budget

        return write(
            self._transport,
            "PATCH",
            customer_path(customer_id, "usagebudget"),
            request_id=request_id,
            body={"amount": amount},
            read=read,
            missing=CustomerNotFound,
        )

    def _records(self, path: str) -> tuple[UsageCost, ...]:
        return ask(
            self._transport,
            path,
            read=lambda body: whole(body, read=read_usage_cost, identity=lambda cost: cost.id),
        )


def _about(asked: str, thing: str) -> Read[UsageCost]:
    def read(body: object) -> UsageCost:
        cost = read_usage_cost(body)
        check_about(cost.id, asked, thing)
        return cost

    return read
