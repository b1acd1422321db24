"""Countries where a registration number is welcome but not demanded, and three that take none.

The United States and Canada register companies by state and province, and China is served by a
cloud of its own: a number given there is refused. Which countries Microsoft refuses it for is not
documented.
"""

from __future__ import annotations

from partnercenter.simulator.countries.country import Country, Format, codes

_FOUR = Format("[0-9]{4}", "1000")
_FIVE = Format("[0-9]{5}", "10115")
_BRITISH_VAT = r"GB(([\d]{3,3}[\d]{4,4}[\d]{2,2}([\d]{3,3})?)|((GD|HA)[\d]{3,3}))"
_BRITISH_POSTCODE = (
    "([gG][iI][rR][ ]?0[aA]{2,2}"
    "|[a-zA-Z]([0-9][0-9a-zA-Z]?|[a-zA-Z][0-9][0-9a-zA-Z]?)[ ]?[0-9][a-zA-Z]{2,2})"
)
_AMERICAN_PHONE = r"(1[ \-\/\.]?)?(\((\d{3})\)|(\d{3}))[ \-\/\.]?(\d{3})[ \-\/\.]?(\d{4})"

_STATES_US = codes(
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND "
    "NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
)
_PROVINCES_CA = codes("AB BC MB NB NL NS NT NU ON PE QC SK YT")
_PROVINCES_CN = codes(
    "AH BJ CQ FJ GD GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SH SN SX TJ XJ XZ YN ZJ"
)
# Mexico's own abbreviations have two to four letters.
_STATES_MX = codes(
    "AGS BC BCS CAMP CHIS CHIH COAH COL CDMX DGO GTO GRO HGO JAL MEX MICH MOR NAY NL OAX PUE "
    "QRO QROO SLP SIN SON TAB TAMPS TLAX VER YUC ZAC"
)
_STATES_AU = codes("ACT NSW NT QLD SA TAS VIC WA")


def _country(
    code: str,
    cultures: str,
    calling_code: str,
    postal_code: Format | None,
    vat_id: Format | None = None,
) -> Country:
    # English as spoken in the United States is offered wherever the recorded rules show a list.
    names = tuple(dict.fromkeys((*cultures.split(), "en-US")))
    return Country(code, names, (calling_code,), postal_code, vat_id=vat_id)


def _vat(pattern: str, sample: str) -> Format:
    return Format(pattern, sample)


NORTH_AMERICA_AND_CHINA = (
    Country(
        code="US",
        cultures=("en-US", "es-US"),
        calling_codes=("1",),
        postal_code=Format(r"\d{5}(-\d{4})?", "98052"),
        states=_STATES_US,
        tax_id=True,
        phone=Format(_AMERICAN_PHONE, "4255550101"),
        number_supported=False,
    ),
    Country(
        code="CA",
        cultures=("en-CA", "fr-CA", "en-US"),
        calling_codes=("1",),
        postal_code=Format("[A-Za-z][0-9][A-Za-z][ ]?[0-9][A-Za-z][0-9]", "K1A 0B1"),
        states=_PROVINCES_CA,
        tax_id=True,
        phone=Format(_AMERICAN_PHONE, "6135550101"),
        number_supported=False,
    ),
    Country(
        code="MX",
        cultures=("es-MX", "en-US"),
        calling_codes=("52",),
        postal_code=Format("[0-9]{5}", "06000"),
        states=_STATES_MX,
        tax_id=True,
    ),
    Country(
        code="CN",
        cultures=("zh-CN", "en-US"),
        calling_codes=("86",),
        postal_code=Format("[0-9]{6,6}", "100000"),
        # The older name of written Chinese, as the recorded rules spell it.
        languages=("zh-CHS", "en"),
        states=_PROVINCES_CN,
        number_supported=False,
    ),
)

