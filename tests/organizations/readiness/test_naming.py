"""The domain of a prefix, by cloud: whatever is written, it is one domain, a prefix, or neither."""

from hypothesis import given
from hypothesis import strategies as st

from organizations.readiness.naming import full_domain, is_mpn, prefix_of, suffix_of

CLOUDS = st.sampled_from(["global", "china", "us_government", "simulator"])
PREFIXES = st.from_regex(r"[a-z0-9]{1,27}", fullmatch=True)


@given(PREFIXES, CLOUDS)
def test_a_prefix_goes_under_the_clouds_own_domain_and_comes_back(prefix: str, cloud: str) -> None:
    whole = full_domain(f" {prefix.upper()} ", cloud=cloud)
    assert whole == f"{prefix}.{suffix_of(cloud)}"
    assert prefix_of(whole, cloud=cloud) == prefix
    assert full_domain(whole, cloud=cloud) == whole


@given(st.text(max_size=80), CLOUDS)
def test_anything_written_is_a_domain_or_nothing(text: str, cloud: str) -> None:
    whole = full_domain(text, cloud=cloud)
    assert whole == "" or (whole == whole.lower() and "." in whole and " " not in whole)
    assert prefix_of(whole, cloud=cloud) == "" or whole.endswith(f".{suffix_of(cloud)}")


@given(PREFIXES)
def test_another_clouds_domain_is_only_ever_taken_over(prefix: str) -> None:
    assert prefix_of(full_domain(prefix, cloud="china"), cloud="global") == ""
    assert prefix_of(full_domain(prefix, cloud="global"), cloud="china") == ""


@given(st.text(max_size=30))
def test_a_partner_id_is_digits(text: str) -> None:
    assert is_mpn(text) == (1 <= len(text) <= 20 and all(one in "0123456789" for one in text))
