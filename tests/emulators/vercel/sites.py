"""A deployment as something to visit: its static files by path, its functions, its rules."""

from __future__ import annotations

import dataclasses
import posixpath
import re
import typing as t

from tests.emulators.vercel.records import FOLDER, SYMLINK, File, kind_of
from tests.emulators.vercel.vercel_json import Rules, rules

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import Deployment
    from tests.emulators.vercel.world import World

BUILT = ".vercel/output/static"
STAND_IN = ".emulated.json"
SCRIPT = r"\.(?:js|mjs|cjs|ts|tsx|py|go|rb)"
# Where functions stand in a tree, and what of the path is their address.
FUNCTIONS = (
    re.compile(rf"^(api/.+?)(?:/index)?{SCRIPT}$"),
    re.compile(rf"^(?:src/)?pages/(api/.+?)(?:/index)?{SCRIPT}$"),
    re.compile(rf"^(?:src/)?app/(api/.+?)/route{SCRIPT}$"),
    re.compile(r"^\.vercel/output/functions/(.+?)\.func/\.vc-config\.json$"),
)
# A page that the app router renders. Without a stand-in nobody knows what it would say, and there is none.
PAGE = re.compile(r"^(?:src/)?app/(?:(.+)/)?page\.[jt]sx?$")
HIDDEN = (".vercel/", ".git/", "node_modules/")
NOT_SERVED = ("vercel.json", "package.json", "emulate-build.json")
MAX_LINKS = 8


class Function(t.NamedTuple):
    """`stand_in`: what says how it answers; without one it tells about its deployment."""

    source: str
    stand_in: File | None


@dataclasses.dataclass(frozen=True)
class Site:
    static: dict[str, File]
    functions: dict[str, Function]
    rules: Rules


def site(world: World, deployment: Deployment) -> Site:
    """What a build would have made of the files: the emulator builds nothing, it chooses the folder that is served."""
    files = _below(deployment.files, str((deployment.body.get("projectSettings") or {}).get("rootDirectory") or ""))
    functions = {found[0]: found[1] for path in files if (found := _function(files, path) or _page(files, path)) is not None}
    root = _served_folder(files, deployment)
    static = {path: _followed(world, files, root, path) for path in _below(files, root)}
    sources = {function.source for function in functions.values()} if not root else set()
    shown = {path: file for path, file in static.items() if file is not None and not _is_hidden(path) and path not in sources}
    return Site(shown, functions, rules(deployment.config))


def _served_folder(files: dict[str, File], deployment: Deployment) -> str:
    """The build output, the output directory that is configured, `public`, or everything."""
    if any(path.startswith(f"{BUILT}/") for path in files):
        return BUILT
    settings = deployment.body.get("projectSettings") or {}
    configured = str(deployment.config.get("outputDirectory") or settings.get("outputDirectory") or "public").strip("/")
    return configured if any(path.startswith(f"{configured}/") for path in files) else ""


def _below(files: dict[str, File], folder: str) -> dict[str, File]:
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    return {path[len(prefix) :]: file for path, file in files.items() if path.startswith(prefix)}


def _followed(world: World, files: dict[str, File], root: str, path: str) -> File | None:
    """The file that a path means; None for folders and for links that lead nowhere."""
    where = posixpath.join(root, path)
    for _link in range(MAX_LINKS):
        file = files.get(where)
        if file is None or kind_of(file.mode) == FOLDER:
            return None
        if kind_of(file.mode) != SYMLINK:
            return file
        where = posixpath.normpath(posixpath.join(posixpath.dirname(where), world.files.read(file.sha).decode()))
    return None


def _function(files: dict[str, File], path: str) -> tuple[str, Function] | None:
    for pattern in FUNCTIONS:
        if match := pattern.match(path):
            beside = path.removesuffix("/.vc-config.json") if path.endswith(".vc-config.json") else path.rsplit(".", 1)[0]
            stand_in = files.get(beside + STAND_IN) or files.get(f"{beside}/{STAND_IN[1:]}")
            return f"/{match[1]}", Function(path, stand_in)
    return None


def _page(files: dict[str, File], path: str) -> tuple[str, Function] | None:
    match, stand_in = PAGE.match(path), files.get(path.rsplit(".", 1)[0] + STAND_IN)
    return (f"/{match[1] or ''}".rstrip("/"), Function(path, stand_in)) if match and stand_in else None


def _is_hidden(path: str) -> bool:
    return path.startswith(HIDDEN) or path in NOT_SERVED or path.endswith(STAND_IN)
