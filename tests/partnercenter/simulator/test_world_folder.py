"""A world folder people write by hand: what is tolerated, and how each mistake is named."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator.worlds import World, WorldError, open_world

PARTNER = {
    "tenantId": "0b6f7c1e-2d60-4f4e-9a53-6f2d5a1c7e10",
    "companyName": "Halorvik Cloud",
    "country": "NL",
    "domain": "halorvik.onmicrosoft.com",
    "program": "direct",
    "mpnId": "5012345",
    "clientId": "app",
    "clientSecret": "hush",
    "sandbox": False,
}
COLLECTIONS = ("customers", "subscriptions", "catalog", "invoices", "indirect_resellers")


def write_world(folder: Path, *, partner: object = PARTNER, **files: str | bytes) -> Path:
    """Write partner.json and `name=content` as name.jsonl; bytes are written as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "partner.json").write_text(json.dumps(partner), encoding="utf-8")
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.jsonl").write_bytes(data)
    return folder


def opened(folder: Path) -> World:
    return open_world(str(folder), cache=folder.parent / "cache")


def ids(world: World, name: str) -> list[str]:
    return [resource["id"] for resource in world.collection(name)]


def test_partner_is_read_with_every_field(tmp_path: Path) -> None:
    partner = opened(write_world(tmp_path / "w")).partner
    assert (partner.tenant_id, partner.company_name) == (PARTNER["tenantId"], "Halorvik Cloud")
    assert (partner.country, partner.domain) == ("NL", "halorvik.onmicrosoft.com")
    assert (partner.program, partner.mpn_id) == ("direct", "5012345")
    assert (partner.client_id, partner.client_secret) == ("app", "hush")
    assert partner.sandbox is False


def test_everything_but_the_partner_may_be_absent(tmp_path: Path) -> None:
    world = opened(write_world(tmp_path / "w"))
    assert [len(world.collection(name)) for name in COLLECTIONS] == [0] * 5
    assert world.collection("customers").get("anything") is None
    assert world.collection("customers").page(0, 10) == []
    assert list(world.invoice_lines("G1")) == []
    assert world.faults == []


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"id":"A"}\n{"id":"B"}\n',
        b'{"id":"A"}\r\n{"id":"B"}\r\n',
        b'{"id":"A"}\n\n  \n{"id":"B"}\n\n\r\n',
        b'{"id":"A"}\n{"id":"B"}',
        b'\xef\xbb\xbf\r\n  {"id":"A"}  \r\n{"id":"B"}\r\n   ',
    ],
    ids=["bom", "crlf", "blank lines", "no last line feed", "all of it"],
)
def test_files_from_any_editor_are_read(tmp_path: Path, content: bytes) -> None:
    world = opened(write_world(tmp_path / "w", customers=content))
    assert ids(world, "customers") == ["A", "B"]
    assert world.collection("customers").get("b") == {"id": "B"}
    assert world.collection("customers").page(1, 5) == [{"id": "B"}]


def test_partner_file_may_carry_a_byte_order_mark(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    (folder / "partner.json").write_text(json.dumps(PARTNER), encoding="utf-8-sig")
    assert opened(folder).partner.country == "NL"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "C"', "not valid JSON"),
        ('{"id": "C", "totalCharges": NaN}', "NaN"),
        ('["C"]', "a JSON object was expected"),
        ('"C"', "a JSON object was expected"),
        ('{"name": "C"}', "no id"),
        ('{"id": ""}', "no id"),
        ('{"id": 7}', "no id"),
        ('{"id": null}', "no id"),
        ('{"id": "a"}', "already used on line 1"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
@pytest.mark.parametrize("name", COLLECTIONS)
def test_bad_record_is_refused_with_folder_file_and_line(
    tmp_path: Path, name: str, line: str, reason: str
) -> None:
    folder = write_world(tmp_path / "w", **{name: f'{{"id":"A"}}\n\n{{"id":"B"}}\n{line}\n'})
    with pytest.raises(WorldError) as error:
        opened(folder)
    message = str(error.value)
    assert str(folder) in message
    assert f"{name}.jsonl, line 4" in message
    assert reason in message


def test_record_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w", customers=b'{"id":"A"}\n{"id":"B","n":"caf\xe9"}\n')
    with pytest.raises(WorldError, match=r"customers\.jsonl, line 2: not valid JSON.*UTF-8"):
        opened(folder)


@pytest.mark.parametrize("key", PARTNER)
@pytest.mark.parametrize("how", ["absent", "null", "empty"])
def test_partner_key_that_is_missing_is_named(tmp_path: Path, key: str, how: str) -> None:
    partner: dict[str, Any] = dict(PARTNER)
    if how == "absent":
        del partner[key]
    else:
        partner[key] = None if how == "null" else ""
    with pytest.raises(WorldError, match=rf"partner\.json: {key} missing"):
        opened(write_world(tmp_path / "w", partner=partner))


@pytest.mark.parametrize(
    ("key", "value"),
    [("sandbox", "no"), ("program", "reseller"), ("country", 31), ("tenantId", ["x"])],
)
def test_partner_value_of_the_wrong_kind_is_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    with pytest.raises(WorldError, match=rf"partner\.json: {key} is .* Write"):
        opened(write_world(tmp_path / "w", partner={**PARTNER, key: value}))


def test_folder_without_partner_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"partner\.json is missing.*tenantId"):
        open_world(str(tmp_path), cache=tmp_path / "cache")


@pytest.mark.parametrize("text", ["[]", "{", ""])
def test_partner_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    folder = write_world(tmp_path / "w")
    (folder / "partner.json").write_text(text, encoding="utf-8")
    with pytest.raises(WorldError, match=r"partner\.json"):
        opened(folder)


def test_unknown_world_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"small.*second.*large.*nor a folder"):
        open_world(str(tmp_path / "nowhere"), cache=tmp_path)


