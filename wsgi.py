"""What a WSGI server serves: `granian --interface wsgi wsgi:app`."""

from riskapp import create_app
from riskapp.core.db import reading
from riskapp.evidence.queries import blob_known
from riskapp.web.ports import ports

app = create_app()

with app.app_context():
    # What a killed process left behind is settled or cleared before the first request.
    ports().blobs.sweep(lambda blob: blob_known(reading(), blob))
