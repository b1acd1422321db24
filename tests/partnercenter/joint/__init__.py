"""The client and the simulator together, in one process."""

import pytest

pytest.register_assert_rewrite("tests.partnercenter.joint.stories")
