"""Customers: created, agreed with, looked at, qualified, given up; their people and licences."""

from datetime import UTC, datetime, timedelta

import pytest

from partnercenter import errors
from partnercenter.resources.roles import COMPANY_ADMINISTRATOR
from partnercenter.schemas import Address, NewCustomer
from partnercenter.schemas.agreements import AgreementContact
from partnercenter.schemas.carts import NewCartLine
from partnercenter.schemas.licences import LicenceToAssign
from partnercenter.schemas.users import NewUser
from partnercenter.secrecy import Secret
from tests.partnercenter.joint.office import OpenOffice, key
from tests.partnercenter.joint.stories.buying import CUSTOMER, seats
from tests.partnercenter.simulator.sample_catalogue import SCHOOL, item_id
from tests.partnercenter.simulator.sample_directories import BASIC, PREMIUM, TWO_PRODUCTS
from tests.partnercenter.simulator.sample_worlds import RESELLER, customer_id, make_customer

ADDRESS = Address(
    country="US",
    city="Tacoma",
    state="WA",
    postal_code="98402",
    address_line1="2 Dock Street",
    first_name="Ann",
    last_name="Lee",
    phone_number="2535550101",
)
NEW = NewCustomer(
    domain="newharbour.onmicrosoft.com",
    company_name="New Harbour",
    email="accounts@newharbour.example",
    culture="en-US",
    language="en",
    address=ADDRESS,
    associated_partner_id=RESELLER["mpnId"],
)


def story_new_customer_agrees_and_buys(open_office: OpenOffice) -> None:
    office = open_office(switches={"new_tenant_seconds": 120})
    client, person = office.app, office.person
    assert not client.domains.is_taken(NEW.domain)
    created = person.customers.create(NEW, request_id=key())
    customer = created.customer.id
    assert client.domains.is_taken(NEW.domain)
    with pytest.raises(errors.DomainTaken):
        person.customers.create(NEW, request_id=key())
    assert client.customers.get(customer).company_name == "New Harbour"
    assert len(list(client.customers.list())) == 6
    with pytest.raises(errors.AgreementMissing):
        cart = client.carts.create(customer, [seats()], request_id=key())
        client.carts.checkout(customer, cart.id, request_id=key())

    agreements = person.agreements
    (template,) = agreements.templates()
    document = agreements.document(template.id, language="en-US", country="us")
    assert document.download_uri or document.country == "US"
    contact = AgreementContact(
        first_name="Ann",
        last_name="Lee",
        email="ann@newharbour.example",
        phone_number="2535550101",
    )
    agreed = datetime(2026, 11, 20, 12, tzinfo=UTC)
    confirmed = agreements.confirm(customer, template.id, contact, agreed=agreed, request_id=key())
    assert (confirmed.contact, confirmed.agreed) == (contact, agreed)
    with pytest.raises(errors.AgreementExists):
        agreements.confirm(customer, template.id, contact, agreed=agreed, request_id=key())
    assert [each.template_id for each in agreements.of_customer(customer)] == [template.id]
    assert not agreements.is_directly_signed(customer)

    cart = client.carts.create(customer, [seats()], request_id=key())
    (order,) = client.carts.checkout(customer, cart.id, request_id=key()).orders
    assert order.customer_id == customer
    with pytest.raises(errors.CustomerNotFound):
        list(person.users.list(customer))
    office.advance(minutes=3)
    assert [user.principal_name for user in person.users.list(customer)] == [created.admin_upn]


def story_customers_are_found_and_given_up(open_office: OpenOffice) -> None:
    customers = [make_customer(number) for number in range(1, 5)]
    customers.append(make_customer(5, associatedPartnerId=RESELLER["mpnId"]))
    office = open_office(
        customers=customers, switches={"customer_page_default": 2, "customer_page_cap": 3}
    )
    client = office.app
    pages = list(client.customers.pages(size=3))
    assert [len(page.items) for page in pages] == [3, 2]
    go_on = pages[0].after
    assert [len(page.items) for page in client.customers.pages(size=3, after=go_on)] == [2]
    assert len(list(client.customers.search("CompanyName", "sample"))) == 5
    of_reseller = client.customers.of_indirect_reseller(RESELLER["id"])
    assert [each.id for each in of_reseller] == [customer_id(5)]
    assert client.customers.custom_domains(CUSTOMER)[0] == "sample1.onmicrosoft.com"
    (organization,) = client.customers.organization(CUSTOMER)
    assert organization.country == "US"
    assert office.person.customers.account_status(CUSTOMER) is None
    office.person.customers.end_relationship(CUSTOMER)
    client.customers.delete(customer_id(2))
    assert len(list(client.customers.list())) == 3
    office.app.check_access()


