"""Sealed values open at their own place and nowhere else (DEC4)."""

import base64
import os
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from portal.core.encryption import Seal, SealBroken, key_id_of, parse_key_ring, seal, unseal

PLACE = Seal("tenants_connection", "7", "secret", 1)


def ring(*names: str) -> str:
    return ",".join(f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in names)


@given(st.text())
def test_a_sealed_value_opens_at_its_place(secret: str) -> None:
    assert unseal(seal(secret, PLACE), PLACE) == secret


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="other"),
        replace(PLACE, row="8"),
        replace(PLACE, field="other"),
        replace(PLACE, version=2),
    ],
)
def test_a_value_moved_to_another_place_is_refused(elsewhere: Seal) -> None:
    with pytest.raises(SealBroken) as refused:
        unseal(seal("SECRET-CANARY", PLACE), elsewhere)
    assert "SECRET-CANARY" not in str(refused.value)


@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_an_altered_byte_is_refused(position: int, bit: int) -> None:
    key_id, _, encoded = seal("a value", PLACE).partition("$")
    data = bytearray(base64.b64decode(encoded))
    data[position % len(data)] ^= 1 << bit
    with pytest.raises(SealBroken):
        unseal(f"{key_id}${base64.b64encode(bytes(data)).decode()}", PLACE)


def test_a_new_first_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    old = ring("k1")
    settings.ENCRYPTION_KEYS = old
    sealed = seal("value", PLACE)
    settings.ENCRYPTION_KEYS = f"{ring('k2')},{old}"
    assert unseal(sealed, PLACE) == "value"
    assert key_id_of(seal("value", PLACE)) == "k2"
    settings.ENCRYPTION_KEYS = ring("k2")
    with pytest.raises(SealBroken):
        unseal(sealed, PLACE)


@pytest.mark.parametrize("bad", ["", "k1", "k1:short", f"k1:{'A' * 44}!", ":" + "A" * 43 + "="])
def test_a_bad_key_ring_is_refused_without_printing_it(bad: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        parse_key_ring(bad)
    assert not bad or bad.partition(":")[2] == "" or bad.partition(":")[2] not in str(refused.value)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        parse_key_ring(ring("k1", "k1"))
