"""What holds of the matching whatever the names are."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.suggestions.matching import Level, Matcher, OrganizationFacts, TenantFacts
from organizations.suggestions.matching.alike import compare_names
from organizations.suggestions.matching.names import read_name
from tests.organizations.suggestions.matching.makers import key_of, organization

WORDS = ("Contoso", "Contosso", "Fabrikam", "Nordic", "Labs", "Energy", "Müller", "and", "II", "X")
FORMS = ("", "AB", "GmbH", "Inc.", "(HQ)", "Group", "S.p.A.")
LABELS = ("contoso", "contosonordic", "contoso-labs", "fabrikam", "muller", "mueller", "cl")
ENDINGS = ("com", "se", "co.uk", "onmicrosoft.com")

word_names = st.builds(
    lambda words, form: " ".join([*words, form]).strip(),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from(FORMS),
)
names = word_names | st.text(max_size=40)
hosts = st.builds(lambda a, b: f"{a}.{b}", st.sampled_from(LABELS), st.sampled_from(ENDINGS))
domains = st.just("") | hosts | st.text(max_size=20)
mails = st.just("") | hosts.map("it@{}".format) | st.text(max_size=20)
numbers = st.sampled_from(("", "SE556677889901", "556677-8899", "12345", "1")) | st.text(
    max_size=12
)
countries = st.sampled_from(("", "SE", "NO", "se", "??"))
facts = {
    "name": names,
    "domain": domains,
    "country": countries,
    "email": mails,
    "registration_number": numbers,
}


@st.composite
def lists(draw: st.DrawFn) -> list[OrganizationFacts]:
    drawn = draw(st.lists(st.fixed_dictionaries(facts), max_size=8))
    return [
        OrganizationFacts(key=key_of(str(at)), number=str(at), **fields)
        for at, fields in enumerate(drawn)
    ]


@st.composite
def tenants(draw: st.DrawFn) -> TenantFacts:
    fields = draw(st.fixed_dictionaries(facts))
    former = draw(st.lists(st.integers(0, 9), max_size=2))
    return TenantFacts(key=key_of("t"), former=tuple(key_of(str(at)) for at in former), **fields)


@given(lists(), tenants(), st.integers(1, 6))
def test_answers_are_in_order_in_bounds_and_the_same_again(
    organizations: list[OrganizationFacts], tenant: TenantFacts, limit: int
) -> None:
    matcher = Matcher(organizations)
    found = matcher.match(tenant, limit=limit)
    scores = [match.score for match in found]
    assert len(found) <= limit
    assert all(0 <= score <= 1 for score in scores) and sum(scores) <= 1 + 1e-9
    assert scores == sorted(scores, reverse=True)
    assert len({match.organization for match in found}) == len(found)
    assert all(match.level is not Level.CERTAIN for match in found[1:])
    assert all(match.reasons for match in found)
    assert (
        matcher.match(tenant, limit=limit)
        == found
        == next(matcher.match_all([tenant], limit=limit))
    )


@given(lists(), tenants(), st.integers())
def test_the_order_of_the_organizations_does_not_matter(
    organizations: list[OrganizationFacts], tenant: TenantFacts, seed: int
) -> None:
    mixed = list(organizations)
    Random(seed).shuffle(mixed)
    assert Matcher(mixed).match(tenant) == Matcher(organizations).match(tenant)


@given(lists(), tenants())
def test_an_unrelated_organization_never_changes_whom_a_certain_match_names(
    organizations: list[OrganizationFacts], tenant: TenantFacts
) -> None:
    before = Matcher(organizations).match(tenant)
    stranger = organization("Zywhov Qytjepp", domain="zywhov-qytjepp.kz", country="KZ")
    after = Matcher([*organizations, stranger]).match(tenant)
    if before and before[0].level is Level.CERTAIN:
        assert after[0].organization == before[0].organization
    assert stranger.key not in {match.organization for match in after}


@given(lists(), tenants())
def test_nothing_is_certain_when_its_double_is_on_the_list(
    organizations: list[OrganizationFacts], tenant: TenantFacts
) -> None:
    doubles = [replace(one, key=key_of(f"double {one.number}")) for one in organizations]
    never_linked = replace(tenant, former=())
    found = Matcher([*organizations, *doubles]).match(never_linked)
    assert all(match.level is not Level.CERTAIN for match in found)


@settings(max_examples=300)
@given(names, names)
def test_names_are_as_alike_one_way_as_the_other(one: str, other: str) -> None:
    def rarity(word: str) -> float:
        return float(len(word))

    there = compare_names(read_name(one), read_name(other), rarity)
    back = compare_names(read_name(other), read_name(one), rarity)
    turned = {"rest_tenant": "rest_organization", "rest_organization": "rest_tenant"}
    # What a matched word tells is read off the organization's spelling, so amounts may differ.
    assert {name for name, _ in there} == {turned.get(name, name) for name, _ in back}


@given(word_names)
def test_a_name_is_itself(name: str) -> None:
    found = {kind for kind, _ in compare_names(read_name(name), read_name(name), len)}
    assert "name_same" in found
    assert not found & {"branch_other", "number_other", "rest_tenant", "loose_other"}
