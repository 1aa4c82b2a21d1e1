"""`flask riskapp <noun> <verb>`."""

from flask import Flask
from flask.cli import AppGroup

riskapp = AppGroup("riskapp", help="Runs and inspects a riskapp installation.")


def register(app: Flask) -> None:
    app.cli.add_command(riskapp)
