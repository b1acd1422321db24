"""In which encoding a file of text is: said by its own mark, told by a person, or guessed.

A wrong guess puts wrong letters into every name for ever, so a guess is only made where the bytes
leave little else, is called one (`Encoding.is_guess`), and comes with a sample for somebody to look
at before anything is written. The whole file is looked at, in constant memory.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from portal.core.errors import InvalidInput

CHUNK = 64 * 1024
SAMPLES = 3
AUTOMATIC = ""
CHOICES: Final = {
    AUTOMATIC: "Find out",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16 (“Unicode text”)",
    "windows-1252": "Windows-1252 (Western Europe)",
    "windows-1250": "Windows-1250 (Central Europe)",
    "iso-8859-1": "Latin-1",
}
"""What a person may say, by Python's name of it; Excel writes all of them."""
HOW_TO_SAVE = "Save the file as “CSV UTF-8” and take that."
NOT_TEXT: Final = {
    b"PK\x03\x04": "This is a workbook (XLSX or ODS) or a ZIP archive, not a CSV file."
    f" Open it in a spreadsheet. {HOW_TO_SAVE}",
    b"\xd0\xcf\x11\xe0": f"This is an old Excel workbook (XLS), not a CSV file. {HOW_TO_SAVE}",
    b"%PDF": "This is a PDF document, not a CSV file. A table cannot be read from it.",
    b"\x1f\x8b": "The file is compressed (gzip). Unpack it and take what is inside.",
}
"""How files begin that are no text, and what to do instead."""
WORD = re.compile(r"[^\W\d_]+(?:['’.&-][^\W\d_]+)*")
ODD = re.compile(r"[¢£¤¥¦§¨¬¯±²³´µ¶·¸¹º¼½¾×÷ˆ˜†‡‰](?=[^\W\d_])|[a-zß-öø-ÿ][À-ÖØ-ÞŠŒŽŸ]")
"""Signs before a letter, and capitals inside a word, as another encoding's letters come out."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to read a file. ``samples``: words of a guess in which a wrong one would show."""

    name: str
    is_guess: bool = False
    samples: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return the sentence that asks somebody to look at a guess."""
        words = ", ".join(f"“{word}”" for word in self.samples)
        return (
            f"The file does not say its encoding and is not UTF-8. Read as"
            f" {CHOICES.get(self.name, self.name)} it contains {words}. If that is not how it is"
            f" spelt, choose the encoding yourself. {HOW_TO_SAVE}"
        )


def find_encoding(stream: BinaryIO, *, told: str = AUTOMATIC) -> Encoding:
    """Read a file to its end and return its encoding.

    Args:
        told: one of `CHOICES`; what a file's own mark says goes first.

    Raises:
        InvalidInput: it is no text, or not in this encoding; says in which line.
    """
    if told not in CHOICES:
        names = ", ".join(filter(None, CHOICES))
        raise InvalidInput(f"There is no encoding {told!r} here. Choose one of {names}.")
    start = stream.read(CHUNK)
    for beginning, sentence in NOT_TEXT.items():
        if start.startswith(beginning):
            raise InvalidInput(sentence, code="not_a_table")
    name = _said_by(start) or told or "utf-8"
    stream.seek(0)
    fault = _check(stream, name)
    if fault is None:
        return Encoding(name)
    if told or name != "utf-8":
        raise InvalidInput(f"{fault} {HOW_TO_SAVE}", code="encoding")
    stream.seek(0)
    return _guess(stream, fault)


def _said_by(start: bytes) -> str:
    """Return the encoding a file's first bytes leave no doubt of."""
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = start[:1_000]
    if len(sample) >= 4 and not any(sample[0:8:2]) and all(sample[1:8:2]):
        return "utf-16-be"
    if len(sample) >= 4 and not any(sample[1:8:2]) and all(sample[0:8:2]):
        return "utf-16-le"
    return ""


def _check(stream: BinaryIO, name: str) -> str | None:
    """Return a sentence about the first place that is not in an encoding; None if all of it is."""
    decoder = codecs.getincrementaldecoder(name)()
    line, on_line = 1, 0
    while True:
        chunk = stream.read(CHUNK)
        held = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            whole = held + chunk
            before = whole[: error.start].decode(name, "ignore")
            line += before.count("\n")
            on_line = len(before.rpartition("\n")[2]) + (0 if "\n" in before else on_line) + 1
            wrong = whole[error.start] if error.start < len(whole) else 0
            return (
                f"Line {line} is not {CHOICES.get(name, name).split(' (')[0]} (byte 0x{wrong:02X}"
                f" at character {on_line})."
            )
        if not chunk:
            return None
        line += text.count("\n")
        on_line = len(text.rpartition("\n")[2]) + (0 if "\n" in text else on_line)


def _guess(stream: BinaryIO, fault: str) -> Encoding:
    """Return Windows-1252 if every sign of the file makes sense in it.

    Raises:
        InvalidInput: one does not; ``fault`` says why the file is not UTF-8.
    """
    samples: list[str] = []
    for line in _lines(stream):
        if line.isascii():
            continue
        text = _western(line)
        if text is None:
            others = ", ".join(list(CHOICES.values())[3:])
            raise InvalidInput(
                f"{fault} {HOW_TO_SAVE} Or choose the encoding it is in: {others}.",
                code="encoding",
            )
        if len(samples) < SAMPLES:
            words = [word[0] for word in WORD.finditer(text) if not word[0].isascii()]
            fresh = [word for word in words if word not in samples]
            samples += fresh[:1] if words else [text.strip()[:40]]
    return Encoding("windows-1252", is_guess=True, samples=tuple(samples))


def _western(line: bytes) -> str | None:
    """Return a line read as Windows-1252; None where that makes no sense of it."""
    try:
        text = line.decode("windows-1252")
    except UnicodeDecodeError:
        return None
    return None if ODD.search(text) or "\0" in text else text


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(CHUNK):
        yield line
