"""A world folder opened for reading: one partner, its collections, its invoice lines, its faults.

Everything a person may have written by hand is checked on opening, so that a mistake stops the
start with its place and not a request in the middle of a demonstration. Invoice lines are the
exception: they may be a million, so a file is indexed when its invoice is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from partnercenter.simulator.worlds.errors import WorldError
from partnercenter.simulator.worlds.index import Collection, IdOf, Resource
from partnercenter.simulator.worlds.unpack import unpacked

PROGRAMS = ("direct", "indirectProvider", "indirectReseller")


@dataclass(frozen=True, slots=True)
class Partner:
    """The calling partner: who it is, which programme it sells in, how it signs in."""

    tenant_id: str
    company_name: str
    country: str
    domain: str
    program: str
    mpn_id: str
    client_id: str
    client_secret: str
    sandbox: bool


PARTNER_KEYS = {
    "tenantId": "tenant_id",
    "companyName": "company_name",
    "country": "country",
    "domain": "domain",
    "program": "program",
    "mpnId": "mpn_id",
    "clientId": "client_id",
    "clientSecret": "client_secret",
    "sandbox": "sandbox",
}


class World:
    """One partner's data as Partner Center would serve it; safe to share between threads."""

    def __init__(self, folder: Path, *, cache: Path) -> None:
        """Open `folder`; `cache` receives unpacked copies of compressed line files.

        Raises WorldError, naming folder, file, line and remedy, for anything that cannot be used.
        """
        self._folder = folder
        self._cache = cache
        self._lock = Lock()
        self._line_collections: dict[str, Collection] = {}
        self.partner = _read_partner(folder)
        self.faults = _read_faults(folder)
        self._line_files = _find_line_files(folder)
        self._collections = {
            name: _open_collection(folder, name, id_of) for name, id_of in _ID_OF.items()
        }

    def collection(self, name: str) -> Collection:
        """Return a collection by its name, which is that of its file.

        Most worlds have customers, subscriptions, catalog, invoices and indirect_resellers; few
        have orders, indirect_providers, usage, entitlements, meters, delegated_relationships,
        service_requests, service_health or audit_records.
        An availability of the catalogue is found by its catalogue item id
        (product:sku:availability), because sku ids repeat from product to product.
        """
        return self._collections[name]

    def invoice_lines(self, invoice_id: str) -> Collection:
        """Return the lines of an invoice, in file order; lines have no id, so `get` finds none.

        An invoice without a file has no lines. The first call for an invoice reads its whole file.

        Raises WorldError when a compressed file cannot be unpacked.
        """
        key = invoice_id.lower()
        with self._lock:
            if key not in self._line_collections:
                self._line_collections[key] = self._index_lines(key)
            return self._line_collections[key]

    def _index_lines(self, key: str) -> Collection:
        path = self._line_files.get(key)
        if path is None:
            return Collection()
        where = _place(self._folder, f"invoice_lines/{path.name}")
        if path.suffix == ".gz":
            path = unpacked(path, cache=self._cache, where=where)
        return Collection(path, where=where)


def _resource_id(resource: Resource) -> object:
    return resource.get("id")


def _catalogue_id(resource: Resource) -> object:
    if "catalogItemId" in resource:
        return resource["catalogItemId"]
    if "productId" in resource and resource.get("id"):
        return f"{resource['productId']}:{resource['id']}"
    return resource.get("id")


_ID_OF: Mapping[str, IdOf | None] = {
    "customers": _resource_id,
    "subscriptions": _resource_id,
    "catalog": _catalogue_id,
    "invoices": _resource_id,
    "indirect_resellers": _resource_id,
    "meters": _resource_id,
    # These have no id of their own; they are found by their customer.
    "usage": None,
    "entitlements": None,
    "delegated_relationships": _resource_id,
    "service_requests": _resource_id,
    "service_health": _resource_id,
    # Some records of old trails have no id.
    "audit_records": None,
    "indirect_providers": _resource_id,
    "orders": _resource_id,
}


def _place(folder: Path, name: str) -> str:
    return f"World {folder}: {name}"


def _open_collection(folder: Path, name: str, id_of: IdOf | None) -> Collection:
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return Collection()
    return Collection(path, where=_place(folder, path.name), id_of=id_of)


def _read_partner(folder: Path) -> Partner:
    where = _place(folder, "partner.json")
    if not folder.is_dir():
        raise WorldError(f"World {folder}: there is no such folder. Check the path.")
    if not (folder / "partner.json").is_file():
        raise WorldError(
            f"{where} is missing. Every world needs it, with the keys {', '.join(PARTNER_KEYS)}."
        )
    content = _read_json(folder / "partner.json", where)
    if not isinstance(content, dict):
        raise WorldError(f"{where}: an object with the keys {', '.join(PARTNER_KEYS)} is expected.")
    missing = [key for key in PARTNER_KEYS if content.get(key) in (None, "")]
    if missing:
        raise WorldError(f"{where}: {', '.join(missing)} missing or empty. Add what is missing.")
    values = {name: _partner_value(content[key], key, where) for key, name in PARTNER_KEYS.items()}
    return Partner(**values)


def _partner_value(value: object, key: str, where: str) -> Any:
    if key == "sandbox":
        if not isinstance(value, bool):
            raise WorldError(f"{where}: sandbox is {value!r}. Write true or false.")
        return value
    if key == "mpnId" and isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise WorldError(f"{where}: {key} is {value!r}. Write it as a text in quotes.")
    if key == "program" and value not in PROGRAMS:
        raise WorldError(f"{where}: program is {value!r}. Write {' or '.join(PROGRAMS)}.")
    return value


def _read_faults(folder: Path) -> list[dict[str, Any]]:
    path = folder / "faults.json"
    if not path.exists():
        return []
    where = _place(folder, path.name)
    content = _read_json(path, where)
    if isinstance(content, list) and all(isinstance(fault, dict) for fault in content):
        return content
    raise WorldError(f"{where}: a list of objects is expected, one for each fault to play.")


def _read_json(path: Path, where: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorldError(f"{where}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise WorldError(f"{where}: not valid JSON ({error}). Write it as UTF-8 JSON.") from error


def _find_line_files(folder: Path) -> dict[str, Path]:
    """Return the line files by invoice id in lower case.

    Ids come from requests: looking them up in a listing, instead of building a path from them,
    leaves no way out of the folder.
    """
    found: dict[str, Path] = {}
    lines = folder / "invoice_lines"
    if not lines.is_dir():
        return found
    for path in sorted(lines.iterdir()):
        stem = path.name.removesuffix(".gz")
        if not stem.endswith(".jsonl"):
            continue
        key = stem.removesuffix(".jsonl").lower()
        if key in found:
            raise WorldError(
                f"{_place(folder, 'invoice_lines')}: {found[key].name} and {path.name} are for "
                "the same invoice. Keep one of the two."
            )
        found[key] = path
    return found
