"""How a mask was made, to keep inside a PNG or beside any file."""

from __future__ import annotations

import json

from automask.types import Mask
from automask.version import __version__


def notes_of(mask: Mask) -> dict[str, str]:
    """How `mask` was made, by the keywords of a PNG's text chunks."""
    import cv2

    notes = {
        "Software": f"automask {__version__}, OpenCV {cv2.__version__}",
        "automask:rule": mask.rule,
        "automask:models": ", ".join(mask.models),
        "automask:source": mask.source,
        "automask:source_sha256": mask.source_sha256,
    }
    return {keyword: text for keyword, text in notes.items() if text}


def sidecar(mask: Mask) -> bytes:
    """A JSON object that says how `mask` was made, from what, and what it holds."""
    import cv2

    content = {
        "rule": mask.rule,
        "models": list(mask.models),
        "automask": __version__,
        "opencv": cv2.__version__,
        "source": mask.source,
        "source_sha256": mask.source_sha256,
        "orientation": mask.orientation,
        "size": list(mask.shape),
        "area": mask.area,
        "coverage": mask.coverage,
        "box": mask.box,
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode(errors="replace") + b"\n"
