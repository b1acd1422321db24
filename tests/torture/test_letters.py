"""G12, G13: letters whose worker is killed, and whose mail server falls silent, at every moment.

The programs are real: a worker, the relay, a mail server beside them. Whatever happens, the letter
arrives, under one message id, at most once too often and then it says so; the password is in none
of it but behind the link.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from organizations.passwords.keeping import keep_password
from organizations.passwords.models import FirstPassword
from organizations.passwords.operations import send_welcome
from portal.core.access import system_actor
from portal.notify.models import Delivery
from tests import faults
from tests.factories.organizations import make_organization
from tests.mailserver import MailServer, mail_server
from tests.organizations.linking.scene import at_work, working_connection
from tests.organizations.passwords.desk import CODE, LINK, account_of
from tests.repetitions import TIMES
from tests.secrets.channels import database_as_text
from tests.torture.rig import SECRETS, Rig, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
Record = Callable[[str, Any], None]
PASSWORD = "SECRET-CANARY-first-password"
KILLED = (
    "task.received",
    "lease.taken",
    "step.before_commit",
    "step.committed",
    "mail.before_send",
    "mail.sent",
    "outcome.before_commit",
    "outcome.committed",
)
MAY_REPEAT = {"mail.before_send", "mail.sent", "step.before_commit", "step.committed"}


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """Run a mail server; links are derived here as the rig's programs derive them."""
    settings.SECRET_KEY = SECRETS["PORTAL_SECRET_KEY"]
    with mail_server() as made:
        yield made


def hand_over(rig: Rig, planned: Path | None = None, point: str = "") -> FirstPassword:
    """Keep a first password and ask for its letter, in one transaction.

    With ``point``, whoever sends it first is killed there.
    """
    reseller = rig.people[0].membership.reseller
    connection = working_connection(reseller, name=f"CANARY-NORTH {uuid4()}")
    account = account_of(make_organization(reseller, name="CANARY-NORTH Bakery"))
    with at_work(system_actor(reseller.pk, "provisioning")) as actor:
        row = keep_password(
            account,
            actor=actor,
            request_id=uuid4(),
            connection=connection,
            tenant_id=uuid4(),
            username="admin",
            domain="canary-north.onmicrosoft.com",
            password=PASSWORD,
            recipient="it@example.com",
        )
        letter = send_welcome(row, actor=actor)
        if planned:
            asked = Delivery.objects.get(pk=letter.pk).job_id
            faults.plan(planned, asked, point, "kill")
    rig.tally.operations += 1
    return row


def letter_of(row: FirstPassword) -> Delivery:
    with at_work(system_actor(row.reseller_id, "tests")):
        found: Delivery = Delivery.objects.get(about_id=row.pk)
        return found


def wait_for_letter(row: FirstPassword) -> Delivery:
    wait_until(lambda: letter_of(row).state == "sent", 60)
    return letter_of(row)


def text_of(message: Any) -> str:
    text = str(message.get_body(preferencelist=("plain",)).get_content())
    return text.replace("\r\n", "\n")


def arrived(server: MailServer, letter: Delivery) -> list[Any]:
    """Return the copies of a letter that arrived; each has the id of the one delivery."""
    return [it for it in server.taken if str(letter.pk) in str(it["Message-ID"])]


def opens(server: MailServer, letter: Delivery) -> str:
    """Go the receiver's way by the last copy of the letter, and return what is shown."""
    path = LINK.search(text_of(arrived(server, letter)[-1]))
    assert path
    before = len(server.taken)
    assert Client().post(path[1], {}).status_code == 200
    wait_until(lambda: len(server.taken) > before, 60)
    code = CODE.search(text_of(server.taken[-1]))
    assert code
    return str(Client().post(path[1], {"code": code[1]}).content.decode())


def test_g13_workers_killed_at_every_moment_lose_no_letter(
    rig: Rig, server: MailServer, record_property: Record
) -> None:
    planned = rig.folder / "faults"
    planned.mkdir()
    rig.env |= {
        "EMAIL_URL": server.url,
        "PORTAL_JOB_BACKOFF_SECONDS": "1",
        faults.FOLDER: str(planned),
    }
    rig.relay()
    rig.worker(concurrency=2)
    rows = [(point, hand_over(rig, planned, point)) for point in KILLED * TIMES]
    extra, letters = 0, [(point, wait_for_letter(row)) for point, row in rows]
    for point, letter in letters:
        copies = arrived(server, letter)
        assert 1 <= len(copies) <= 2, point
        assert {str(copy["Message-ID"]) for copy in copies} == {str(copies[0]["Message-ID"])}
        assert letter.maybe_twice or len(copies) == 1, point
        assert not letter.maybe_twice or point in MAY_REPEAT, point
        assert PASSWORD in opens(server, letter)
        extra += len(copies) - 1
    met = faults.planned_and_met(planned)
    assert Counter(it.point for it in met) == Counter(KILLED * TIMES), "each was killed"
    rig.tally.faults += len(met)
    assert PASSWORD not in "".join(map(str, server.taken)) + database_as_text()
    record_property(
        "figure",
        f"G12, G13: {len(met)} killed at {len(KILLED)} moments: {len(rows)} of {len(rows)} letters"
        f" arrived, {extra} twice, under one id and said so; all opened, 0 passwords in clear",
    )


@pytest.mark.parametrize("forgets", [True, False], ids=["before", "after"])
def test_g13_a_mail_server_that_hangs_up_before_or_after_it_took_the_letter(
    rig: Rig, server: MailServer, record_property: Record, forgets: bool
) -> None:
    rig.env |= {"EMAIL_URL": server.url, "PORTAL_JOB_BACKOFF_SECONDS": "1"}
    server.silences, server.forgets = 1, forgets
    rig.relay()
    rig.worker(concurrency=1)
    letters = [wait_for_letter(hand_over(rig)) for _ in range(1 + (TIMES > 1))]
    rig.tally.faults += 1
    first = letters[0]
    assert len(arrived(server, first)) == (1 if forgets else 2)
    assert [letter.maybe_twice for letter in letters] == [True] + [False] * (len(letters) - 1)
    assert PASSWORD in opens(server, first)
    when = "before" if forgets else "after"
    record_property("figure", f"G13: hung up {when} taking it: arrived, said “maybe twice”, 1 id")


def test_g12_a_refused_letter_is_seen_and_opens_after_it_is_sent_again(
    rig: Rig, server: MailServer, record_property: Record
) -> None:
    rig.env |= {"EMAIL_URL": server.url, "PORTAL_JOB_BACKOFF_SECONDS": "1"}
    server.refuses = True
    rig.relay()
    rig.worker(concurrency=1)
    row = hand_over(rig)
    wait_until(lambda: letter_of(row).state == "failed", 60)
    page = rig.people[0].client().get(f"/first-passwords/{row.pk}/").content.decode()
    assert "Not delivered" in page and "it@example.com (550)" in page
    server.refuses = False
    rig.tally.faults += 1
    api = rig.people[0].api()
    (delivery,) = api.get("/api/v1/deliveries/").json()["results"]
    assert api.post(f"/api/v1/deliveries/{delivery['id']}/retry/").status_code == 200
    letter = wait_for_letter(row)
    assert PASSWORD in opens(server, letter)
    record_property("figure", "G12: 1 of 1 refused letters seen and opened after sending it again")
