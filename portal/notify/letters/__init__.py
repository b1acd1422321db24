"""Letters: mail that people word, one text per kind, reseller and language."""
