"""What is granted to auditors: they read, and take packs away."""

from flask import Blueprint

blueprint = Blueprint("auditor", __name__, url_prefix="/auditor")
