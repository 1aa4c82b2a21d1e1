"""Why an upload was refused. Views catch `UploadRefused` and word it; uncaught ones still answer.

They are HTTP exceptions because most are raised while Werkzeug reads the body, under any view.
"""

from werkzeug.exceptions import HTTPException


class UploadRefused(HTTPException):
    """The parent of all of them: nothing was kept, and what was left of the body is not read."""

    code = 400


class ChunkedRefused(UploadRefused):
    """Without an announced length nobody can tell a whole body from one that was cut off."""

    code = 411
    description = "Uploads must announce their length. Send a Content-Length header."


class UploadTooLarge(UploadRefused):
    """The file, or its announced size, is over `limit` bytes."""

    code = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The file is larger than {limit} bytes, which is the most that is taken.")
        self.limit = limit


class FormTooLarge(UploadRefused):
    """What surrounds the file in the form is over `limit` bytes."""

    code = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The form around the file is larger than {limit} bytes.")
        self.limit = limit


class UploadCutShort(UploadRefused):
    """`announced` bytes were to come, `received` came."""

    def __init__(self, announced: int, received: int) -> None:
        super().__init__(
            f"The upload broke off: {received} of {announced} bytes arrived. Send the file again."
        )
        self.announced = announced
        self.received = received


class FormBroken(UploadRefused):
    """Every announced byte came, but they are not a form."""

    description = "The upload cannot be read as a form. Reload the page and send the file again."


class NoFile(UploadRefused):
    """A form without a file, or not a form with files at all."""

    description = "No file was sent. Choose a file and send it again."


class MoreThanOneFile(UploadRefused):
    """One body brings one file, so that one refusal or one receipt answers it."""

    description = "Only one file can be sent at a time."


class FileNotExpected(UploadRefused):
    """A file on a page that takes none. Werkzeug would have spooled it to disk in clear."""

    description = "This page does not take files."
