from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskapp.core.errors import Refusal


class BackupUnfit(Refusal):
    """A backup cannot be written, or not be put back: the message says why and the way out."""


@contextmanager
def files_of(folder: Path) -> Iterator[None]:
    """What the system refuses in a backup's folder becomes a refusal in words."""
    try:
        yield
    except OSError as fault:
        raise BackupUnfit(
            f"{fault.filename or folder}: {fault.strerror or fault}. Mend that and run it again; "
            "until it says that it is done, the backup before it stays the one that counts."
        ) from fault
