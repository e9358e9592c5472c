"""`python -m tools.quality.links`: every relative link of every Markdown page must lead to a file of the checkout."""

from __future__ import annotations

import pathlib
import re
import sys
import typing as t

from tools.quality.staging import tracked_files
from tools.setup.steps import ROOT

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s#]+)(?:#[^)\s]*)?(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"^(```|~~~).*?^\1\s*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def targets(text: str) -> t.Iterator[str]:
    """The relative links of a page, outside its code."""
    for target in LINK.findall(CODE.sub("", text)):
        if not re.match(r"[a-z]+:", target):
            yield target


def broken(page: pathlib.PurePosixPath, text: str, exists: t.Callable[[str], bool]) -> list[str]:
    """One complaint for each link that leads nowhere. `exists` judges a path relative to the checkout."""
    return [f"{page}: {target} does not exist" for target in targets(text) if not exists(str(page.parent / target))]


def main() -> int:
    """Returns 1 when a link is broken."""
    pages = [name for name in tracked_files() if name.endswith(".md") and name != "CHANGELOG.md"]
    found = [
        complaint
        for page in pages
        for complaint in broken(pathlib.PurePosixPath(page), (ROOT / page).read_text(), lambda path: (ROOT / path).exists())
    ]
    print(*found, f"{len(pages)} pages, {len(found)} broken links", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
