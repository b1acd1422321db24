"""The simulated Partner Center as one WSGI application over a world.

Every request takes the same way: scripted faults, route, caller, throttle, remembered answer, room.
The order is the point: a throttled or refused call must not have an effect, and a dropped
connection may have had one.
"""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from partnercenter.simulator.access import check_access, is_mfa_compliant, read_caller
from partnercenter.simulator.certificates import Certificates
from partnercenter.simulator.charge_rows import record_due
from partnercenter.simulator.clock import VirtualClock, real_time
from partnercenter.simulator.control import CONTROL_PREFIX, control
from partnercenter.simulator.courier import Courier
from partnercenter.simulator.errors import Problem, SimulatorError
from partnercenter.simulator.faults import FaultScript
from partnercenter.simulator.graph import graph_refusal
from partnercenter.simulator.identity import Signer
from partnercenter.simulator.ledger import Ledger
from partnercenter.simulator.paging import Bookmarks, ContinuationTokens
from partnercenter.simulator.request_log import RequestLog
from partnercenter.simulator.routes import ROUTES
from partnercenter.simulator.routing import Access, Match, Router
from partnercenter.simulator.signing import EventSigner
from partnercenter.simulator.site import Call, Site
from partnercenter.simulator.state import open_state
from partnercenter.simulator.stores.agreements import AgreementStore
from partnercenter.simulator.stores.answers import AnswerStore
from partnercenter.simulator.stores.carts import CartStore
from partnercenter.simulator.stores.catalogue import CatalogueStore
from partnercenter.simulator.stores.customers import CustomerStore
from partnercenter.simulator.stores.directories import DirectoryStore
from partnercenter.simulator.stores.exports import ExportStore
from partnercenter.simulator.stores.grants import GrantStore
from partnercenter.simulator.stores.invoices import InvoiceStore
from partnercenter.simulator.stores.orders import OrderStore
from partnercenter.simulator.stores.papers import PaperStore
from partnercenter.simulator.stores.profiles import ProfileStore
from partnercenter.simulator.stores.resellers import ResellerStore
from partnercenter.simulator.stores.subscriptions import SubscriptionStore
from partnercenter.simulator.stores.usage import UsageStore
from partnercenter.simulator.stores.vetting import VettingStore
from partnercenter.simulator.stores.webhooks import WebhookStore
from partnercenter.simulator.switches import Switches
from partnercenter.simulator.throttle import Throttle
from partnercenter.simulator.wire import Request, Response, read_request, write_response
from partnercenter.simulator.worlds import World, WorldError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Simulator:
    """A Partner Center that answers for one world."""

    def __init__(
        self,
        world: World,
        *,
        clock: Callable[[], datetime] | None = None,
        switches: Switches | None = None,
        state_folder: Path | None = None,
    ) -> None:
        """Set up over a world; `clock` returns an aware datetime, None is the real time.

        Either can be moved on by `advance`.

        With a state folder, effects, signing key and so all tokens survive a restart. Raises
        SimulatorError for a faulty `faults.json` and for a state folder of another world.
        """
        now = self.clock = VirtualClock(clock or real_time)
        state = open_state(state_folder, world.partner.tenant_id, now=now())
        self.ledger = Ledger(clock=now, path=state.ledger_path)
        self.ledger.on("clock_advanced", self.clock.apply_moved)
        self.faults = FaultScript(world.faults, origin="faults.json")
        self.throttle = Throttle()
        signer = Signer(state.secret)
        customers = CustomerStore(world.collection("customers"), self.ledger)
        self.site = Site(
            world=world,
            clock=now,
            switches=switches or Switches(),
            ledger=self.ledger,
            signer=signer,
            continuation=ContinuationTokens(signer),
            bookmarks=Bookmarks(),
            customers=customers,
            subscriptions=SubscriptionStore(
                world.collection("subscriptions"),
                self.ledger,
                clock=now,
                catalogue=world.collection("catalog"),
            ),
            papers=PaperStore(self.ledger),
            profiles=ProfileStore(world.partner, self.ledger),
            grants=GrantStore(self.ledger),
            answers=AnswerStore(self.ledger),
            invoices=InvoiceStore(world, self.ledger),
            exports=ExportStore(self.ledger),
            usage=UsageStore(world, self.ledger),
            webhooks=WebhookStore(self.ledger, customers, partner_id=world.partner.tenant_id),
            throttle=self.throttle,
            requests=RequestLog(),
            event_signer=EventSigner(),
            agreements=AgreementStore(self.ledger),
            vetting=VettingStore(self.ledger),
            resellers=ResellerStore(world.collection("indirect_resellers"), self.ledger),
            directories=DirectoryStore(self.ledger),
            catalogue=CatalogueStore(world.collection("catalog")),
            carts=CartStore(self.ledger),
            orders=OrderStore(world.collection("orders"), self.ledger),
            begun=state.begun,
        )
        self.courier = Courier(self.site)
        self.ledger.load()
        self._router = Router(ROUTES)
        self._writing = threading.RLock()

    @property
    def wsgi(self) -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
        """The WSGI application.

        A scripted dropped connection raises ConnectionResetError out of it.
        """
        return self._serve

    def use_certificates(self, certificates: Certificates) -> None:
        """Sign webhook events with the key in a folder, so that its authority vouches for them."""
        self.site.event_signer = EventSigner(certificates)

    def revoke_refresh_tokens(self, *, code: int = 50173) -> None:
        """End every refresh token issued so far; `code` is the AADSTS number of the reason."""
        self.ledger.record("refresh_tokens_revoked", self.site.world.partner.tenant_id, code=code)

    def advance(self, duration: timedelta) -> datetime:
        """Move the clock on and return the new time. Raises SimulatorError for a step back."""
        if duration < timedelta():
            raise SimulatorError("The clock goes forward only. Reset to return to the real time.")
        partner = self.site.world.partner.tenant_id
        with self._writing:
            self.ledger.record("clock_advanced", partner, seconds=duration.total_seconds())
            record_due(self.site)
        return self.clock()

    def reset(self) -> None:
        """Return to the world as it was: no effects, its own faults, its throttle empty."""
        with self._writing:
            self.ledger.clear()
            self.clock.reset()
            self.site.customers.reset()
            self.site.subscriptions.reset()
            self.site.papers.reset()
            self.site.profiles.reset()
            self.site.grants.reset()
            self.site.answers.reset()
            self.site.invoices.reset()
            self.site.exports.reset()
            self.site.usage.reset()
            self.site.webhooks.reset()
            self.site.requests.reset()
            self.site.agreements.reset()
            self.site.vetting.reset()
            self.site.resellers.reset()
            self.site.directories.reset()
            self.site.carts.reset()
            self.site.orders.reset()
            self.throttle.reset()
            self.faults.replace(self.site.world.faults)

    def _serve(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        try:
            request = read_request(environ)
            response = self._answer(request)
        except Problem as problem:
            request = read_request(environ | {"CONTENT_LENGTH": "0"})
            response = _refusal(problem)
        now, bom = self.site.clock(), self.site.switches.bom
        return write_response(request, response, start_response, now=now, bom=bom)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(CONTROL_PREFIX):
            return control(self, request)
        plan = self.faults.draw(request)
        refusal = plan.before(request, now=self.clock())
        if refusal is not None:
            return refusal
        try:
            response = self._call(request)
        except Problem as problem:
            response = _refusal(problem)
        except WorldError as error:
            # Invoice lines are read when asked for, so a mistake in their file shows here.
            response = _refusal(Problem(500, 800003, str(error)))
        return plan.after(request, response)

    def _call(self, request: Request) -> Response:
        match = self._router.find(request.method, request.path)
        if not match.route.graph:
            return self._admit(request, match)
        try:
            return self._admit(request, match)
        except Problem as problem:
            return graph_refusal(problem, request, now=self.site.clock())

    def _admit(self, request: Request, match: Match) -> Response:
        if match.route.access is Access.OPEN:
            return match.route.room(Call(self.site, request, match.params))
        site = self.site
        caller = read_caller(request, site.signer, now=site.clock())
        site.requests.add(request, match.route, caller, at=site.clock())
        refusal = check_access(caller, match.route, site.switches) or self.throttle.refuse(
            request.path,
            tenant_id=caller.tenant_id,
            limit=site.switches.requests_per_minute,
            now=site.clock(),
        )
        if refusal is not None:
            return refusal
        response = self._enter(Call(site, request, match.params, caller), match)
        if request.headers.get("validatemfa", "").lower() == "true":
            response.headers["isMfaCompliant"] = str(is_mfa_compliant(caller)).lower()
        return response

    def _enter(self, call: Call, match: Match) -> Response:
        if call.request.method in ("GET", "HEAD"):
            return match.route.room(call)
        # One write at a time: deciding and recording must not be torn apart by another write, nor
        # what it records by a kill.
        with self._writing, self.ledger.together():
            if match.route.idempotent:
                return self._enter_once(call, match)
            return match.route.room(call)

    def _enter_once(self, call: Call, match: Match) -> Response:
        site, operation = self.site, f"{match.route.method} {call.request.path.lower()}"
        earlier = site.answers.find(operation, call.request.request_id, now=site.clock())
        if earlier is not None:
            return Response(earlier.status, earlier.body, dict(earlier.headers))
        response = match.route.room(call)
        if response.status < 300:
            replayed = response.replayed if response.replayed is not None else response.body
            answer = {"status": response.status, "body": replayed, "headers": response.headers}
            call.record("answer_remembered", operation, **answer)
        return response


def _refusal(problem: Problem) -> Response:
    return Response(status=problem.status, body=problem.envelope(), headers=dict(problem.headers))
