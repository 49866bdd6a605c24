"""The gate between a socket and the parser of HTTP: it passes on requests whose parts are within their limits.

The parser needs time that grows with the square of some lengths, and reads a chunked body piece by piece. The gate takes
constant time for each byte: it finds where a request ends, passes on its head only when it is complete, and joins the chunks of
a body. It is stricter than the parser about what decides where a request ends (RFC 9112, section 6).
"""

from __future__ import annotations

from kb.problems import KbError, Problem, fail

MAX_HEADERS, MAX_ACCEPT, MAX_COUNT = 8 << 10, 1 << 10, 64  # bytes of all headers and of Accept, and number of headers
MAX_TARGET = 8 << 10  # bytes of a request line that carries no query
_MAX_CHUNKS, _MIN_CHUNK = 256, 32  # chunks of any size, and bytes that further ones have on average
_MAX_CHUNK_LINE = 256
_PLACE = "<request>"
_CRLF = b"\r\n"


class RequestGate:
    """The gate of one connection; ``max_query`` is how many bytes a request line may have that may carry a query."""

    def __init__(self, max_query: int) -> None:
        self._max_query = max_query
        self._head = bytearray()
        self._line = bytearray()  # of a chunk
        self._left = self._chunks = self._body = 0  # what is left of a body or chunk; the chunks, and their bytes
        self._chunked = False
        self.accept: str | None = None  # the header of the last request

    @property
    def is_receiving(self) -> bool:
        """Whether a request has begun to arrive and is not complete."""
        return bool(self._head) or self.is_in_body

    @property
    def is_in_body(self) -> bool:
        """Whether the head of a request was passed on, and its body is not complete."""
        return bool(self._left or self._chunked)

    def read(self, data: bytes) -> tuple[bytes, Problem | None]:
        """Return what the parser may read of what a client has sent, and the problem with what follows, if there is one."""
        passed = bytearray()
        try:
            while data:
                if self._chunked:
                    data = self._read_chunks(data, passed)
                elif self._left:
                    passed += data[: self._left]
                    data, self._left = data[self._left :], max(0, self._left - len(data))
                else:
                    data = self._read_head(data, passed)
        except KbError as refused:
            return bytes(passed), refused.problems[0]
        return bytes(passed), None

    def _read_head(self, data: bytes, passed: bytearray) -> bytes:
        """Add to a head; when it is complete, pass it on and return what follows it."""
        searched = max(0, len(self._head) - 3)
        self._head += data if self._head else data.lstrip(b"\r\n")  # RFC 9112, section 2.2
        ends = [end + len(mark) for mark in (b"\n\r\n", b"\n\n") if (end := self._head.find(mark, searched)) >= 0]
        end = min(ends, default=len(self._head))
        line = self._head.find(b"\n", 0, end) + 1
        self._check_sizes(line or end, end - line if line else 0)
        if not ends:
            return b""
        head, rest = self._head[:end], bytes(self._head[end:])
        self._head = bytearray()
        self._read_framing(head)
        passed += head
        return rest

    def _check_sizes(self, line: int, headers: int) -> None:
        takes_query = self._head.startswith(b"/sparql", self._head.find(b" ", 0, line) + 1)
        if line > (self._max_query if takes_query else MAX_TARGET):
            raise fail("KB632", "The request line is too long.", "Send a long query by POST.", _PLACE)
        if headers > MAX_HEADERS:
            raise fail("KB632", f"The headers have more than {MAX_HEADERS:,} bytes.", "Send fewer or shorter ones.", _PLACE)

    def _read_framing(self, head: bytearray) -> None:
        """Read what decides where a request ends, and check the number of headers and the length of Accept."""
        request_line, *lines = bytes(head).rstrip(b"\r\n").split(b"\n")
        if len(lines) > MAX_COUNT:
            raise fail("KB632", f"The request has more than {MAX_COUNT} headers.", "Send fewer.", _PLACE)
        if any(line.startswith((b" ", b"\t")) for line in lines):
            raise fail("KB622", "A header is continued on another line.", "Send each header on one line.", _PLACE)
        version = request_line.rstrip(b"\r").rpartition(b" ")[2]
        if version not in {b"HTTP/1.1", b"HTTP/1.0"}:
            raise fail("KB622", "The request line does not end with a known version of HTTP.", "Send HTTP/1.1.", _PLACE)
        values: dict[bytes, list[bytes]] = {}
        for line in lines:
            name, _, value = line.partition(b":")
            values.setdefault(name.lower(), []).append(value.strip())
        accept = b",".join(values.get(b"accept", []))
        if len(accept) > MAX_ACCEPT:
            raise fail("KB632", f"The Accept header has more than {MAX_ACCEPT:,} bytes.", "Send a shorter one.", _PLACE)
        self.accept = accept.decode("latin-1") if b"accept" in values else None
        self._read_length(values.get(b"content-length", []), values.get(b"transfer-encoding", []), version)

    def _read_length(self, lengths: list[bytes], codings: list[bytes], version: bytes) -> None:
        if codings and (lengths or version == b"HTTP/1.0"):
            raise fail("KB622", "The length of the request is given twice.", "Send Content-Length or Transfer-Encoding.", _PLACE)
        if codings and [coding.lower() for coding in codings] != [b"chunked"]:
            raise fail("KB622", "The Transfer-Encoding is not supported.", "Send chunked, or Content-Length.", _PLACE)
        if len(lengths) > 1 or not all(length.isdigit() and len(length) < 16 for length in lengths):
            raise fail("KB622", "The Content-Length is not a number.", "Send the number of bytes of the body.", _PLACE)
        self._chunked, self._chunks, self._body = bool(codings), 0, 0
        self._left = int(lengths[0]) if lengths else 0

    def _read_chunks(self, data: bytes, passed: bytearray) -> bytes:
        """Pass on the chunks that have arrived as one chunk; return what follows the last one (RFC 9112, section 7.1)."""
        body = bytearray()
        while data and self._chunked:
            if self._left > len(_CRLF):
                piece = data[: self._left - len(_CRLF)]
                body += piece
                self._left -= len(piece)
                data = data[len(piece) :]
                continue
            line, separator, data = data.partition(b"\n")
            self._line += line + separator
            if len(self._line) > _MAX_CHUNK_LINE:
                raise fail("KB622", "A line of the chunked body is too long.", "Send chunks without extensions.", _PLACE)
            if separator:
                self._read_chunk_line(bytes(self._line))
                self._line.clear()
        if body:
            passed += b"%x\r\n" % len(body) + body + _CRLF
        if not self._chunked:
            passed += b"0\r\n\r\n"
        return data

    def _read_chunk_line(self, line: bytes) -> None:
        """Read the line that ends a chunk, announces the next one, or belongs to the trailer, which is dropped."""
        if self._left:  # the end of a chunk
            if line != _CRLF:
                raise fail("KB622", "A chunk is longer than its announced length.", "Send the length of each chunk.", _PLACE)
            self._left = 0
            return
        if self._chunks < 0:  # in the trailer, whose lines are counted down
            self._chunks -= 1
            self._chunked = line not in {_CRLF, b"\n"}
            if self._chunks < -MAX_COUNT:
                raise fail("KB632", f"The trailer has more than {MAX_COUNT} lines.", "Send none.", _PLACE)
            return
        size = line.partition(b";")[0].strip()
        if not 0 < len(size) <= 8 or not line.endswith(_CRLF) or size.strip(b"0123456789abcdefABCDEF"):
            raise fail("KB622", "The length of a chunk is not a hexadecimal number.", "Send the length of each chunk.", _PLACE)
        self._chunks += 1
        length = int(size, 16)
        self._body += length
        if self._chunks > _MAX_CHUNKS + self._body // _MIN_CHUNK:
            raise fail("KB622", "The body has too many small chunks.", "Send larger chunks, or Content-Length.", _PLACE)
        self._left = length + len(_CRLF) if length else 0
        self._chunks = self._chunks if length else -1
