"""places: to come."""
