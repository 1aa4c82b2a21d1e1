"""The desk: where officers work. The modules of this folder hang their views here."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
