"""The process that seals one pack with age: clear bytes come in, sealed bytes go out.

Started by its path by `sealing.py`, which names the folder to import from and the public key. Ends
with 0 only where all that came in is sealed and written.
"""

import importlib
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    folder, to = sys.argv[1:]
    sys.path.append(folder)
    pyrage = importlib.import_module("pyrage")
    kind = pyrage.ssh if to.startswith("ssh-") else pyrage.x25519
    try:
        pyrage.encrypt_io(sys.stdin.buffer, sys.stdout.buffer, [kind.Recipient.from_str(to)])
        sys.stdout.buffer.flush()
    except OSError:
        os._exit(1)  # whoever wanted it has gone
    os._exit(0)


if __name__ == "__main__":
    main()