EUROPE = (
    _country("AT", "de-AT", "43", _FOUR, _vat("ATU[0-9]{8}", "ATU12345678")),
    _country("BE", "nl-BE fr-BE", "32", _FOUR, _vat("BE[01][0-9]{9}", "BE0123456789")),
    _country("BG", "bg-BG", "359", _FOUR, _vat("BG[0-9]{9,10}", "BG123456789")),
    _country("CH", "de-CH fr-CH it-CH", "41", _FOUR, _vat("CHE-?[0-9]{9}", "CHE-123456789")),
    _country("CY", "el-CY", "357", _FOUR, _vat("CY[0-9]{8}[A-Z]", "CY12345678X")),
    _country(
        "CZ",
        "cs-CZ",
        "420",
        Format("[0-9]{3} ?[0-9]{2}", "110 00"),
        _vat("CZ[0-9]{8,10}", "CZ12345678"),
    ),
    _country("DE", "de-DE", "49", _FIVE, _vat("DE[0-9]{9}", "DE123456789")),
    _country("DK", "da-DK", "45", _FOUR, _vat("DK[0-9]{8}", "DK12345678")),
    _country("EE", "et-EE", "372", _FIVE, _vat("EE[0-9]{9}", "EE123456789")),
    _country("ES", "es-ES", "34", _FIVE, _vat("ES[A-Z0-9][0-9]{7}[A-Z0-9]", "ESB12345678")),
    _country("FI", "fi-FI sv-FI", "358", _FIVE, _vat("FI[0-9]{8}", "FI12345678")),
    _country("FR", "fr-FR", "33", _FIVE, _vat("FR[A-Z0-9]{2}[0-9]{9}", "FR12123456789")),
    _country(
        "GB",
        "en-GB",
        "44",
        Format(_BRITISH_POSTCODE, "SW1A 1AA"),
        _vat(_BRITISH_VAT, "GB123456789"),
    ),
    _country(
        "GR",
        "el-GR",
        "30",
        Format("[0-9]{3} ?[0-9]{2}", "105 57"),
        _vat("EL[0-9]{9}", "EL123456789"),
    ),
    _country("HR", "hr-HR", "385", _FIVE, _vat("HR[0-9]{11}", "HR12345678901")),
    _country(
        "IE",
        "en-IE",
        "353",
        Format("[A-Za-z][0-9]{2}W? ?[A-Za-z0-9]{4}", "D02 AF30"),
        _vat("IE[0-9][A-Z0-9+*][0-9]{5}[A-Z]{1,2}", "IE1234567T"),
    ),
    _country("IS", "is-IS", "354", Format("[0-9]{3}", "101"), _vat("[0-9]{5,6}", "12345")),
    _country("IT", "it-IT", "39", _FIVE, _vat("IT[0-9]{11}", "IT12345678901")),
    _country("LI", "de-LI", "423", Format("94[89][0-9]", "9490"), _vat("[0-9]{5}", "12345")),
    _country(
        "LT",
        "lt-LT",
        "370",
        Format("(LT-)?[0-9]{5}", "LT-01100"),
        _vat("LT([0-9]{9}|[0-9]{12})", "LT123456789"),
    ),
    _country("LU", "fr-LU de-LU", "352", _FOUR, _vat("LU[0-9]{8}", "LU12345678")),
    _country(
        "LV",
        "lv-LV",
        "371",
        Format("(LV-)?[0-9]{4}", "LV-1010"),
        _vat("LV[0-9]{11}", "LV12345678901"),
    ),
    _country(
        "MT",
        "mt-MT",
        "356",
        Format("[A-Za-z]{3} ?[0-9]{4}", "VLT 1117"),
        _vat("MT[0-9]{8}", "MT12345678"),
    ),
    _country(
        "NL",
        "nl-NL",
        "31",
        Format("[1-9][0-9]{3} ?[A-Za-z]{2}", "1012 AB"),
        _vat("NL[0-9]{9}B[0-9]{2}", "NL123456789B01"),
    ),
    _country("NO", "nb-NO", "47", _FOUR, _vat("(NO)?[0-9]{9}(MVA)?", "NO123456789MVA")),
    _country(
        "PT",
        "pt-PT",
        "351",
        Format("[0-9]{4}-[0-9]{3}", "1000-001"),
        _vat("PT[0-9]{9}", "PT123456789"),
    ),
    _country("RO", "ro-RO", "40", Format("[0-9]{6}", "010011"), _vat("RO[0-9]{2,10}", "RO123456")),
    _country(
        "SE",
        "sv-SE",
        "46",
        Format("[0-9]{3} ?[0-9]{2}", "111 20"),
        _vat("SE[0-9]{12}", "SE123456789001"),
    ),
    _country("SI", "sl-SI", "386", _FOUR, _vat("SI[0-9]{8}", "SI12345678")),
    _country(
        "SK",
        "sk-SK",
        "421",
        Format("[0-9]{3} ?[0-9]{2}", "811 01"),
        _vat("SK[0-9]{10}", "SK1234567890"),
    ),
)

ELSEWHERE = (
    Country(
        code="AU",
        cultures=("en-AU", "en-US"),
        calling_codes=("61",),
        postal_code=_FOUR,
        states=_STATES_AU,
        tax_id=True,
    ),
    _country("EG", "ar-EG", "20", _FIVE),
    _country("HK", "zh-HK", "852", None),
    _country("ID", "id-ID", "62", _FIVE),
    _country("IL", "he-IL", "972", Format("[0-9]{5}([0-9]{2})?", "9103401")),
    _country("JP", "ja-JP", "81", Format("[0-9]{3}-?[0-9]{4}", "100-0001")),
    _country("KR", "ko-KR", "82", _FIVE),
    _country("NZ", "en-NZ", "64", _FOUR),
    _country("PH", "en-PH", "63", _FOUR),
    _country("SG", "en-SG zh-SG", "65", Format("[0-9]{6}", "018956")),
    _country("TW", "zh-TW", "886", Format("[0-9]{3}([0-9]{2,3})?", "100")),
)
