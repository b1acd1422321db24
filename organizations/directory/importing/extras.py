"""What an import does of the accounts and custom fields of its organizations.

Everything is written as sets of rows, like the organizations themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from organizations.directory.details import (
    ACCOUNT_FIELDS,
    AccountDetails,
    OrganizationDetails,
)
from organizations.directory.importing.columns import (
    ACCOUNT,
    ACCOUNT_FIELD,
    FIELD,
    Extra,
    check_extra,
    field_columns,
)
from organizations.directory.importing.waiting import STEP, WaitingAudit, organization_of
from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.fields.queries import may_edit, rows_of
from organizations.fields.setting import DISTINCT
from portal.core.access import Actor
from portal.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Besides:
    """The columns in which a row differs from what is there, and those the actor may not change."""

    columns: list[str] = field(default_factory=list)
    kept_from: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Change:
    """What is to be given to an organization that exists, or to its account."""

    owner: Organization | Account
    details: dict[str, str]
    texts: dict[FieldDefinition, str]
    before: dict[str, str]


class Extras:
    """What one import knows and does of accounts and custom fields."""

    def __init__(self, actor: Actor, audit: WaitingAudit) -> None:
        self._actor = actor
        self._columns: dict[str, FieldDefinition] | None = None
        self._changes: list[_Change] = []
        self._audit = audit

    def check(self, values: Mapping[str, str], details: OrganizationDetails) -> Extra:
        """Return what a row says besides the organization; raises as `check_extra`."""
        return check_extra(values, details, self._definitions)

    def kept_from(self, extra: Extra) -> list[str]:
        """Return the columns a new organization would need that the actor may not fill in."""
        return [
            name
            for name, text in extra.fields.items()
            if text != self._definitions()[name].default
            and not may_edit(self._definitions()[name], self._actor)
        ]

    def differing(self, found: Sequence[tuple[Organization, Extra]]) -> dict[UUID, Besides]:
        """Return for organizations that exist the columns that say another thing (3 queries)."""
        asked = [(row, extra) for row, extra in found if extra]
        if not asked:
            return {}
        primary = {
            row.organization_id: row
            for row in accounts(self._actor).filter(
                organization__in=[row.pk for row, _ in asked], is_primary=True
            )
        }
        held: dict[UUID, dict[FieldDefinition, str]] = {}
        if any(extra.fields for _, extra in asked):
            held |= rows_of([row for row, _ in asked], actor=self._actor)
            held |= rows_of(list(primary.values()), actor=self._actor)
        told = {}
        for row, extra in asked:
            account = primary[row.pk]
            of_account = self._change(account, extra, ACCOUNT_FIELD, held)
            of_organization = self._change(row, Extra(fields=extra.fields), FIELD, held)
            columns = [
                *(f"{ACCOUNT}{name}" for name in of_account.details),
                *(FIELD + each.key for each in of_organization.texts),
                *(ACCOUNT_FIELD + each.key for each in of_account.texts),
            ]
            kept = [
                prefix + each.key
                for prefix, change in ((FIELD, of_organization), (ACCOUNT_FIELD, of_account))
                for each in change.texts
                if not may_edit(each, self._actor)
            ]
            if columns:
                told[row.pk] = Besides(columns, kept)
            if columns and not kept:
                self._changes += [
                    each for each in (of_organization, of_account) if each.details or each.texts
                ]
        return told

    def write(self, *, meant: bool) -> None:
        """Save what `differing` found since the last time, if it is ``meant`` (few statements)."""
        found, self._changes = self._changes, []
        if not meant:
            return
        changed = [each for each in found if each.details and isinstance(each.owner, Account)]
        for each in changed:
            for name, text in each.details.items():
                setattr(each.owner, name, text)
        Account.objects.bulk_update(
            [each.owner for each in changed], ACCOUNT_FIELDS, batch_size=STEP
        )
        for each in found:
            if each.details:
                before = {name: each.before[name] for name in each.details}
                self._audit.add(
                    "organizations.account_changed", each.owner, before=before, after=each.details
                )
            if each.texts:
                before = {row.key: each.before[row.key] for row in each.texts}
                after = {row.key: text for row, text in each.texts.items()}
                self._audit.add(
                    "organizations.values_changed", each.owner, before=before, after=after
                )
        self._write_values([(each.owner, each.texts) for each in found])

    def created(self, made: Sequence[tuple[Organization, Account, Extra]]) -> None:
        """Fill in the fields of what was created."""
        filled: list[tuple[Organization | Account, dict[FieldDefinition, str]]] = []
        for organization, account, extra in made:
            for owner, prefix in ((organization, FIELD), (account, ACCOUNT_FIELD)):
                texts = {
                    row: text
                    for row, text in self._texts(extra, prefix).items()
                    if text != row.default
                }
                if texts:
                    filled.append((owner, texts))
                    before = {row.key: row.default for row in texts}
                    after = {row.key: text for row, text in texts.items()}
                    self._audit.add(
                        "organizations.values_changed", owner, before=before, after=after
                    )
        self._write_values(filled)

    def _definitions(self) -> dict[str, FieldDefinition]:
        if self._columns is None:
            self._columns = field_columns(self._actor)
        return self._columns

    def _texts(self, extra: Extra, prefix: str) -> dict[FieldDefinition, str]:
        return {
            self._definitions()[name]: text
            for name, text in extra.fields.items()
            if name.startswith(prefix)
        }

    def _change(
        self,
        owner: Organization | Account,
        extra: Extra,
        prefix: str,
        held: Mapping[UUID, Mapping[FieldDefinition, str]],
    ) -> _Change:
        given = extra.account.items()
        details = {name: text for name, text in given if getattr(owner, name) != text}
        known = held.get(owner.pk, {})
        wanted = self._texts(extra, prefix).items()
        texts = {row: text for row, text in wanted if known[row] != text}
        before = {name: str(getattr(owner, name)) for name in details}
        return _Change(owner, details, texts, before | {row.key: known[row] for row in texts})

    def _write_values(
        self, filled: Sequence[tuple[Organization | Account, Mapping[FieldDefinition, str]]]
    ) -> None:
        now = timezone.now()
        for column, kind in (("organization", Organization), ("account", Account)):
            rows = [
                FieldValue(
                    reseller_id=self._actor.reseller_id,
                    definition=row,
                    belongs_to_id=organization_of(owner),
                    text=text,
                    changed_at=now,
                    **{column: owner},
                )
                for owner, texts in filled
                if isinstance(owner, kind)
                for row, text in texts.items()
            ]
            if rows:
                try:
                    FieldValue.objects.bulk_create(
                        rows,
                        batch_size=STEP,
                        update_conflicts=True,
                        unique_fields=["reseller", column, "definition"],
                        update_fields=["text", "changed_at"],
                    )
                except IntegrityError as error:
                    self._refuse_twice(error)
                    raise

    def _refuse_twice(self, error: Exception) -> None:
        """Name the column where two owners would have one text that each needs of its own."""
        if DISTINCT not in str(error):
            return
        names = [name for name, row in self._definitions().items() if row.is_distinct]
        raise InvalidInput(
            f"Two accounts would have the same value in {' or '.join(names)}; each needs its own."
            " Look for it in the file and on the accounts' pages."
        ) from error


def account_of(organization: Organization, extra: Extra, *, currency: str) -> dict[str, str]:
    """Return the details of the account an organization begins with."""
    inherited = AccountDetails(
        name=organization.name,
        email=organization.notification_email,
        phone=organization.contact_phone,
        country=organization.country,
        currency=currency,
    )
    return {**asdict(inherited), **extra.account}