def story_billing_profile_is_written_as_it_was_read(open_office: OpenOffice) -> None:
    office = open_office()
    profiles, person = office.app.profiles, office.person.profiles
    current = profiles.customer_billing(CUSTOMER)
    changed = profiles.change_customer_billing(CUSTOMER, current, {"firstName": "Ann"})
    assert (changed.first_name, changed.email) == ("Ann", current.email)
    with pytest.raises(errors.PreconditionFailed):
        profiles.change_customer_billing(CUSTOMER, current, {"firstName": "Bob"})
    assert person.customer_company(CUSTOMER).company_name == "Sample 1"


def story_school_is_vetted_and_buys_its_own_prices(open_office: OpenOffice) -> None:
    office = open_office(switches={"qualification_review_seconds": 3600})
    client, ask = office.app, office.person.qualifications
    line = seats(1, ("P1M", "Monthly", ""), SCHOOL)
    assert client.carts.create(CUSTOMER, [line], request_id=key()).bad_lines
    assert client.qualifications.list(CUSTOMER) == ()
    asked = ask.ask_for_education(CUSTOMER, "K12", website="quay.example", request_id=key())
    assert asked.status == "in_review"
    ask.ask_for_state_owned(CUSTOMER, request_id=key())
    code = ask.validation_codes()[0]
    ask.ask_for_government(CUSTOMER, code.id, request_id=key())
    after = next(each for each in ask.validation_codes() if each.id == code.id)
    assert (after.remaining or 0) + 1 == code.remaining
    office.advance(hours=2)
    assert {each.status for each in client.qualifications.list(CUSTOMER)} == {"approved"}
    assert isinstance(line, NewCartLine)
    assert line.catalog_item_id == item_id(SCHOOL)
    assert client.carts.create(CUSTOMER, [line], request_id=key()).bad_lines == ()


def story_people_are_hired_licensed_and_leave(open_office: OpenOffice) -> None:
    office = open_office(**TWO_PRODUCTS)
    users, roles, licences = office.person.users, office.person.roles, office.person.licences
    with pytest.raises(errors.AppOnlyRefused):
        list(office.app.users.list(CUSTOMER))
    ada = users.create(
        CUSTOMER,
        NewUser(
            principal_name="ada@sample1.example",
            first_name="Ada",
            last_name="Quay",
            display_name="Ada Quay",
            usage_location="US",
            password=Secret("Sail-4-Harbour"),
        ),
        request_id=key(),
    )
    assert "Sail-4" not in str(ada.raw)
    assert users.get(CUSTOMER, ada.id) == next(users.list(CUSTOMER))
    assert [len(page.items) for page in users.pages(CUSTOMER, size=1)] == [1]
    named = users.update(CUSTOMER, ada.id, {"display_name": "Ada Lee"}, request_id=key())
    assert named.display_name == "Ada Lee"
    users.reset_password(CUSTOMER, ada.id, Secret("Other-5-Harbour"), change=True, request_id=key())

    assert COMPANY_ADMINISTRATOR in {role.id for role in roles.list(CUSTOMER)}
    roles.add(CUSTOMER, COMPANY_ADMINISTRATOR, ada, request_id=key())
    assert [each.id for each in roles.members(CUSTOMER, COMPANY_ADMINISTRATOR)] == [ada.id]
    assert [role.id for role in roles.of_user(CUSTOMER, ada.id)] == [COMPANY_ADMINISTRATOR]
    roles.remove(CUSTOMER, COMPANY_ADMINISTRATOR, ada.id, request_id=key())
    assert roles.of_user(CUSTOMER, ada.id) == ()

    wanted = LicenceToAssign(BASIC.id)
    licences.update(CUSTOMER, ada.id, assign=[wanted], request_id=key())
    assert [each.id for each in licences.of_user(CUSTOMER, ada.id)] == [BASIC.id]
    units = {each.id: (each.consumed, each.total) for each in licences.subscribed(CUSTOMER)}
    assert units == {BASIC.id: (1, 3), PREMIUM.id: (0, 1)}

    users.delete(CUSTOMER, ada.id, request_id=key())
    assert list(users.list(CUSTOMER)) == []
    assert [each.id for each in users.deleted(CUSTOMER)] == [ada.id]
    assert users.restore(CUSTOMER, ada.id, request_id=key()).state == "active"
    assert [each.id for each in users.list(CUSTOMER)] == [ada.id]
    users.delete(CUSTOMER, ada.id, request_id=key())
    office.simulator.advance(timedelta(days=31))
    assert list(users.deleted(CUSTOMER)) == []
