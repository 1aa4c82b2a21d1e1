"""`wsgi.input` of an upload: counted, and with a short way for what lies within the file.

Werkzeug's parser copies everything six times to look for the end of a part. What cannot hold such
an end goes past it, straight to where the file goes; the parser sees the form's fields, the file's
header, the end, and whatever is too close to a line break to tell.
"""

from typing import IO

from riskapp.web.sinks import FORM_BYTES, Sink
from riskapp.web.upload_errors import FormTooLarge, UploadCutShort

_BEHIND = 4
"""What stands behind a mark: two hyphens, a line break"""


class MeteredBody:
    """Ends at the announced length, and an earlier end is an error.

    Servers report a body that was cut off as one that ended. OSErrors of a server must not pass
    either: Werkzeug makes a plain bad request of them.
    """

    def __init__(self, raw: IO[bytes], announced: int, sink: Sink, boundary: bytes) -> None:
        self._raw = raw
        self._announced = announced
        self._sink = sink
        self._mark = b"--" + boundary
        # The end of a part begins with a line break, of which the parser knows three kinds.
        self._reach = len(self._mark) + 2
        self._seen = b""
        self._quiet = False
        self.received = 0

    def read(self, size: int) -> bytes:
        """The next piece for the parser, behind whatever went to the sink directly."""
        held = b""
        most = max(1, size - _BEHIND)
        # The parser has dealt with all it was given. Where no line break stood in the reach of its
        # end, it holds nothing back, and what comes next may overtake it.
        while self._quiet and self._sink.taking:
            piece = held + self._received(most - len(held))
            if len(piece) == len(held) or self._mark in piece:
                return self._given(piece, size)
            clear = self._clear_until(piece)
            self._sink.write(piece[:clear] if clear < len(piece) else piece)
            held = piece[clear:]
        return self._given(self._received(most), size)

    def _given(self, piece: bytes, size: int) -> bytes:
        """The same, with what belongs to the mark; notes whether the parser will hold some back.

        A mark that comes without what stands behind it would cost the parser its line break, of
        which the first half would then be taken for the file's last byte.
        """
        joined = self._seen + piece
        at = joined.rfind(self._mark)
        while at >= 0 and (wanted := at + len(self._mark) + _BEHIND - len(joined)) > 0:
            more = self._received(min(wanted, size - len(piece)))
            if not more:
                break
            piece += more
            joined += more
        self._quiet = at < 0 and self._clear_until(joined) == len(joined)
        self._seen = joined[-self._reach :]
        return piece

    def _clear_until(self, data: bytes) -> int:
        """Up to where `data`, in which no mark stands whole, holds no beginning of an end."""
        start = max(0, len(data) - self._reach)
        found = [at for at in (data.find(b"\r", start), data.find(b"\n", start)) if at >= 0]
        return min(found, default=len(data))

    def _received(self, size: int) -> bytes:
        wanted = min(size, self._announced - self.received)
        if not wanted:
            return b""
        try:
            data = self._raw.read(wanted)
        except (OSError, ValueError) as fault:
            raise UploadCutShort(self._announced, self.received) from fault
        if not data:
            raise UploadCutShort(self._announced, self.received)
        self.received += len(data)
        if self.received - self._sink.size > FORM_BYTES:
            raise FormTooLarge(FORM_BYTES)
        return data
