"""What a vercel.json says about requests: headers, redirects, rewrites, clean URLs, trailing slashes."""

from __future__ import annotations

import dataclasses
import re
import typing as t

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import Object

# `:name`, `:name*`, `:name+`, `:name?` and `:name(regex)` as path-to-regexp has them; everything else is a regular expression already.
PARAMETER = re.compile(r"/?:(\w+)(\([^)]*\))?([*+?]?)")


@dataclasses.dataclass(frozen=True)
class Rule:
    source: re.Pattern[str]
    destination: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Rules:
    """`trailing_slash` is None where nothing is said."""

    headers: tuple[Rule, ...] = ()
    redirects: tuple[Rule, ...] = ()
    rewrites: tuple[Rule, ...] = ()
    clean_urls: bool = False
    trailing_slash: bool | None = None

    def headers_of(self, path: str) -> list[tuple[str, str]]:
        """A later rule wins over an earlier one."""
        found = {key: value for rule in self.headers if rule.source.fullmatch(path) for key, value in rule.headers}
        return list(found.items())

    def redirect_of(self, path: str) -> tuple[int, str] | None:
        """Status and address."""
        for rule in self.redirects:
            if match := rule.source.fullmatch(path):
                return rule.status, _filled(rule.destination, match)
        return None

    def rewrite_of(self, path: str) -> str | None:
        for rule in self.rewrites:
            if match := rule.source.fullmatch(path):
                return _filled(rule.destination, match)
        return None


def rules(config: Object) -> Rules:
    """The rules of a vercel.json."""
    headers = tuple(
        Rule(_pattern(row["source"]), headers=tuple((str(pair["key"]).lower(), str(pair["value"])) for pair in row.get("headers", [])))
        for row in config.get("headers", [])
    )
    redirects = tuple(Rule(_pattern(row["source"]), row["destination"], _status(row)) for row in config.get("redirects", []))
    rewrites = tuple(Rule(_pattern(row["source"]), row["destination"]) for row in config.get("rewrites", []))
    return Rules(headers, redirects, rewrites, bool(config.get("cleanUrls")), config.get("trailingSlash"))


def _status(row: Object) -> int:
    return int(row.get("statusCode") or (308 if row.get("permanent", True) else 307))


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(PARAMETER.sub(_group, source))


def _group(match: re.Match[str]) -> str:
    name, own, many = match[1], match[2], match[3]
    slash = "/" if match[0].startswith("/") else ""
    if many in ("*", "+"):
        return f"(?:{slash}(?P<{name}>.*))" + ("?" if many == "*" else "")
    return f"(?:{slash}(?P<{name}>{own[1:-1] if own else '[^/]+'}))" + many


def _filled(destination: str, match: re.Match[str]) -> str:
    """The destination with what the source matched, by name or as $1."""
    for name, value in match.groupdict().items():
        destination = re.sub(rf":{name}\b[*+?]?", value.replace("\\", r"\\") if value else "", destination)
    for place, value in enumerate(match.groups(), 1):
        destination = destination.replace(f"${place}", value or "")
    return destination
