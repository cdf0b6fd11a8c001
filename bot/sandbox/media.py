"""Files: their bytes, and how the Bot API describes photos, voices, documents…"""

import base64
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.refusals import Refused

Json = dict[str, Any]
MOST_UP = 50 * 1024 * 1024
MOST_DOWN = 20 * 1024 * 1024
MOST_PHOTO = 10 * 1024 * 1024
PHOTO_SIDES = (90, 320, 800, 1280)
FOLDERS = {
    "photo": "photos",
    "voice": "voice",
    "video": "videos",
    "sticker": "stickers",
    "document": "documents",
    "audio": "music",
    "animation": "animations",
    "video_note": "video_notes",
}
DEFAULTS: dict[str, tuple[str, str]] = {
    "photo": ("jpg", "image/jpeg"),
    "voice": ("oga", "audio/ogg"),
    "video": ("mp4", "video/mp4"),
    "sticker": ("webp", "image/webp"),
    "document": ("bin", "application/octet-stream"),
    "audio": ("mp3", "audio/mpeg"),
    "animation": ("mp4", "video/mp4"),
    "video_note": ("mp4", "video/mp4"),
}


@dataclass(frozen=True)
class Upload:
    """A file given by the bot or by a person."""

    content: bytes
    name: str = ""
    mime: str = ""
    duration: int = 0


@dataclass(frozen=True)
class StoredFile:
    """A file the sandbox keeps."""

    file_id: str
    unique_id: str
    key: str
    kind: str
    size: int
    path: str
    name: str = ""
    mime: str = ""
    width: int = 0
    height: int = 0
    duration: int = 0
    group: int = 0

    def described(self) -> Json:
        """The fields every file of the Bot API has."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


class FileStore:
    """The files of the sandbox, their bytes in memory or in a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep bytes in `folder`, or in memory."""
        self.folder = folder
        self.files: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}
        self.contents: dict[str, bytes] = {}
        self.count = 0

    def add(self, kind: str, upload: Upload, size: tuple[int, int] = (0, 0), group: int = 0) -> StoredFile:
        """Keep a file and give it its names; `group` binds the sizes of one photo."""
        self.count += 1
        key = hashlib.sha256(upload.content).hexdigest()[:32]
        self._write(key, upload.content)
        extension, mime = DEFAULTS[kind]
        if "." in upload.name:
            extension = upload.name.rsplit(".", 1)[1][:8].lower() or extension
        seed = hashlib.sha256(f"{key}:{kind}:{self.count}".encode()).digest()
        file = StoredFile(
            file_id="AgAC" + base64.urlsafe_b64encode(seed + seed[:13]).decode().rstrip("="),
            unique_id="AQAD" + base64.urlsafe_b64encode(seed[:9]).decode().rstrip("="),
            key=key,
            kind=kind,
            size=len(upload.content),
            path=f"{FOLDERS[kind]}/file_{self.count}.{extension}",
            name=upload.name,
            mime=upload.mime or mime,
            width=size[0],
            height=size[1],
            duration=upload.duration,
            group=group,
        )
        self._index(file)
        return file

    def find(self, file_id: str) -> StoredFile:
        """The file of that identifier, or Telegram's refusal."""
        file = self.files.get(file_id)
        if file is None:
            raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
        return file

    def content(self, file: StoredFile) -> bytes:
        """The bytes of a file; empty when someone removed them from the folder."""
        kept = self.contents.get(file.key)
        if kept is None and self.folder is not None:
            path = self.folder / file.key
            kept = path.read_bytes() if path.is_file() else b""
        return kept or b""

    def snapshot(self) -> Json:
        """What a restart needs."""
        return {"count": self.count, "files": [asdict(file) for file in self.files.values()]}

    def restore(self, saved: Json) -> None:
        """Take back what `snapshot` gave."""
        self.count = int(saved["count"])
        for row in saved["files"]:
            self._index(StoredFile(**row))

    def _index(self, file: StoredFile) -> None:
        self.files[file.file_id] = file
        self.by_path[file.path] = file

    def _write(self, key: str, content: bytes) -> None:
        if self.folder is None:
            self.contents[key] = content
            return
        path = self.folder / key
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def described(store: FileStore, kind: str, upload: Upload) -> Any:
    """The value of the field `kind` of a message carrying this file, as the Bot API writes it."""
    if len(upload.content) > MOST_UP:
        raise Refused(413, "Request Entity Too Large")
    if not upload.content:
        raise Refused(400, "Bad Request: file must be non-empty")
    if kind == "photo":
        return _photo(store, upload)
    return shown(store.add(kind, upload, image_size(upload.content) or (0, 0)))


