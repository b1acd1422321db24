"""Countries whose customers must give a registration number: the list of "Create a customer".

For the first twelve the same page also demands the telephone number of the default address. The
forms are those of each country's own register of companies or taxpayers.
"""

from __future__ import annotations

from partnercenter.simulator.countries.country import Country, Format, codes

_FIVE = Format("[0-9]{5}", "10110")
_SIX = Format("[0-9]{6}", "101100")


def _registered(
    code: str,
    culture: str,
    calling_code: str,
    postal_code: Format | None,
    number: Format,
    *,
    phone_required: bool = False,
    vat_id: Format | None = None,
    tax_id: bool = False,
    states: tuple[str, ...] = (),
) -> Country:
    return Country(
        code=code,
        cultures=tuple(dict.fromkeys((culture, "en-US"))),
        calling_codes=(calling_code,),
        postal_code=postal_code,
        states=states,
        vat_id=vat_id,
        tax_id=tax_id,
        number=number,
        number_required=True,
        phone_required=phone_required,
    )


_STATES_IN = codes(
    "AN AP AR AS BR CH CT DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OR PB PY RJ "
    "SK TN TR TS UP UT WB"
)
_STATES_BR = codes(
    "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"
)

WITH_NUMBER_AND_PHONE = tuple(
    _registered(code, culture, calling_code, postal_code, number, phone_required=True, **more)
    for code, culture, calling_code, postal_code, number, more in (
        ("AM", "hy-AM", "374", Format("[0-9]{4}", "0010"), Format("[0-9]{8}", "00123456"), {}),
        (
            "AZ",
            "az-AZ",
            "994",
            Format("(AZ ?)?[0-9]{4}", "AZ 1000"),
            Format("[0-9]{10}", "1234567891"),
            {},
        ),
        ("BY", "be-BY", "375", _SIX, Format("[0-9]{9}", "123456789"), {}),
        (
            "HU",
            "hu-HU",
            "36",
            Format("[0-9]{4}", "1011"),
            Format("[0-9]{2}-[0-9]{2}-[0-9]{6}", "01-09-123456"),
            {"vat_id": Format("HU[0-9]{8}", "HU12345678")},
        ),
        (
            "IN",
            "hi-IN",
            "91",
            Format("[1-9][0-9]{5}", "110001"),
            # The permanent account number: the fourth letter is the kind of its holder.
            Format("[A-Z]{3}[ABCFGHLJPT][A-Z][0-9]{4}[A-Z]", "AAACA1234A"),
            {"tax_id": True, "states": _STATES_IN},
        ),
        ("KZ", "kk-KZ", "7", _SIX, Format("[0-9]{12}", "123456789012"), {}),
        ("KG", "ky-KG", "996", _SIX, Format("[0-9]{14}", "12345678901234"), {}),
        (
            "MD",
            "ro-MD",
            "373",
            Format("(MD-?)?[0-9]{4}", "MD-2001"),
            Format("[0-9]{13}", "1234567890123"),
            {},
        ),
        ("RU", "ru-RU", "7", _SIX, Format("([0-9]{10}|[0-9]{12})", "1234567890"), {}),
        ("TJ", "tg-TJ", "992", _SIX, Format("[0-9]{9}", "123456789"), {}),
        ("UZ", "uz-UZ", "998", _SIX, Format("[0-9]{9}", "123456789"), {}),
        ("UA", "uk-UA", "380", _FIVE, Format("([0-9]{8}|[0-9]{10})", "12345678"), {}),
    )
)

WITH_NUMBER = tuple(
    _registered(code, culture, calling_code, postal_code, number, **more)
    for code, culture, calling_code, postal_code, number, more in (
        (
            "BR",
            "pt-BR",
            "55",
            Format("[0-9]{5}-?[0-9]{3}", "01001-000"),
            Format(r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}/?[0-9]{4}-?[0-9]{2}", "12.345.678/0001-95"),
            {"tax_id": True, "states": _STATES_BR},
        ),
        ("ZA", "en-ZA", "27", Format("[0-9]{4}", "0001"), Format("[0-9]{10}", "9012345678"), {}),
        (
            "PL",
            "pl-PL",
            "48",
            Format("[0-9]{2}-?[0-9]{3}", "00-001"),
            Format("[0-9]{10}", "1234563218"),
            {"vat_id": Format("PL[0-9]{10}", "PL1234563218")},
        ),
        ("AE", "ar-AE", "971", None, Format("[0-9]{15}", "100123456700003"), {}),
        (
            "SA",
            "ar-SA",
            "966",
            Format("[0-9]{5}(-[0-9]{4})?", "11564"),
            Format("([0-9]{10}|[0-9]{15})", "1010123456"),
            {},
        ),
        ("TR", "tr-TR", "90", _FIVE, Format("([0-9]{10}|[0-9]{11})", "1234567890"), {}),
        ("TH", "th-TH", "66", _FIVE, Format("[0-9]{13}", "0105512345678"), {}),
        (
            "VN",
            "vi-VN",
            "84",
            Format("[0-9]{5,6}", "100000"),
            Format("[0-9]{10}(-[0-9]{3})?", "0101234567"),
            {},
        ),
        ("MM", "en-MM", "95", _FIVE, Format("[0-9]{9}", "123456789"), {}),
        ("IQ", "ar-IQ", "964", _FIVE, Format("[0-9]{4,10}", "123456"), {}),
        ("SS", "en-SS", "211", None, Format("[0-9]{4,10}", "123456"), {}),
        (
            "VE",
            "es-VE",
            "58",
            Format("[0-9]{4}", "1010"),
            Format("[JGVEPC]-?[0-9]{8}-?[0-9]", "J-12345678-9"),
            {},
        ),
    )
)
