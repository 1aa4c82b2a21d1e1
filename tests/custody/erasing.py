"""Short ways to erase, for tests."""

from riskapp.custody.certificates import Scope
from riskapp.custody.erasing import Means, Wish, erase_file, erase_vendor
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests.cast import Member

REASON = "The vendor asked for it: the report names its customers."
ASKED = "Vera Vogt, Nordlicht Software GmbH"


def means() -> Means:
    parts = ports()
    return Means(parts.blobs, parts.signer, "Harbour Bank")


def wish(by: Member, scope: Scope = Scope.FILE, reason: str = REASON) -> Wish:
    return Wish(scope, reason, ASKED, by.actor, ports().clock.now())


def erased(invitation: OpenedInvitation, file: SealedFile, by: Member) -> str:
    return erase_file(means(), invitation.vendor_id, file.evidence_id, wish(by))


def all_erased(vendor_id: str, by: Member) -> str:
    return erase_vendor(means(), vendor_id, wish(by, Scope.VENDOR))
