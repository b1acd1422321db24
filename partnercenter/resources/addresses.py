"""Whether an address is one, and what a country asks of it."""

import re

from partnercenter.errors import CountryUnknown, InvalidRequest, MixedUpAnswer
from partnercenter.schemas.addresses import AddressCheck, read_address_check, write_address
from partnercenter.schemas.countries import CountryRules, read_country_rules
from partnercenter.schemas.profiles import Address
from partnercenter.transport import Transport, join_path

_COUNTRY = re.compile(r"[A-Za-z]{2}")


class Addresses:
    """Microsoft's knowledge of addresses."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def check(self, address: Address) -> AddressCheck:
        """Return what Microsoft makes of an address; a bad one is no error.

        Nothing changes by it, so it is tried again like reading.
        """

        def read(body: object) -> AddressCheck:
            result = read_address_check(body)
            if result.original and result.original.country not in ("", address.country.upper()):
                raise MixedUpAnswer("The answer is about another address.")
            return result

        return self._transport.send(
            "POST",
            "/v1/validations/address",
            body=write_address(address),
            read=read,
            idempotent=True,
        )

    def country_rules(self, country: str) -> CountryRules:
        """Return the rules of a country, named by its ISO code (``GB``, not ``UK``).

        Raises: CountryUnknown, InvalidRequest when it is no code of two letters.
        """
        if not _COUNTRY.fullmatch(country.strip()):
            raise InvalidRequest("A country is named by two letters.")
        code = country.strip().upper()

        def read(body: object) -> CountryRules:
            rules = read_country_rules(body)
            if rules.country != code:
                raise MixedUpAnswer("The answer is about another country.")
            return rules

        path = join_path("v1", "countryvalidationrules", code)
        return self._transport.get(path, read=read, missing=CountryUnknown)
