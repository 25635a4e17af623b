"""Stylesheets and scripts go over the line compressed: each is packed once in a process, as long as the file stays as it is."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

PACKED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/manifest+json"}


def init_app(app: Flask) -> None:
    """Pack what is worth it on its way out."""
    app.after_request(pack)


def pack(response: Response) -> Response:
    """Answer with the compressed file where the browser takes that."""
    if request.endpoint != "static" or response.mimetype not in PACKED:
        return response
    response.vary.add("Accept-Encoding")
    folder, name = current_app.static_folder, (request.view_args or {}).get("filename")
    if response.status_code != 200 or request.accept_encodings["gzip"] <= 0 or not (folder and name):
        return response
    path = Path(folder) / name
    stat = path.stat()
    response.direct_passthrough = False
    response.response.close()  # type: ignore[union-attr]
    response.set_data(packed(path, stat.st_mtime_ns, stat.st_size))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    if tag := response.get_etag()[0]:
        response.set_etag(f"{tag}-gzip")
        response.make_conditional(request)
    return response


@lru_cache(maxsize=128)
def packed(path: Path, changed: int, size: int) -> bytes:
    """Return a file compressed; when it changed and how large it is tell one state of it from the next."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)
