"""The scheme's text, for whoever holds a receipt."""
