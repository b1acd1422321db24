"""Collections hold what the file holds, whatever its size, at any position, for any id."""

import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.simulator.worlds import Collection, WorldError


def by_id(resource: dict[str, Any]) -> object:
    return resource.get("id")


def collection_of(path: Path, resources: list[dict[str, Any]]) -> Collection:
    content = "".join(json.dumps(resource, ensure_ascii=False) + "\n" for resource in resources)
    path.write_bytes(content.encode())
    return Collection(path, where=path.name, id_of=by_id)


@given(
    names=st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=30),
    offset=st.integers(0, 35),
    limit=st.integers(0, 35),
)
def test_pages_are_slices_of_the_file_for_any_text(
    names: list[str], offset: int, limit: int
) -> None:
    resources = [{"id": f"R{at}", "name": name} for at, name in enumerate(names)]
    with TemporaryDirectory() as folder:
        collection = collection_of(Path(folder) / "r.jsonl", resources)
        assert len(collection) == len(resources)
        assert list(collection) == resources
        assert collection.page(offset, limit) == resources[offset : offset + limit]
        raw = collection.raw_page(offset, limit)
        assert [json.loads(line) for line in raw] == resources[offset : offset + limit]


@given(ids=st.lists(st.text(st.sampled_from("abCD12-é"), min_size=1), unique_by=str.lower))
def test_every_id_is_found_without_regard_to_case(ids: list[str]) -> None:
    with TemporaryDirectory() as folder:
        collection = collection_of(Path(folder) / "r.jsonl", [{"id": value} for value in ids])
        for value in ids:
            assert collection.get(value.upper()) == {"id": value}
            assert collection.get(value.lower()) == {"id": value}
        assert collection.get("not there") is None


def test_iteration_crosses_the_size_of_its_chunks(tmp_path: Path) -> None:
    resources = [{"id": f"R{at}"} for at in range(2500)]
    assert list(collection_of(tmp_path / "r.jsonl", resources)) == resources


def test_negative_positions_are_taken_as_the_beginning(tmp_path: Path) -> None:
    collection = collection_of(tmp_path / "r.jsonl", [{"id": "A"}, {"id": "B"}])
    assert collection.page(-5, 1) == [{"id": "A"}]
    assert collection.page(0, -1) == []


def test_duplicate_id_is_refused_naming_both_lines(tmp_path: Path) -> None:
    resources = [{"id": "A"}, {"id": "b"}, {"id": "C"}, {"id": "B"}]
    with pytest.raises(WorldError, match=r"line 4: the id 'b' is already used on line 2"):
        collection_of(tmp_path / "r.jsonl", resources)


def test_ids_with_the_same_hash_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "partnercenter.simulator.worlds.index.hash", lambda _value: 1, raising=False
    )
    collection = collection_of(tmp_path / "r.jsonl", [{"id": "A"}, {"id": "B"}, {"id": "C"}])
    assert [collection.get(value) for value in "cab"] == [{"id": "C"}, {"id": "A"}, {"id": "B"}]
    assert collection.get("d") is None


def test_one_collection_serves_many_threads(tmp_path: Path) -> None:
    resources = [{"id": f"R{at}", "text": "x" * (at % 97)} for at in range(400)]
    collection = collection_of(tmp_path / "r.jsonl", resources)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(collection.get, (resource["id"] for resource in resources)))
    assert found == resources


def test_only_offsets_stay_in_memory(tmp_path: Path) -> None:
    """Opening and paging through 40 MB of records must not hold more than a small part of it."""
    path = tmp_path / "big.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f'{{"id":"R{at}","text":"{"y" * 2000}"}}\n' for at in range(20_000))
    tracemalloc.start()
    collection = Collection(path, where=path.name, id_of=by_id)
    assert sum(1 for _ in collection) == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000


def test_duplicate_id_is_found_among_other_ids_with_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "partnercenter.simulator.worlds.index.hash", lambda _value: 1, raising=False
    )
    with pytest.raises(WorldError, match="line 3: the id 'a' is already used on line 1"):
        collection_of(tmp_path / "r.jsonl", [{"id": "A"}, {"id": "B"}, {"id": "a"}])
