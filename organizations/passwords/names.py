"""What the letters of this capability are called."""

from typing import Final

WELCOME: Final = "accounts.welcome"
CODE: Final = "accounts.password_code"
