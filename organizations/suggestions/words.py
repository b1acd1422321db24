"""Suggestions in words: pure text, so that links, pages and files say the same."""

from collections.abc import Sequence

REASON_LENGTH = 500


def sentence_of(reasons: Sequence[str]) -> str:
    """Write reasons as one sentence: “Same domain contoso.com; name alike.”"""
    text = "; ".join(reasons)
    if not text:
        return ""
    sentence = f"{text[0].upper()}{text[1:]}"
    return sentence if len(sentence) <= REASON_LENGTH else f"{sentence[: REASON_LENGTH - 1]}…"
