"""Why an upload was refused. Views catch `UploadRefused` and word it; uncaught ones still answer.

They are HTTP exceptions because most are raised while Werkzeug reads the body, under any view.
"""

from werkzeug.exceptions import HTTPException

from riskapp.core.sentences import Sentence


class UploadRefused(HTTPException):
    """The parent of all of them: nothing was kept, and what was left of the body is not read."""

    code = 400


class ChunkedRefused(UploadRefused):
    """Without an announced length nobody can tell a whole body from one that was cut off."""

    code = 411
    description = Sentence("Uploads must announce their length. Send a Content-Length header.")


class UploadTooLarge(UploadRefused):
    """The file, or its announced size, is over `limit` bytes."""

    code = 413

    def __init__(self, limit: int) -> None:
        pattern = Sentence(
            "The file is larger than {limit} bytes, which is the most that is taken."
        )
        super().__init__(pattern.of(limit=limit))
        self.limit = limit


class FormTooLarge(UploadRefused):
    """What surrounds the file in the form is over `limit` bytes."""

    code = 413

    def __init__(self, limit: int) -> None:
        pattern = Sentence("The form around the file is larger than {limit} bytes.")
        super().__init__(pattern.of(limit=limit))
        self.limit = limit


class UploadCutShort(UploadRefused):
    """`announced` bytes were to come, `received` came."""

    def __init__(self, announced: int, received: int) -> None:
        pattern = Sentence(
            "The upload broke off: {received} of {announced} bytes arrived. Send the file again."
        )
        super().__init__(pattern.of(received=received, announced=announced))
        self.announced = announced
        self.received = received


class FormBroken(UploadRefused):
    """Every announced byte came, but they are not a form."""

    description = Sentence(
        "The upload cannot be read as a form. Reload the page and send the file again."
    )


class NoFile(UploadRefused):
    """A form without a file, or not a form with files at all."""

    description = Sentence("No file was sent. Choose a file and send it again.")


class MoreThanOneFile(UploadRefused):
    """One body brings one file, so that one refusal or one receipt answers it."""

    description = Sentence("Only one file can be sent at a time.")


class FileNotExpected(UploadRefused):
    """A file on a page that takes none. Werkzeug would have spooled it to disk in clear."""

    description = Sentence("This page does not take files.")
