"""Questionnaires: officers and administrators read and try them, administrators bring their own."""

from flask import Blueprint

blueprint = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")
