"""What each country asks of addresses, phone numbers and company numbers, as Microsoft says it."""
