"""The cases a reseller would try first: each is named, and the words of the answer are read too."""

import pytest

from organizations.suggestions.matching import Level, Match
from tests.organizations.suggestions.matching.makers import (
    best,
    key_of,
    match,
    organization,
    tenant,
)


def codes(found: Match) -> set[str]:
    return {reason.code for reason in found.reasons}


def texts(found: Match) -> list[str]:
    return [reason.text for reason in found.reasons]


NORDIC = organization("Contoso Nordic AB", domain="contosonordic.se", country="SE")
LABS = organization("Contoso Labs AB", domain="contosolabs.se", country="SE")
CONTOSO = organization("Contoso AB", domain="contoso.se", country="SE")


@pytest.mark.parametrize(
    ("name", "domain", "right"),
    [
        ("Contoso Nordic", "contosonordic.onmicrosoft.com", NORDIC),
        ("Contoso Labs", "contosolabs.onmicrosoft.com", LABS),
        ("Contoso", "contoso.onmicrosoft.com", CONTOSO),
        ("CONTOSO NORDIC AB (publ)", "contosonordic.se", NORDIC),
        ("Contoso Labs Aktiebolag", "contosolabs365.onmicrosoft.com", LABS),
    ],
)
def test_organizations_that_differ_by_one_word_are_told_apart(
    name: str, domain: str, right: object
) -> None:
    found = match(tenant(name, domain=domain, country="SE"), NORDIC, LABS, CONTOSO)
    assert found[0].organization == right.key  # type: ignore[attr-defined]
    assert found[0].level is Level.CERTAIN
    assert all(other.level is Level.POSSIBLE for other in found[1:])


@pytest.mark.parametrize("known", [(NORDIC,), (LABS,), (NORDIC, LABS)])
def test_a_tenant_whose_organization_is_missing_is_not_given_to_its_sister(
    known: tuple[object, ...],
) -> None:
    sought = tenant("Contoso AB", domain="contoso.se", country="SE")
    found = match(sought, *known)  # type: ignore[arg-type]
    assert all(other.level is not Level.CERTAIN for other in found)
    # And the other way round: only the company without the word is on the list.
    found = match(tenant("Contoso Nordic AB", domain="contosonordic.se", country="SE"), CONTOSO)
    assert all(other.level is not Level.CERTAIN for other in found)


def test_the_address_of_a_sister_does_not_make_a_match_certain() -> None:
    found = best(
        tenant("Contoso Nordic", domain="contosonordic.onmicrosoft.com", email="it@contoso.se"),
        CONTOSO,
    )
    assert found.level is not Level.CERTAIN
    assert "branch_other" in codes(found)
    assert "the names differ by a word that tells sister companies apart" in texts(found)


def test_subsidiaries_of_one_name_are_told_apart_by_their_country() -> None:
    sweden = organization("Contoso AB", "1", domain="contoso.se", country="SE")
    norway = organization("Contoso AS", "2", domain="contoso.no", country="NO")
    found = match(tenant("Contoso", domain="contoso.onmicrosoft.com", country="NO"), sweden, norway)
    assert found[0].organization == norway.key
    assert {"country_same"} <= codes(found[0])
    if len(found) > 1:
        assert "other country: NO, not SE" in texts(found[1])
    alone = match(tenant("Contoso", country="NO"), sweden)
    assert all(other.level is not Level.CERTAIN for other in alone)


