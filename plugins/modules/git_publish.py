#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: git_publish
short_description: Releases of a site that a host publishes from a git branch, such as Lovable
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Such a host has no slots, no shares of the traffic and no way back - it shows a commit of a branch. This module puts releases there as
    commits on top of the branch, has them published, and counts them as published only when every server of the site has shown them.
  - A release commit holds the tested files, a release file (C(release), C(version), C(commit), C(time)), where wanted a meta tag and the
    environment of the build, and the files that open tabs of the release before may still ask for.
  - Nobody's commits are ever overwritten. A branch that holds commits which were not tested is refused, and named are their authors.
  - The platform role of the release engine uses it. The same task, run again after it was killed anywhere, completes.
extends_documentation_fragment:
  - holdfast.webops.git_publish
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: Shows shares and slots. The fencing number and the ids of commits do not count as a change.
options:
  slot:
    description: Which one.
    type: str
    choices: [blue, green]
    required: true
  state:
    description:
      - V(staged) has the branch hold O(release), and waits until the host knows it and the preview shows it. Users keep what they have.
      - V(shifted) has it published, and waits until everybody gets it.
      - V(undone) puts the other slot's release back on top of the branch, and publishes it where users do not have it. Where the other slot
        holds nothing that users may have, as with a first release, all stays.
      - V(retired) marks the slot as one that must get no users, unless O(keep_warm).
    type: str
    choices: [staged, shifted, undone, retired]
    required: true
  release:
    description: The release that is meant, for V(staged) and V(shifted).
    type: dict
    suboptions:
      id:
        description: Its id in the ledger.
        type: str
        required: true
      version:
        description: Its version.
        type: str
      commit:
        description: The commit that was tested, with all its 40 digits.
        type: str
      artifact_sha256:
        description: Digest of its artefact.
        type: str
  percent:
    description: The share for O(state=shifted). Nothing but V(100) can be given, and V(0) to a slot that has no users.
    type: int
    default: 100
  keep_warm:
    description: Whether O(state=retired) leaves the slot as one that can get users again.
    type: bool
    default: true
  fencing:
    description: The fencing number of the lease. A number lower than one that was here is refused.
    type: int
    required: true
  source_branch:
    description: The branch that the tested commit must be in. Empty, it is O(branch).
    type: str
    default: ""
  author:
    description: Who makes the commits.
    type: str
    default: Holdfast <holdfast@localhost>
  checkout:
    description:
      - A work tree on this host that must be at the release's commit, without changes and without files that git does not know.
      - Empty, none is looked at.
    type: path
    default: ""
  content:
    description:
      - V(commit) publishes the files of the tested commit, which the host builds or takes as they are.
      - V(artifact) publishes the files in O(path). Without O(path), those of an earlier release commit with this id.
    type: str
    choices: [commit, artifact]
    default: commit
  path:
    description: A folder on this host with a built site.
    type: path
    default: ""
  public_dir:
    description: The folder of the branch whose files stand at the root of the site. Empty where the branch holds the site itself.
    type: str
    default: ""
  index:
    description: The page in the branch that gets the tag C(<meta name="holdfast-release">). Empty for none.
    type: str
    default: index.html
  assets_dir:
    description: The folder of the site with the files whose names change with their content.
    type: str
    default: assets
  keep_assets:
    description:
      - Whether those files of the release that users have are put into the new one, too, and are looked for once it is published.
      - Where the host builds, they are read from the site - the page's, and those that scripts and style sheets name. Else they come from
        the release before.
    type: bool
    default: true
  environment:
    description: Environment of the host's build, which is public.
    type: dict
    default: {}
  environment_file:
    description: The file of the branch that it is written to.
    type: str
    default: .env.production
  environment_prefixes:
    description: What the names in O(environment) must begin with.
    type: list
    elements: str
    default: [VITE_]
  publisher:
    description:
      - V(lovable) publishes by Lovable's API.
      - V(manual) waits until a person has published. O(approvals) must have one of the release; so long as that is good, it waits.
      - V(branch) is for hosts that publish every push. Releases are staged on O(preview_branch).
    type: str
    choices: [lovable, manual, branch]
    default: lovable
  project:
    description: Id of the project at Lovable.
    type: str
    default: ""
  api_key:
    description: Key for Lovable's API (C(lov_...)). Not given, E(LOVABLE_API_KEY) on the host that runs the module is used.
    type: str
  api_url:
    description: Where the API is. Change it to rehearse on the local Lovable.
    type: str
    default: https://api.lovable.dev
  preview_url:
    description: Where a staged release is shown. Lovable's API tells it.
    type: str
    default: ""
  preview_branch:
    description: With O(publisher=branch), the branch whose pushes are shown at O(preview_url).
    type: str
    default: ""
  approvals:
    description: The approvals in the portal's ledger, as C(state.approvals) of M(holdfast.webops.release_ledger_info).
    type: list
    elements: dict
    default: []
  sync_timeout:
    description: How many seconds the host may take until it knows a pushed commit and the preview shows it.
    type: float
    default: 300
  publish_timeout:
    description: How many seconds publishing may take until everybody gets the release.
    type: float
    default: 900
  proof_requests:
    description: How many rounds of fresh requests to every server must all show the release, its page and its files.
    type: int
    default: 5
seealso:
  - module: holdfast.webops.git_publish_info
  - module: holdfast.webops.release_lease
"""

EXAMPLES = r"""
- name: Have the branch hold a release, seen by nobody but us
  holdfast.webops.git_publish:
    repository: https://github.com/acme/shop.git
    password: "{{ vault_github_token }}"
    url: https://shop.example.org
    release_file: .well-known/shop-release.json
    public_dir: public
    project: 2b5b3c1e-0a57-4c11-9f38-0a3f5b9f2f0d
    api_key: "{{ vault_lovable_key }}"
    slot: green
    state: staged
    release: {id: 1.4.0-20261121T223000Z, version: 1.4.0, commit: 8843d7f92416211de9ebb963ff4ce28125932878}
    fencing: 12
  register: staged

- name: Publish it, and see that everybody gets it
  holdfast.webops.git_publish:
    repository: https://github.com/acme/shop.git
    password: "{{ vault_github_token }}"
    url: https://shop.example.org
    release_file: .well-known/shop-release.json
    public_dir: public
    project: 2b5b3c1e-0a57-4c11-9f38-0a3f5b9f2f0d
    api_key: "{{ vault_lovable_key }}"
    slot: green
    state: shifted
    release: {id: 1.4.0-20261121T223000Z, version: 1.4.0, commit: 8843d7f92416211de9ebb963ff4ce28125932878}
    fencing: 12
"""

RETURN = r"""
platform:
  description: What stands where afterwards, as C(platform) of M(holdfast.webops.git_publish_info).
  returned: success
  type: dict
  sample: {live_slot: green, idle_slot: blue, weights: {blue: 0, green: 100}}
preview_url:
  description: Where the release can be seen before users see it, with O(state=staged); else null.
  returned: success
  type: str
  sample: https://preview--shop.lovable.app
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.slotting import reconcile


def main() -> None:
    run_module(
        reconcile,
        argument_spec=ARGUMENTS,
        required_if=[("state", "staged", ["release"]), ("state", "shifted", ["release"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
