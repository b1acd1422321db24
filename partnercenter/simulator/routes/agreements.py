"""Agreements: their templates and documents, and the partner's word that a customer accepted one.

The type is called `agreementType` in templates and `type` in attestations, as on the live service.
"""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from partnercenter.simulator.errors import NamedProblem, Problem
from partnercenter.simulator.fields import read_enum, read_object, without_nulls
from partnercenter.simulator.identity import object_id
from partnercenter.simulator.paging import collection
from partnercenter.simulator.pdf import write_pdf
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.agreements import CLOUD_AGREEMENT, TEMPLATES
from partnercenter.simulator.wire import Response

_LINK_LIFE = timedelta(minutes=5)
_CONTACT = ("firstName", "lastName", "email")


def list_templates(call: Call) -> Response:
    """Answer the templates of a type; without one, of the old cloud agreement alone."""
    wanted = _wanted_type(call)
    items = [one for one in TEMPLATES if wanted in ("*", one["agreementType"])]
    named = call.request.query.get("agreementtype") not in (None, "", "*")
    links = None if named else {"self": call.link("/agreements")}
    return Response(body=collection(items, links))


def get_document(call: Call) -> Response:
    """Answer where to read a template, by links that are good for five minutes.

    Raises Problem 404/1000 for an unknown template.
    """
    template = _find_template(call.params["template"])
    if template is None:
        raise Problem(404, 1000, f"There is no agreement template {call.params['template']}.")
    expires = int((call.site.clock() + _LINK_LIFE).timestamp())
    query = {"expires": expires, "seal": _seal(call, template["templateId"], expires)}
    host = f"{call.request.scheme}://{call.request.host}"
    uri = f"{host}/agreementdocuments/{template['templateId']}"
    return Response(
        body={
            "displayUri": f"{uri}?{urlencode(query)}",
            "downloadUri": f"{uri}?{urlencode(query | {'download': 'true'})}",
            "language": call.request.query.get("language") or "en-US",
            "country": call.request.query.get("country") or "US",
        }
    )


def read_document(call: Call) -> Response:
    """Send a template's document to whoever holds its link.

    Raises Problem 403 for a link that has expired or was altered.
    """
    template, query = call.params["template"], call.request.query
    expires = query.get("expires", "")
    if not expires.isascii() or not expires.isdigit():
        raise Problem(403, 0, "The link is not valid.")
    sealed = query.get("seal") == _seal(call, template, int(expires))
    if not sealed or call.site.clock().timestamp() >= int(expires):
        raise Problem(403, 0, "The link is not valid any more.")
    found = _find_template(template)
    title = found["agreementType"] if found else template
    content = write_pdf([str(title), "Specimen of the simulator."])
    return Response(body=content, headers={"Content-Type": "application/pdf"})


def attest(call: Call) -> Response:
    """Record that a customer accepted an agreement; `userId` is the partner's user who says so.

    Raises Problem 400/800002 for a template, type, date or contact that cannot be, and 600061 with
    the status the switch says when this contact has accepted it before.
    """
    customer = find_customer(call)
    agreement = _read_agreement(call)
    if _key(agreement) in {_key(earlier) for earlier in call.site.agreements.attested(customer)}:
        raise NamedProblem(
            call.site.switches.duplicate_agreement_status,
            600061,
            "A partner confirmed agreement already exists for the customer.",
            name="PartnerConfirmedAgreementAlreadyExists",
            parameters={},
        )
    call.record("agreement_attested", customer["id"], agreement=agreement)
    return Response(status=201, body=agreement)


def list_attested(call: Call) -> Response:
    """Answer the attestations of a customer for a type; the old agreement's without one."""
    customer = find_customer(call)
    wanted = _wanted_type(call)
    links = {template["agreementType"]: template["agreementLink"] for template in TEMPLATES}
    items = [
        {
            "primaryContact": agreement.get("primaryContact"),
            "templateId": agreement.get("templateId"),
            "dateAgreed": _as_listed(agreement.get("dateAgreed")),
            "type": agreement.get("type"),
            "agreementLink": links.get(str(agreement.get("type"))),
        }
        for agreement in call.site.agreements.attested(customer)
        if wanted in ("*", agreement.get("type"))
    ]
    return Response(body={"totalCount": len(items), "items": without_nulls(items)})


def get_direct_signature(call: Call) -> Response:
    """Answer whether the customer signed the customer agreement in its own admin centre."""
    return Response(body={"isSigned": call.site.agreements.signed_directly(find_customer(call))})


def _wanted_type(call: Call) -> str:
    asked = call.request.query.get("agreementtype")
    if not asked:
        return CLOUD_AGREEMENT
    known = ("*", *(template["agreementType"] for template in TEMPLATES))
    wanted = asked if asked == "*" else read_enum(asked, known)
    if wanted is None:
        raise Problem(400, 900126, f"{asked!r} is not a type of agreement.")
    return wanted


def _read_agreement(call: Call) -> dict[str, Any]:
    body = without_nulls(read_object(call.request.json()))
    template = _find_template(str(body.get("templateId")))
    if template is None:
        raise Problem(400, 800002, "templateId is not that of an agreement template.")
    if read_enum(body.get("type"), (template["agreementType"],)) is None:
        raise Problem(400, 800002, f"The template is of the type {template['agreementType']}.")
    contact = body.get("primaryContact")
    if not isinstance(contact, dict) or not all(contact.get(name) for name in _CONTACT):
        raise Problem(400, 800002, "primaryContact needs firstName, lastName and email.")
    _read_date(body.get("dateAgreed"))
    return {
        # Whoever attests is taken from the token; a userId in the body is for applications alone.
        "userId": object_id(call.user()),
        "primaryContact": {
            name: contact[name] for name in (*_CONTACT, "phoneNumber") if contact.get(name)
        },
        "templateId": template["templateId"],
        "dateAgreed": body["dateAgreed"],
        "type": template["agreementType"],
    }


def _find_template(template_id: str) -> dict[str, Any] | None:
    wanted = template_id.lower()
    return next((one for one in TEMPLATES if one["templateId"] == wanted), None)


def _read_date(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Problem(400, 800002, "dateAgreed is not a date in ISO 8601.") from error


def _as_listed(text: str | None) -> str | None:
    """Return a date as the list shows it: without fractions and without a zone."""
    return text and _read_date(text).replace(tzinfo=None).isoformat(timespec="seconds")


def _key(agreement: dict[str, Any]) -> str:
    contact = {
        name: str(value).strip().lower()
        for name, value in (agreement.get("primaryContact") or {}).items()
    }
    return json.dumps([agreement.get("templateId"), contact], sort_keys=True)


def _seal(call: Call, template_id: str, expires: int) -> str:
    return call.site.signer.seal(f"agreement {template_id} {expires}")


_OF_CUSTOMER = "/customers/{customer}"
ROUTES = [
    Route("GET", "/agreements", list_templates, Access.USER),
    Route("GET", "/agreementtemplates/{template}/document", get_document, Access.USER),
    Route("GET", "/agreementdocuments/{template}", read_document, Access.OPEN, versioned=False),
    Route("POST", f"{_OF_CUSTOMER}/agreements", attest, Access.USER, idempotent=True),
    Route("GET", f"{_OF_CUSTOMER}/agreements", list_attested, Access.USER),
    Route(
        "GET",
        f"{_OF_CUSTOMER}/directSignedMicrosoftCustomerAgreementStatus",
        get_direct_signature,
        Access.USER,
    ),
]
