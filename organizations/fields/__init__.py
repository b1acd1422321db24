"""Fields that a reseller or a vendor adds to accounts, organizations and people."""
