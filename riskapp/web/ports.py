from typing import cast

from flask import current_app

from riskapp.ports import Ports


def ports() -> Ports:
    """The parts that this app was joined from."""
    return cast(Ports, current_app.extensions["riskapp"])
