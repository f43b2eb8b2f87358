"""Partitions from outside the tree: manifest lists in the keys of TF-M, and prebuilt archives.

Called by product.py after the product's own partitions. Such a partition is named like its
manifest, in lower case, consists of one archive, and has no rights beyond its manifest. Rules that
hold for all partitions are in links.py; what is in an archive is for archive.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gen.manifest import load_manifest
from gen.model import NO_PARTITION, Partition, Product
from gen.source import Node, ProductError, Table, display_path, parse_yaml, read_text, suggest

_LIST_KEYS = ("description", "type", "version_major", "version_minor", "manifest_list")
_ENTRY_KEYS = (
    "description",
    "name",
    "short_name",
    "manifest",
    "pid",
    "linker_pattern",
    "output_path",
    "conditional",
    "version_major",
    "version_minor",
)
_OFF = ("0", "false", "off", "no", "n", "disable", "disabled")


def load_partitions(
    lists: Sequence[str | Path],
    archives: Mapping[str, str | Path] | None,
    own: list[Partition],
    root: Path,
    files: list[str],
) -> list[Partition]:
    """The partitions of all lists, in their order; files gets the names of what was read.

    Without `archives` none is asked for: for headers, which an archive is compiled with.
    """
    taken = {partition.name: partition.manifest.file for partition in own}
    partitions: list[Partition] = []
    for path in lists:
        _check_path(f"--extra-manifest-list {path}", Path(path).absolute())
        for entry in _entries(Path(path).absolute(), root, files):
            partition = _partition(entry, Path(path).absolute().parent, root)
            _check_name(partition, taken)
            taken[partition.name] = partition.manifest.file
            partition.archive = "" if archives is None else _archive(partition, archives)
            files.append(partition.manifest.file)
            partitions.append(partition)
    known = [partition.name for partition in partitions]
    for name, path in (archives or {}).items():
        if name not in known:
            what = f"no manifest list has a partition '{name}'"
            raise ProductError(_option(name, path), None, what, suggest(name, known))
    return partitions


def check_archives(product: Product) -> None:
    """Looks into the archives, once all partitions and services of the product are known."""
    outside = [partition for partition in product.partitions if partition.archive]
    if outside:
        from gen import archive  # needs pyelftools, which headers alone do not

        for partition in outside:
            archive.check(product, partition)


def _entries(path: Path, root: Path, files: list[str]) -> list[Table]:
    """The entries of a list that are not switched off."""
    entries = [
        Table(node, "an entry of the manifest list", _ENTRY_KEYS, numbers_in_text=True)
        for node in _entry_nodes(path, root, files)
    ]
    return [entry for entry in entries if not _is_off(entry.get("conditional"))]


def _is_off(conditional: Node | None) -> bool:
    return conditional is not None and str(conditional.value).lower() in _OFF


def _entry_nodes(path: Path, root: Path, files: list[str]) -> list[Node]:
    file = display_path(path, root)
    node = parse_yaml(read_text(path, file), file)
    files.append(file)
    if isinstance(node.value, list):
        return node.value
    table = Table(node, "the manifest list", _LIST_KEYS)
    table.require("manifest_list")
    return table.nodes("manifest_list")


def _partition(entry: Table, folder: Path, root: Path) -> Partition:
    _check_linker_pattern(entry)
    path = folder / entry.text("manifest")
    file = display_path(path, root)
    if wrong := _wrong_character(path):
        entry.at("manifest").fail(f"the path {file!r} has a {wrong!r}", "rename it")
    manifest = load_manifest(path, file, None, entry.require("manifest"))
    return Partition(
        name=manifest.name.lower(),
        id=entry.integer("pid", low=1, high=0x7FFFFFFF),
        manifest=manifest,
        directory=str(Path(file).parent),
        libraries=[],
        secrets=[],
        rights=[],
        flash=[],
        budget={},
        node=Node(
            {"id": entry.require("pid"), "manifest": entry.require("manifest")},
            entry.node.file,
            entry.node.line,
        ),
        is_outside=True,
    )


def _check_linker_pattern(entry: Table) -> None:
    """Where the code comes from is said by the archive; the keys may be there."""
    node = entry.get("linker_pattern")
    if node is None:
        return
    pattern = Table(node, "a linker_pattern", ("library_list", "object_list"))
    pattern.texts("library_list")
    pattern.texts("object_list")


def _check_name(partition: Partition, taken: Mapping[str, str]) -> None:
    node = partition.manifest.node.value["name"]
    if partition.name in NO_PARTITION:
        node.fail(f"'{partition.name}' cannot name a partition", "choose another name")
    if partition.name in taken:
        node.fail(
            f"partition '{partition.name}' is also declared by {taken[partition.name]}",
            "rename one",
        )


def _option(name: str, path: str | Path) -> str:
    return f"--extra-archive {name}={path}"


def _archive(partition: Partition, archives: Mapping[str, str | Path]) -> str:
    name = partition.name
    if name not in archives:
        partition.node.fail(
            f"partition '{name}' has no archive", f"add --extra-archive {name}=FILE"
        )
    path = Path(archives[name]).absolute()
    option = _option(name, archives[name])
    if not path.is_file():
        raise ProductError(option, None, f"there is no file {path}", "build it or correct the path")
    _check_path(option, path)
    return str(path)


def _check_path(option: str, path: Path) -> None:
    if wrong := _wrong_character(path):
        raise ProductError(option, None, f"the path {path} has a {wrong!r}", "rename it")


def _wrong_character(path: Path) -> str:
    """What would end a text or a comment in generated files, or separates paths in the build."""
    signs = (each for each in str(path) if each in ';"\\' or not each.isprintable())
    return "*/" if "*/" in str(path) else next(signs, "")
