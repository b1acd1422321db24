"""Microsoft's codes: none without a class, none with two, each with something to do about it."""

import json
import re
from collections import defaultdict

import pytest

from partnercenter import errors
from partnercenter.refusal_codes import ANYWHERE, FAMILIES, LINES, kind_of, line_kind
from partnercenter.refusals import refusal
from tests.partnercenter.fake_service import FakeService, Reply, replying
from tests.shared_material import shared_folder

# What section 7 of the contract held when this was written, for checkouts without it.
KNOWN = """
0 400 1000 2001 2002 2006 2011 2030 2032 2054 2055 2071 2072 2085 2091 2100 3000 4018 6000 6001
13605 20000 20002 20003 27006 27007 27009 60000 60002 60003 60012 90000 400013 400018 400019 400030
400036 400039 400041 400072 600002 600006 600049-600051 600061 600074 800001-800005 800007-800010
800012 800014-800017 800019-800030 800036 800039-800043 800060-800077 800080-800082 800085-800098
800107 800111 800112 800114 800115 800121 800122 900100-900121 900123 900124 900126-900150 900154
900160 900169 900192 900203 900206 900213-900226 900236 900242 900244-900248 900252-900254
900257-900263 900267-900270 900275 900277-900280 900291 900292 900308 900309 900311-900318
900321-900323 900329 900400 900416 900419 900420
"""
# Named there as a span only; these are the ones it names elsewhere.
OF_AGREEMENTS = {"2000", "2001", "2200", "2201", "2203", "2204", "2205", "2206"}
NEVER = {"600009"}


def _codes_of_contract() -> set[str]:
    folder = shared_folder()
    if folder is None:
        return _expanded(KNOWN.split())
    text = (folder / "partner-center" / "CONTRACT.md").read_text()
    section = text.partition("\n## 7. ")[2].partition("\n## 8. ")[0].partition("\n\n")[2]
    lines = [line for line in section.splitlines() if line.startswith("**")]
    assert len(lines) > 8
    # Statuses and sources stand in brackets; what is left of numbers are codes.
    bare = re.sub(r"\[[^\]]*\]|\([^()]*\)", " ", "\n".join(lines))
    spans = re.findall(r"(?<![\w-])\d+(?:-\d+)?(?![\w-])", bare)
    return _expanded([span for span in spans if span != "2000-2206"])


def _expanded(spans: list[str]) -> set[str]:
    found = set()
    for span in spans:
        first, _, last = span.partition("-")
        found |= set(map(str, range(int(first), int(last or first) + 1)))
    return found


def _all_rows() -> list[tuple[int, str, type[errors.PartnerCenterError]]]:
    tables = [ANYWHERE, LINES, *FAMILIES.values()]
    return [(status, code, kind) for table in tables for (status, code), kind in table.items()]


KINDS = {kind.__name__: kind for _, _, kind in _all_rows()}


def test_every_code_of_the_contract_has_a_class() -> None:
    codes = _codes_of_contract() | OF_AGREEMENTS
    assert len(codes) > 240
    assert not codes - {code for _, code, _ in _all_rows()}


def test_own_list_of_codes_says_what_the_contract_says() -> None:
    assert _codes_of_contract() == _expanded(KNOWN.split())


def test_code_without_any_source_has_no_class() -> None:
    assert not NEVER & {code for _, code, _ in _all_rows()}
    assert kind_of(400, "600009") is None


