"""sharing: to come."""
