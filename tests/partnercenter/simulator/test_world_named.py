"""Named worlds: made once, opened like any folder, signed in to with demo and demo."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from partnercenter.simulator.worlds import World, WorldError, make_world, named, open_world


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def small(cache: Path) -> World:
    return open_world("small", cache=cache)


@pytest.fixture(scope="module")
def second(cache: Path) -> World:
    return open_world("second", cache=cache)


def test_both_demonstration_worlds_accept_demo(small: World, second: World) -> None:
    for world in (small, second):
        assert (world.partner.client_id, world.partner.client_secret) == ("demo", "demo")
        assert world.partner.sandbox is False


def test_small_is_a_dutch_direct_partner_with_sixty_customers(small: World) -> None:
    assert (small.partner.country, small.partner.program) == ("NL", "direct")
    assert len(small.collection("customers")) == 60
    invoices = list(small.collection("invoices"))
    assert len(invoices) == 4
    assert {invoice["currencyCode"] for invoice in invoices} == {"EUR"}
    assert all(
        Decimal(1000) < Decimal(str(invoice["totalCharges"])) < Decimal(200_000)
        for invoice in invoices
        if invoice["invoiceType"] == "OneTime"
    )


def test_second_is_another_partner_elsewhere_with_none_of_the_same_customers(
    small: World, second: World
) -> None:
    assert (second.partner.country, second.partner.program) == ("GB", "indirectProvider")
    assert second.partner.tenant_id != small.partner.tenant_id
    assert len(second.collection("customers")) == 15
    assert len(second.collection("indirect_resellers")) > 0
    for customer in second.collection("customers"):
        assert small.collection("customers").get(customer["id"]) is None


def test_what_goes_on_by_the_month_is_unbilled_in_the_month_that_runs(
    small: World, second: World
) -> None:
    for world in (small, second):
        newest = max(
            (one for one in world.collection("invoices") if one["invoiceType"] == "OneTime"),
            key=lambda one: one["invoiceDate"],
        )
        billed = {
            row["subscriptionId"]: row["totalForCustomer"]
            for row in world.invoice_lines(newest["id"])
            if row["chargeType"] == "cycleCharge"
        }
        rows = list(world.invoice_lines("unbilled-current"))
        assert len(rows) > 10
        for row in rows:
            assert row["totalForCustomer"] == billed[row["subscriptionId"]]
            assert row["invoiceNumber"] == ""
            assert row["chargeStartDate"][:7] > newest["billingPeriodStartDate"][:7]


def test_large_has_the_promised_size() -> None:
    large = named.RECIPES["large"]
    assert (large.customers, large.lines) == (100_000, 1_000_000)


def test_world_is_made_only_once(cache: Path, small: World) -> None:
    partner = next(cache.glob("small-v*")) / "partner.json"
    os.utime(partner, (1, 1))
    again = open_world("small", cache=cache)
    assert partner.stat().st_mtime == 1
    assert again.partner == small.partner


def test_nothing_but_the_world_is_left_in_the_cache(tmp_path: Path) -> None:
    open_world("second", cache=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"second-v{named.VERSION}"]


def test_making_that_fails_leaves_no_half_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_half(folder: Path, **_wish: object) -> None:
        (folder / "partner.json").write_text("{}", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(named, "make_world", make_half)
    with pytest.raises(KeyboardInterrupt):
        open_world("small", cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_of_two_starts_at_once_the_first_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_while_another_finishes(folder: Path, **wish: object) -> None:
        monkeypatch.setattr(named, "make_world", make_world)
        open_world("second", cache=tmp_path)
        (tmp_path / f"second-v{named.VERSION}" / "first").touch()
        make_world(folder, **wish)  # type: ignore[arg-type]

    monkeypatch.setattr(named, "make_world", make_while_another_finishes)
    open_world("second", cache=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"second-v{named.VERSION}"]
    assert (tmp_path / f"second-v{named.VERSION}" / "first").exists()


def test_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(WorldError, match=r"small: cannot be made in .*cache"):
        open_world("small", cache=tmp_path / "cache")
