from flask import Blueprint

blueprint = Blueprint("auditor", __name__)
