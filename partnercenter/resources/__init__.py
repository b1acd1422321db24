"""One class per resource of the API, each holding only the transport."""
