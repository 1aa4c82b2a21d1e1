"""The table of adequacy decisions, and an administrator's own word on a country."""
