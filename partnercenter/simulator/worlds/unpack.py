"""Compressed line files, unpacked once into the cache.

Pages are read from the middle of a file, which gzip cannot do, so a compressed file is written out
in full before it is indexed. The copy's name carries the size and time of the original: a changed
original gets a new copy, an unchanged one is never unpacked twice.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
import zlib
from pathlib import Path

from partnercenter.simulator.worlds.errors import WorldError


def unpacked(path: Path, *, cache: Path, where: str) -> Path:
    """Return a plain copy of the gzip file `path` inside `cache`, unpacking it if need be.

    Raises WorldError when the file is not gzip or the cache cannot be written.
    """
    target = cache / "unpacked" / f"{_fingerprint(path)}.jsonl"
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
            _copy_content(path, Path(copy.name))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise WorldError(
            f"{where}: cannot be unpacked ({error}). Compress it again with gzip, or store it "
            "plain without the .gz ending."
        ) from error
    except OSError as error:
        raise WorldError(
            f"{where}: cannot be unpacked into {target.parent} ({error.strerror}). "
            "Check free space and rights there."
        ) from error
    Path(copy.name).replace(target)
    return target


def _copy_content(path: Path, copy: Path) -> None:
    try:
        with gzip.open(path, "rb") as packed, copy.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except BaseException:
        copy.unlink()
        raise


def _fingerprint(path: Path) -> str:
    facts = path.stat()
    text = f"{path.resolve()}\n{facts.st_size}\n{facts.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
