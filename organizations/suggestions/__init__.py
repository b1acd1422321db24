"""Which organization a tenant may belong to: candidates, stored, with score and reasons."""
