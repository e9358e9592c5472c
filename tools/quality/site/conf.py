"""Sphinx settings of the documentation site; `make docs` copies them beside the pages."""

from __future__ import annotations

project = "holdfast.webops"
author = "Holdfast contributors"
project_copyright = "Holdfast contributors"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "index"
html_theme = "sphinx_ansible_theme"
html_theme_options = {"vcs_pageview_mode": "edit", "topbar_links": {}}
html_show_sphinx = False
html_use_smartypants = True
highlight_language = "YAML+Jinja"
myst_heading_anchors = 3

# References into Ansible's own documentation would need the network at build time; they stay plain text.
# Links from a page into the source tree are checked by tools/quality/links.py, the site has no place for them.
suppress_warnings = ["ref.ref", "myst.xref_missing", "misc.highlighting_failure"]
