"""The outside API of Partner Center: its client and its simulator."""