def test_a_code_has_one_class_wherever_its_status_does_not_decide() -> None:
    kinds = defaultdict(set)
    for (_, code), kind in ANYWHERE.items():
        kinds[code].add(kind)
    several = {code for code, found in kinds.items() if len(found) > 1}
    # Short numbers are told apart by their status.
    assert several == {"0", "3000", "2006"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_class_of_a_code_says_what_to_do(kind: type[errors.PartnerCenterError]) -> None:
    assert len(kind.advice.split()) > 5
    assert kind.advice.endswith(".")
    assert isinstance(kind.transient, bool)


@pytest.mark.parametrize(
    ("call", "status", "code", "kind"),
    [
        ("GET /v1/compliance/csp/agreementstatus", 400, "2000", errors.InvalidRequest),
        ("GET /v1/compliance/csp/agreementstatus", 400, "2001", errors.InvalidRequest),
        ("GET /v1/compliance/csp/agreementstatus", 400, "2206", errors.PartnerAgreementMissing),
        ("GET /v1/compliance/csp/agreementstatus", 400, "2201", errors.PartnerRegionMismatch),
        ("PATCH /v1/customers/c/subscriptions/s", 400, "2001", errors.SubscriptionRefused),
        ("PATCH /v1/customers/c/subscriptions/s", 400, "2055", errors.PreconditionFailed),
        ("PATCH /v1/customers/c/subscriptions/s", 400, "900117", errors.WindowClosed),
        ("PATCH /v1/customers/c/subscriptions/s", 403, "800090", errors.WindowClosed),
        ("POST /v1/customers/c/transfers", 400, "900117", errors.TransferRefused),
        ("GET /v1/offers", 400, "2006", errors.WrongCatalogue),
        ("POST /v1/customers/c/orders", 403, "2006", errors.OfferNotAllowed),
        ("POST /v1/customers/c/users/u/licenseupdates", 400, "900316", errors.AppOnlyRefused),
        ("POST /v1/customers/c/carts", 400, "900316", errors.AzurePurchaseRefused),
        ("POST /v1/customers/c/carts/k/checkout", 403, "13605", errors.AgreementMissing),
        ("POST /v1/customers/c/carts/k/checkout", 403, "800073", errors.AccountUnderReview),
        ("POST /v1/customers/c/carts/k/checkout", 409, "800064", errors.PendingOperation),
        ("POST /v1/customers/c/carts/k/checkout", 404, "800008", errors.CartExpired),
        ("POST /v1/customers/c/carts/k/checkout", 404, "400019", errors.StaleCatalogue),
        ("POST /v1/customers", 400, "800018", errors.SandboxLimit),
        ("GET /v1/profiles/mpn", 404, "3000", errors.ProfileNotFound),
        ("GET /v1/orders", 400, "3000", errors.InvalidRequest),
        ("GET /v1/x", 401, "400", errors.TokenRefused),
        ("GET /v1/x", 401, "800001", errors.TokenRefused),
        ("GET /v1/x", 401, "900420", errors.WrongAudience),
        ("GET /v1/x", 403, "900329", errors.AppOnlyRefused),
        ("GET /v1/x", 403, "900308", errors.RoleMissing),
        ("GET /v1/x", 403, "900150", errors.RoleMissing),
        ("GET /v1/x", 403, "900309", errors.ConditionalAccessBlocked),
        ("GET /v1/x", 403, "90000", errors.ReconnectNeeded),
        ("GET /v1/x", 501, "0", errors.ServiceFailed),
        ("GET /v1/x", 400, "0", errors.InvalidRequest),
        ("GET /v1/x", 401, "900308", errors.TokenRefused),
        ("GET /v1/x", 429, "900308", errors.Throttled),
        ("GET /v1/x", 503, "60012", errors.ServiceFailed),
        ("GET /v1/x", 400, "800003", errors.InvalidRequest),
        ("GET /v1/x", 403, "99999999", errors.PermissionRefused),
    ],
)
def test_route_status_and_code_choose_together(
    call: str, status: int, code: str, kind: type[errors.PartnerCenterError]
) -> None:
    body = json.dumps({"code": code, "description": "no"}).encode()
    error = refusal(status=status, headers={}, body=body, call=call)
    assert type(error) is kind
    assert error.transient == (kind.transient and status != 501)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("10001", errors.StaleCatalogue),
        ("10009", errors.SandboxLimit),
        ("400039", errors.TermOrBillingRefused),
        ("400041", errors.BaseProductMissing),
        ("800018", errors.SandboxLimit),
        ("123", errors.OrderRefused),
        ("", errors.OrderRefused),
    ],
)
def test_line_of_a_cart_has_codes_of_its_own(
    code: str, kind: type[errors.PartnerCenterError]
) -> None:
    assert line_kind(code) is kind


def test_what_lasts_is_worth_trying_again_but_not_at_once() -> None:
    lasting = {kind for _, _, kind in _all_rows() if kind.lasts}
    assert lasting == {errors.PendingOperation, errors.NotReadyYet}
    assert all(kind.transient for kind in lasting)


@pytest.mark.parametrize(("status", "code"), [(409, 800064), (409, 900278), (404, 800007)])
def test_call_is_not_repeated_for_what_lasts(status: int, code: int) -> None:
    service = FakeService(replying(Reply(status, body={"code": code})))
    with pytest.raises(errors.RequestRefused) as caught:
        service.client().transport.call("POST", "/v1/x", body={}, idempotent=True)
    assert caught.value.transient
    assert len(service.calls) == 1
    assert not service.slept
