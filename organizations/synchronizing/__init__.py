"""Synchronization options of accounts, and the provisioning systems they are for."""
