"""J12: an identifier can be anything, and still leads only where it should."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.client import PartnerCenter
from partnercenter.errors import InvalidRequest, PartnerCenterError
from partnercenter.schemas import AgreementContact
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.profiles import read_billing_profile
from tests.partnercenter.fake_service import GUIDS, FakeService, Reply

Record = Callable[[str, object], None]
CONTACT = AgreementContact(first_name="Ann", last_name="Lee", email="a@b.example")
BILLING = read_billing_profile({"attributes": {"etag": "t"}})

# The identifier is a tenant's.
OF_TENANTS: dict[str, Callable[[PartnerCenter, str], Any]] = {
    "customer": lambda client, name: client.customers.get(name),
    "custom-domains": lambda client, name: client.customers.custom_domains(name),
    "organization": lambda client, name: client.customers.organization(name),
    "account-status": lambda client, name: client.customers.account_status(name),
    "delete": lambda client, name: client.customers.delete(name),
    "end-relationship": lambda client, name: client.customers.end_relationship(name),
    "billing": lambda client, name: client.profiles.customer_billing(name),
    "company": lambda client, name: client.profiles.customer_company(name),
    "change-billing": lambda client, name: client.profiles.change_customer_billing(
        name, BILLING, {}
    ),
    "agreements": lambda client, name: client.agreements.of_customer(name),
    "signature": lambda client, name: client.agreements.is_directly_signed(name),
    "confirm": lambda client, name: client.agreements.confirm(
        name, GUIDS[1], CONTACT, agreed=datetime(2026, 1, 1, tzinfo=UTC), request_id="r"
    ),
    "relationships": lambda client, name: client.relationships.of_customer(name),
    "reseller": lambda client, name: list(client.customers.of_indirect_reseller(name)),
    "has-signed": lambda client, name: client.relationships.has_signed(tenant_id=name),
    "service-requests": lambda client, name: list(client.service_requests.list(name)),
    "delegated-admin": lambda client, name: list(client.delegated_admin.list(name)),
}
# The identifier has no form anybody promised.
OF_ANYTHING: dict[str, Callable[[PartnerCenter, str], Any]] = {
    "invoice": lambda client, name: client.invoices.get(name),
    "invoice-lines": lambda client, name: list(
        client.invoices.line_items(name, "onetime", "billinglineitems")
    ),
    "domain": lambda client, name: client.domains.is_taken(name),
    "country": lambda client, name: client.addresses.country_rules(name),
    "audit-record": lambda client, name: client.audit.get(name),
    "webhook-test": lambda client, name: client.webhooks.test_result(name),
    "service-request": lambda client, name: client.service_requests.get(name),
    "delegated-admin": lambda client, name: client.delegated_admin.get(name),
    "document": lambda client, name: client.agreements.document(
        name, language="en-US", country="US"
    ),
}
KNOWN_NASTY = [
    "..",
    ".",
    "",
    " ",
    "a/b",
    "../../users",
    "..%2f..%2fusers",
    "%2e%2e",
    "a?filter=x",
    "a#b",
    "a\\..\\b",
    "a;b=c",
    "a\r\nX-Evil: 1",
    "a\x00b",
    "//evil.example/x",
    "https://evil.example/x",
    "@evil.example",
    "Ä" * 300,
    "\ud800",
    "a b+c",
]
NASTY = st.text(max_size=60) | st.sampled_from(KNOWN_NASTY)
GUID_FORMS = st.sampled_from(
    [
        lambda guid: guid.upper(),
        lambda guid: "{" + guid + "}",
        lambda guid: f"  {guid} ",
        lambda guid: guid[:-1],
        lambda guid: guid + "0",
        lambda guid: guid.replace("-", ""),
        lambda guid: guid.replace("0", "\uff10"),
        lambda guid: guid + "/../" + guid,
    ]
)


def _asked(call: Callable[[PartnerCenter, str], Any], name: str, service: FakeService) -> None:
    service.calls.clear()
    try:
        call(service.client(sleep=lambda _: None), name)
    except InvalidRequest as error:
        assert not service.calls or error.status is not None
    except PartnerCenterError:
        assert service.calls


def _service() -> FakeService:
    return FakeService(lambda _: Reply(404))


def _shape(call: Callable[[PartnerCenter, str], Any], benign: str) -> list[str]:
    service = _service()
    _asked(call, benign, service)
    return service.calls[0].path.split("/")


BENIGN = {"country": "US"}
SHAPES = {
    **{("tenant", name): _shape(call, GUIDS[0]) for name, call in OF_TENANTS.items()},
    **{("any", name): _shape(call, BENIGN.get(name, "AB12")) for name, call in OF_ANYTHING.items()},
}


def _check_sent(service: FakeService, name: str, text: str) -> None:
    """Of the path, only the segment that is the identifier may differ, and it is the identifier."""
    for asked in service.calls:
        shape, sent = SHAPES["any", name], asked.path.split("/")
        assert len(sent) == len(shape)
        for wanted, segment in zip(shape, sent, strict=True):
            if wanted.lower() not in ("ab12", "us"):
                assert segment == wanted
            else:
                assert unquote(segment).strip().lower() == text.strip().lower()
                assert segment not in ("", ".", "..")
        assert asked.host in ("api.example.test", "graph.example.test")


def test_j12_known_tricks_lead_nowhere_else(record_property: Record) -> None:
    sent = refused = 0
    for text in KNOWN_NASTY:
        for name, call in OF_ANYTHING.items():
            service = _service()
            _asked(call, text, service)
            _check_sent(service, name, text)
            sent, refused = sent + bool(service.calls), refused + (not service.calls)
        for call in OF_TENANTS.values():
            service = _service()
            _asked(call, text, service)
            assert not service.calls
            refused += 1
    record_property(
        "figure", f"J12: {sent} identifiers sent escaped, {refused} not sent, 0 wrong paths called"
    )


@pytest.mark.parametrize("name", OF_ANYTHING)
@given(text=NASTY)
def test_j12_identifier_stays_one_segment_of_its_own_path(name: str, text: str) -> None:
    service = _service()
    _asked(OF_ANYTHING[name], text, service)
    _check_sent(service, name, text)


@pytest.mark.parametrize("name", OF_TENANTS)
@given(text=NASTY | st.builds(lambda form, n: form(GUIDS[n]), GUID_FORMS, st.integers(0, 99)))
def test_j12_tenant_is_sent_as_a_guid_or_not_at_all(name: str, text: str) -> None:
    service = _service()
    _asked(OF_TENANTS[name], text, service)
    guid = as_guid(text)
    if guid is None:
        assert not service.calls
        return
    assert service.calls
    for asked in service.calls:
        shape = [guid if part == GUIDS[0] else part for part in SHAPES["tenant", name]]
        assert asked.path.split("/") == shape
        assert text not in asked.path or text == guid
