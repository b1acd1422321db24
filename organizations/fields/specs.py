"""What a vendor's program asks for in custom fields: plain values, no database."""

from dataclasses import dataclass

from organizations.fields.models import EditedBy, Entity, Kind, SeenBy


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field a vendor needs of an entity.

    ``key`` is what the vendor's program calls it; the stored key is made unique for each
    connection. Sync options are seen by everybody who sees the account and edited by those who may
    provision, unless the vendor says otherwise. No two owners hold the same where ``is_distinct``.
    """

    entity: str
    key: str
    label: str
    kind: str = Kind.TEXT
    choices: tuple[str, ...] = ()
    default: str = ""
    help: str = ""
    seen_by: str = SeenBy.EVERYBODY
    edited_by: str = EditedBy.PROVISIONERS
    is_distinct: bool = False


__all__ = ["EditedBy", "Entity", "FieldSpec", "Kind", "SeenBy"]
