"""How each person wants to see each table: saved views and chosen columns."""
