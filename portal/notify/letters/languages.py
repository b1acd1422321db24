"""The languages a letter can be written in, and which one somebody is written to in."""

from typing import Final

LANGUAGES: Final = {
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "fr": "French",
    "hr": "Croatian",
    "hu": "Hungarian",
    "it": "Italian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
    "tr": "Turkish",
}
ENGLISH: Final = "en"


def language_of_locale(locale: str) -> str:
    """Return the language of a locale such as ``nl_NL``; English where it is none of ours."""
    code = locale.replace("-", "_").partition("_")[0].lower()
    return code if code in LANGUAGES else ENGLISH
