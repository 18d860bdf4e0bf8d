"""Models that the tests make up, and wheels that ship them."""

import hashlib
import zipfile

from automask.weights import Model, Wheel

BYTES = bytes(range(256)) * 5000
MEMBER = "shipped/made.onnx"


def made(name="made", content=BYTES, **more):
    """A model by the bytes of its file."""
    known = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    licences = {"code_licence": "MIT", "weights_licence": "MIT"}
    return Model(name, "u2net", "Nothing", f"{name}.onnx", **(known | licences | more))


def wheel_in(folder, content=BYTES, tag="py3-none-any", packing=zipfile.ZIP_DEFLATED, **row):
    """Put a wheel that ships `content` into `folder`; its row."""
    folder.mkdir(parents=True, exist_ok=True)
    info = "shipped-1.2.dist-info"
    with zipfile.ZipFile(folder / f"shipped-1.2-{tag}.whl", "w", packing) as archive:
        archive.writestr(MEMBER, content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: shipped\nVersion: 1.2\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return Wheel(**({"package": "shipped", "version": "1.2", "member": MEMBER} | row))


def spoil(path, flaw):
    """Say in the wheel at `path` that its first member is encrypted, or packed, or damage it."""
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # of the list at the end; the member itself stands at 0
    if flaw == "encrypted":
        data[6] |= 1
        data[entry + 8] |= 1
    elif flaw == "packed as nobody can":
        data[8] = data[entry + 10] = 9
    else:
        start = 30 + len(MEMBER)
        for place in range(start + 20, start + 60):
            data[place] ^= 255
    path.write_bytes(data)
