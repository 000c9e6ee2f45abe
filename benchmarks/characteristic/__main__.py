"""The command: fill a pool, print the page, keep both."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks import characteristic
from benchmarks.characteristic import EXAMPLE, drawn
from benchmarks.characteristic.deciding import Pool
from benchmarks.characteristic.page import PAGE, page


def main() -> int:
    """Exit 2 where there is no pool yet, or a folder holds that of other data."""
    parser = argparse.ArgumentParser(description=characteristic.__doc__.splitlines()[0])
    parser.add_argument("--pool", type=Path, help="train what this folder lacks; it may be stopped and called again")
    parser.add_argument("--minutes", type=float, default=600, help="begin no delivery after so long")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--base", type=Path, default=EXAMPLE / "base", help="a model with the example's tokenizer")
    parser.add_argument("--keep", action="store_true", help="write pool and page into the repository")
    options = parser.parse_args()
    path = drawn.POOL
    if options.pool is not None:
        from benchmarks.characteristic.pool import OtherPool, fill

        try:
            path = fill(options.pool, options.base, options.workers, options.minutes)
        except OtherPool as error:
            print(error, file=sys.stderr)
            return 2
    text = page(Pool(drawn.read(path)))
    print(text, end="")
    if options.keep and path != drawn.POOL:
        shutil.copy(path, drawn.POOL)
    if options.keep:
        PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
