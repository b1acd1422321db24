"""Closing a month: from then on whose its money is stays as it is."""