def test_series_of_companies_are_told_apart_by_their_number() -> None:
    seven = organization("Fabrikam Capital VII Inc", "7", domain="fabrikamcapital.com")
    eight = organization("Fabrikam Capital VIII Inc", "8")
    found = match(tenant("Fabrikam Capital VIII"), seven, eight)
    assert found[0].organization == eight.key
    found = match(tenant("Fabrikam Capital IX", domain="fabrikamcapital.com"), seven)
    assert all(other.level is not Level.CERTAIN for other in found)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Müller und Söhne", "Mueller & Soehne GmbH"),
        ("Muller & Sohne GmbH & Co. KG", "Müller und Söhne GmbH"),
        ("Fabrikam & Tailspin", "Fabrikam and Tailspin Ltd."),
        ("Tailspin Toys Europe", "Europe Tailspin Toys SA"),
        ("Wide World Importers A/S", "WIDE WORLD IMPORTERS ApS"),
        ("Ålborg Værft", "Aalborg Vaerft A/S"),
        ("Société Lumière", "Societe Lumiere SARL"),
        ("WoodgroveBank", "Woodgrove Bank PLC"),
        ("Woodgrov eBank", "Woodgrove Bank"),
        ("Nod Publishers", "Nod Publishers Sp. z o.o."),
        ("Nod Publishers S.p.A.", "Nod Publishers S.r.l."),
        ("Nod Publishers Oy", "Nod Publishers Oyj"),
        ("Nod Publishers K.K.", "Nod Publishers Co., Ltd."),
        ("Nod Publishers", "Nod Publishers S.A.B. de C.V."),
        ("Nod Publishers Kft.", "Nod Publishers Zrt."),
        ("Nod Publishers s.r.o.", "Nod Publishers d.o.o."),
        ("Nod Publishers B.V.", "Nod Publishers N.V."),
        ("Nod Publishers Pty Ltd", "Nod Publishers Pte. Ltd."),
        ("Nod Publishers Ltda", "Nod Publishers EIRELI"),
        ("Nod Publishers (HQ)", "Nod Publishers Limited - Main"),
        ("ООО Вымпел", "Vympel LLC"),
        ("Αθηνά ΑΕ", "Athina S.A."),
        ("北京天际科技有限公司", "北京天际科技"),
        ("株式会社ミライ", "ミライ"),
    ],
)
def test_one_name_in_two_spellings_is_one_name(theirs: str, ours: str) -> None:
    found = best(tenant(theirs, country="DE"), organization(ours, country="DE"))
    assert found.organization == key_of(ours)
    assert found.score > 0.5
    assert codes(found) & {"name_same", "name_order", "name_spacing", "name_slip", "name_slips"}


@pytest.mark.parametrize(
    ("theirs", "ours", "code"),
    [
        ("Advetnure Works", "Adventure Works Inc", "name_slip"),
        ("Adventure Wroks Cycels", "Adventure Works Cycles", "name_slips"),
        ("Litware Technologies", "Litware Tech Inc", "name_cut"),
        ("Proseware International Svcs", "Proseware International Services", "name_cut"),
        ("NW Traders", "Northwind Worldwide Traders", "name_part"),
        ("HLW", "Humongous Lightning Works", "name_initials"),
    ],
)
def test_slips_short_forms_and_initials_are_understood(theirs: str, ours: str, code: str) -> None:
    found = best(
        tenant(theirs, country="US", domain="some-1.onmicrosoft.com"),
        organization(ours, country="US"),
    )
    assert found.organization == key_of(ours)
    assert code in codes(found)


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("northwindtraders", "prefix_same"),
        ("northwindtraders365", "prefix_same"),
        ("northwindtradersltd1", "prefix_same"),
        ("northwindtrad", "prefix_cut"),
        ("northwnidtraders", "prefix_near"),
        ("nt4711", "label_initials"),
    ],
)
def test_the_initial_domain_is_read_against_names_and_domains(prefix: str, code: str) -> None:
    found = best(
        tenant("Northwind", domain=f"{prefix}.onmicrosoft.com", country="US"),
        organization("Northwind Traders Inc", domain="northwindtraders.com", country="US"),
    )
    assert code in codes(found)


