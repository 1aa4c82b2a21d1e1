"""What a WSGI server serves: `granian --interface wsgi --no-ws wsgi:app`."""

from riskapp import create_app
from riskapp.startup import make_ready

app = create_app()
make_ready(app)
