"""The process that sets one report: its template and what it tells come in, a PDF goes out.

Apart from the server, since the typesetter remembers hundreds of megabytes of what it has set.
Started by its path, which names the folder to import from; imports nothing of riskapp. Ends with 0
only where a whole PDF was written.
"""

import importlib
import json
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    sys.path.append(sys.argv[1])
    typst = importlib.import_module("typst")
    wanted = json.load(sys.stdin.buffer)
    try:
        pdf = typst.compile(
            {name: text.encode() for name, text in wanted["files"].items()},
            format="pdf",
            ignore_system_fonts=True,
            pdf_standards=wanted["standards"],
            timestamp=wanted["timestamp"],
        )
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n")
        sys.stderr.flush()
        os._exit(1)
    sys.stdout.buffer.write(pdf)
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
