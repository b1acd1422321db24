"""An app that only tests install: migrations of every kind a later release could bring."""
