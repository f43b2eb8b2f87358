"""The product loader and generator.

Turns one product file and the manifests of its partitions into linker scripts, const C tables,
headers and the arguments of the host tools. Used by the build (`python -m gen`) and by tools/bz
(`load_product`). It reads and writes files and nothing else: it never runs a compiler or a board.
"""

from gen.product import Product, load_product
from gen.source import ProductError

__all__ = ["Product", "ProductError", "load_product"]
