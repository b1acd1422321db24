"""The classes of errors, by room; everybody takes them from ``partnercenter.errors``."""
