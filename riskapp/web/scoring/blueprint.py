"""How scores come about: the scheme and its text, and the table of adequacy decisions."""

from flask import Blueprint

blueprint = Blueprint("scoring", __name__, url_prefix="/scoring")
