from tests.small import app

__all__ = ["app"]
