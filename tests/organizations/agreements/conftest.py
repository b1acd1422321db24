"""A tenant that was provisioned while nobody said who agreed."""

from tests.organizations.provisioning.conftest import north as north
from tests.organizations.provisioning.conftest import partner as partner