def again(store: FileStore, kind: str, file: StoredFile) -> Any:
    """The same field for a file sent again by its identifier."""
    if kind == "photo":
        if file.kind != "photo":
            raise Refused(400, "Bad Request: can't use file of type Document as Photo")
        return [_photo_size(other) for other in store.files.values() if other.group == file.group and other.group]
    if file.kind == "photo":
        raise Refused(400, f"Bad Request: can't use file of type Photo as {kind.capitalize()}")
    return shown(file)


def shown(file: StoredFile) -> Json:
    """A file other than a photo, as the Bot API describes it."""
    base = file.described()
    if file.kind == "voice":
        return {"duration": file.duration or 1, "mime_type": file.mime, **base}
    if file.kind == "sticker":
        fixed = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return {**fixed, "emoji": "🙂", **base}
    if file.kind == "video_note":
        return {"length": 240, "duration": file.duration or 1, **base}
    named = {"file_name": file.name} if file.name else {}
    if file.kind == "document":
        return {**named, "mime_type": file.mime, **base}
    timed = {"duration": file.duration or 1, **named, "mime_type": file.mime, **base}
    if file.kind == "audio":
        return timed
    return {"width": file.width or 640, "height": file.height or 360, **timed}


def _photo(store: FileStore, upload: Upload) -> list[Json]:
    if len(upload.content) > MOST_PHOTO:
        raise Refused(400, "Bad Request: file is too big")
    size = image_size(upload.content)
    if size is None:
        raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10000 or max(size) > 20 * max(1, min(size)):
        raise Refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    # Telegram takes away what a camera wrote about the place and the owner; so does the sandbox.
    bare = Upload(without_exif(upload.content), upload.name, upload.mime)
    group = store.count + 1
    return [_photo_size(store.add("photo", bare, fitted, group)) for fitted in _fitted_sizes(width, height)]


def _photo_size(file: StoredFile) -> Json:
    return {**file.described(), "width": file.width, "height": file.height}


def _fitted_sizes(width: int, height: int) -> list[tuple[int, int]]:
    longest = max(width, height)
    sides = [side for side in PHOTO_SIDES if side < longest]
    if longest <= PHOTO_SIDES[-1]:
        sides.append(longest)
    return [(max(1, width * side // longest), max(1, height * side // longest)) for side in sides]


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF or WebP image; None if it is none of them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    if content[:4] == b"GIF8" and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp_size(content)
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] == b"VP8X" and len(content) >= 30:
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if content[12:16] == b"VP8 " and len(content) >= 30:
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if content[12:16] == b"VP8L" and len(content) >= 25:
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment of a JPEG before its image data."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xDA:
            return
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        yield marker, at, end
        at = end


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    for marker, start, end in _segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and end <= len(content) and end - start >= 9:
            height, width = struct.unpack(">HH", content[start + 5 : start + 9])
            return width, height
    return None


def without_exif(content: bytes) -> bytes:
    """A JPEG without what the camera wrote in it (place, date, owner); other images unchanged."""
    if not content.startswith(b"\xff\xd8"):
        return content
    cut = [(start, end) for marker, start, end in _segments(content) if marker in (0xE1, 0xED, 0xFE)]
    for start, end in reversed(cut):
        content = content[:start] + content[end:]
    return content