@pytest.mark.parametrize(
    ("theirs", "ours", "country", "code"),
    [
        ("SE 556677-8899 01", "5566778899", "SE", "number_within"),
        ("NO 987 654 325 MVA", "987654325", "NO", "number_same"),
        ("CHE-116.281.710 MWST", "CHE116281710", "CH", "number_same"),
        ("DE 136 695 976", "136695976", "DE", "number_same"),
        ("0012345678", "12345678", "GB", "number_same"),
        ("US66501288", "66.501.288", "US", "number_same"),
        ("US66501288", "US66501289", "US", "number_near"),
        ("US66501288", "US12345678", "US", "number_differs"),
    ],
)
def test_registration_numbers_are_compared_however_they_are_written(
    theirs: str, ours: str, country: str, code: str
) -> None:
    found = best(
        tenant("Fourth Coffee", country=country, registration_number=theirs),
        organization("Fourth Coffee", country=country, registration_number=ours),
    )
    assert code in codes(found)
    assert found.level is not Level.CERTAIN or code != "number_differs"


def test_the_same_number_finds_a_company_under_its_new_name() -> None:
    found = best(
        tenant("Relecloud Holding", country="DK", registration_number="DK 13 58 56 28"),
        organization("Fourth Coffee A/S", country="DK", registration_number="13585628"),
    )
    assert found.level in (Level.CERTAIN, Level.LIKELY)
    assert "same registration number" in texts(found)


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "web.de", "qq.com"])
def test_free_mail_says_nothing(domain: str) -> None:
    found = match(
        tenant("Trey Research", email=f"someone@{domain}"),
        organization("Margie's Travel", email=f"margie@{domain}"),
    )
    assert found == []


def test_mail_at_a_provider_that_many_share_says_nothing() -> None:
    customers = [
        organization(f"{name} Ltd", email="tickets@lucernepublishing.com")
        for name in ("Alpine Ski House", "Margie", "Bellows", "Coho", "Graphic Design Institute")
    ]
    found = match(tenant("Trey Research", email="admin@lucernepublishing.com"), *customers)
    assert found == []


def test_a_provider_on_the_list_is_not_taken_for_its_customer() -> None:
    provider = organization("Lucerne Publishing Ltd", domain="lucernepublishing.com")
    found = match(
        tenant(
            "Trey Research",
            domain="treyresearch.onmicrosoft.com",
            email="admin@lucernepublishing.com",
        ),
        provider,
    )
    assert all(other.level is not Level.CERTAIN for other in found)


def test_an_earlier_link_is_a_reason() -> None:
    with_it, without = (
        best(
            tenant("Contoso", domain="contoso.onmicrosoft.com", country="SE", former=former),
            CONTOSO,
        )
        for former in ((CONTOSO.number,), ())
    )
    assert with_it.score > without.score
    assert "linked to it before" in texts(with_it)
    found = match(tenant("Another Name", country="SE", former=(CONTOSO.number,)), CONTOSO)
    assert [other.organization for other in found] == [CONTOSO.key]


def test_two_organizations_that_fit_equally_are_both_named_and_neither_is_certain() -> None:
    twins = [
        organization("Contoso AB", number, domain="contoso.se", country="SE")
        for number in ("1", "2")
    ]
    found = match(tenant("Contoso AB", domain="contoso.se", country="SE"), *twins)
    assert {other.organization for other in found} == {twin.key for twin in twins}
    assert all(other.level is not Level.CERTAIN for other in found)
    assert all("Contoso AB fits as well" in texts(other) for other in found)


def test_corvel_is_not_a_slip_for_corvex_when_each_spells_itself_so() -> None:
    corvex = organization("Corvex Corp", domain="corvex.com", country="US")
    found = best(tenant("Corvel Corp", domain="corvel.com", country="US"), corvex)
    assert found.level is not Level.CERTAIN
    assert "sure_slip_other" in codes(found)
    # The same slip in the name alone is one.
    found = best(tenant("Corvel Corp", domain="corvex.com", country="US"), corvex)
    assert found.level is Level.CERTAIN


@pytest.mark.parametrize("facts", [tenant(""), tenant("", domain="x"), tenant("AB"), tenant("&")])
def test_a_tenant_that_says_nothing_gets_no_suggestion(facts: object) -> None:
    assert match(facts, CONTOSO) == []  # type: ignore[arg-type]
