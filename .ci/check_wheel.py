"""Check what the installed wheel brought and made: `check_wheel.py PHOTO MASK RESULT`."""

import importlib
import pkgutil
import sys
from importlib import metadata
from pathlib import Path

import automask


def main(photo: str, mask: str, result: str) -> None:
    """Fail unless every module imports, and mask and result are pictures of the photo's size."""
    from PIL import Image

    home = Path(automask.__file__).parent
    assert "site-packages" in str(home), f"the checkout was imported, not the wheel: {home}"
    names = [m.name for m in pkgutil.walk_packages([str(home)], "automask.")]
    for name in names:
        if not name.endswith("__main__"):
            importlib.import_module(name)
    files = {str(file) for file in metadata.files("automask") or ()}
    assert "automask/selector/grammar.lark" in files, "the wheel has no grammar"
    assert "automask/py.typed" in files, "the wheel does not say that it is typed"
    assert not [file for file in files if file.startswith(("tests/", "samples/"))]
    sizes = {Image.open(path).size for path in (photo, mask, result)}
    assert len(sizes) == 1, f"photo, mask and result differ in size: {sizes}"
    low, high = Image.open(mask).convert("L").getextrema()
    assert (low, high) == (0, 255), f"the mask has values {low} to {high}"
    print(f"{len(names)} modules import; mask and result fit the photo, {sizes.pop()}")


main(*sys.argv[1:])
