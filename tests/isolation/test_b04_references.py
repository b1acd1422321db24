"""B04: a field that names another object takes no id of somebody else, and does not tell them apart.

Which fields those are is read from the API's own description and from the forms, so that a new one
without a reference in the matrix fails here.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from portal.core.access import Role
from tests.access.cast import CUSTOMERS
from tests.access.everything import REFERRING, ROWS
from tests.access.matrix import Row
from tests.isolation.conftest import Cast, Figure, described
from tests.web.forms import all_forms

pytestmark = pytest.mark.django_db(transaction=True)

REFUSALS = {400, 404, 422}
