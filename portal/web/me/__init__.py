"""The signed-in person: profile, tokens, switching reseller."""
