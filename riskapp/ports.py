"""The parts that an app is joined from; `create_app` chooses them, tests hand in their own."""

from dataclasses import dataclass

from riskapp.audit.log import Log
from riskapp.catalogue.library import Library
from riskapp.core.clock import Clock
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.signing import Signer
from riskapp.core.mail import Mailer
from riskapp.core.pdf.pages import PdfPages
from riskapp.core.scanning import Scanner
from riskapp.core.stamping import Stamper
from riskapp.core.storage.port import BlobStore
from riskapp.settings import Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """What views and verbs hand to services.

    `mailer` is None where no mail server is set, `scanner` where no virus scanner is, `stamper`
    where no time-stamping authority is.
    """

    settings: Settings
    clock: Clock
    library: Library
    blobs: BlobStore
    keyring: Keyring
    signer: Signer
    stamper: Stamper | None
    log: Log
    scanner: Scanner | None
    mailer: Mailer | None
    pdf: PdfPages
