"""Print and check how large the core install is: `core_size.py MAX_MB`.

Counted is what the wheels of automask and its dependencies bring, in bytes of files. Apart from it:
pip and setuptools, which every environment has, and the bytecode that Python makes from the files.
"""

import sys
import sysconfig
from pathlib import Path

NOT_OURS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")


def main(max_mb: float) -> None:
    """Fail when the core install is larger than `max_mb`."""
    site = Path(sysconfig.get_path("purelib"))
    files = [
        file
        for top in site.iterdir()
        if not top.name.startswith(NOT_OURS)
        for file in (top.rglob("*") if top.is_dir() else [top])
        if file.is_file()
    ]
    size_mb = {file: file.stat().st_size / 1e6 for file in files}
    bytecode_mb = sum(mb for file, mb in size_mb.items() if file.suffix == ".pyc")
    core_mb = sum(size_mb.values()) - bytecode_mb
    print(f"Core install: {core_mb:.0f} MB (at most {max_mb:g}), bytecode {bytecode_mb:.0f} MB")
    if core_mb > max_mb:
        sys.exit(f"The core install is larger than {max_mb:g} MB.")


main(float(sys.argv[1]))