def test_faults_are_read_as_written(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    (folder / "faults.json").write_text('[{"status": 503}]', encoding="utf-8")
    assert opened(folder).faults == [{"status": 503}]


@pytest.mark.parametrize("text", ["{}", "[1]", "nonsense"])
def test_faults_of_the_wrong_shape_are_refused(tmp_path: Path, text: str) -> None:
    folder = write_world(tmp_path / "w")
    (folder / "faults.json").write_text(text, encoding="utf-8")
    with pytest.raises(WorldError, match=r"faults\.json"):
        opened(folder)


def write_lines_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / "invoice_lines" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("name", ["G01.jsonl", "G01.jsonl.gz", "g01.jsonl"])
def test_invoice_lines_are_read_plain_and_compressed(tmp_path: Path, name: str) -> None:
    folder = write_world(tmp_path / "w")
    write_lines_file(folder, name, b'\xef\xbb\xbf{"quantity":1}\r\n\r\n{"quantity":2}\r\n')
    lines = opened(folder).invoice_lines("G01")
    assert len(lines) == 2
    assert lines.page(1, 2000) == [{"quantity": 2}]
    assert lines.get("G01") is None


def test_compressed_lines_that_changed_are_unpacked_again(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    write_lines_file(folder, "G1.jsonl.gz", b'{"quantity":1}\n')
    assert len(opened(folder).invoice_lines("G1")) == 1
    write_lines_file(folder, "G1.jsonl.gz", b'{"quantity":1}\n{"quantity":22}\n')
    assert len(opened(folder).invoice_lines("G1")) == 2


def test_compressed_lines_are_unpacked_only_once(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    write_lines_file(folder, "G1.jsonl.gz", b'{"quantity":1}\n')
    for _ in range(2):
        assert len(opened(folder).invoice_lines("G1")) == 1
        assert len(list((tmp_path / "cache" / "unpacked").iterdir())) == 1


def test_damaged_compressed_file_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    path = write_lines_file(folder, "G1.jsonl.gz", b'{"quantity":1}\n' * 9000)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(WorldError, match=r"G1\.jsonl\.gz: cannot be unpacked"):
        opened(folder).invoice_lines("G1")
    assert list((tmp_path / "cache" / "unpacked").iterdir()) == []


def test_bad_invoice_line_is_refused_with_its_line_when_read(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    write_lines_file(folder, "G1.jsonl", b'{"quantity":1}\n\n{"quantity":\n{"quantity":3}\n')
    lines = opened(folder).invoice_lines("G1")
    assert lines.page(2, 1) == [{"quantity": 3}]
    with pytest.raises(WorldError, match=r"G1\.jsonl, line 3: not valid JSON"):
        lines.page(0, 10)


def test_two_files_for_one_invoice_are_refused(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w")
    write_lines_file(folder, "G1.jsonl", b"")
    write_lines_file(folder, "g1.jsonl.gz", b"")
    with pytest.raises(WorldError, match=r"same invoice"):
        opened(folder)


@pytest.mark.parametrize("invoice_id", ["../customers", "/etc/passwd", "..", "", "\0", "G1/../G2"])
def test_invoice_id_cannot_leave_the_folder(tmp_path: Path, invoice_id: str) -> None:
    folder = write_world(tmp_path / "w", customers='{"id":"A"}\n')
    write_lines_file(folder, "G2.jsonl", b'{"quantity":1}\n')
    assert len(opened(folder).invoice_lines(invoice_id)) == 0


def test_catalogue_items_are_found_by_their_whole_id(tmp_path: Path) -> None:
    content = (
        '{"id":"P1","title":"one"}\n'
        '{"id":"0001","productId":"P1"}\n'
        '{"id":"0001","productId":"P2"}\n'
        '{"id":"AV","productId":"P1","skuId":"0001","catalogItemId":"P1:0001:AV"}\n'
    )
    catalog = opened(write_world(tmp_path / "w", catalog=content)).collection("catalog")
    assert catalog.get("p1") == {"id": "P1", "title": "one"}
    assert catalog.get("P2:0001") == {"id": "0001", "productId": "P2"}
    found = catalog.get("p1:0001:av")
    assert found is not None
    assert found["skuId"] == "0001"


def test_world_changed_while_open_is_noticed(tmp_path: Path) -> None:
    folder = write_world(tmp_path / "w", customers='{"id":"A"}\n{"id":"B"}\n')
    customers = opened(folder).collection("customers")
    (folder / "customers.jsonl").write_text('{"id":"A"}\n', encoding="utf-8")
    with pytest.raises(WorldError, match="changed since"):
        customers.page(0, 2)
    (folder / "customers.jsonl").unlink()
    with pytest.raises(WorldError, match="cannot be read"):
        customers.page(0, 2)
