"""Reaching people and programs: mail, webhooks, what each wants to hear, and what became of it."""
