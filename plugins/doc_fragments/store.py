# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that uses one object store or several."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.store) is one store, C(holdfast.webops.store.destinations) is several."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - The object store, as a URL without credentials.
      - V(file:///absolute/path) is a directory of the host that runs the module; it is made when it is missing.
      - V(s3://bucket/prefix) is Amazon S3 or a server that speaks its protocol; the bucket must exist. Needs the library C(obstore).
    type: str
    required: true
  store_options:
    description: How to reach an V(s3://) store. A V(file://) store takes none.
    type: dict
    suboptions:
      endpoint:
        description: URL of the server, V(https://host) or V(http://host:port). Left out, it is Amazon S3 in O(store_options.region).
        type: str
      region:
        description: Region of the bucket. Left out, it comes from the environment variable E(AWS_REGION), else V(us-east-1).
        type: str
      access_key_id:
        description:
          - Name of the access key.
          - Left out together with O(store_options.secret_access_key),
            the environment variables of AWS, the role of the container or of the instance are used.
        type: str
      secret_access_key:
        description: Secret part of the access key.
        type: str
      allow_http:
        description: Allow an endpoint without encryption, as a server on the same host may have.
        type: bool
        default: false
"""

    DESTINATIONS = r"""
options:
  destinations:
    description: The object stores, one entry each.
    type: list
    elements: dict
    required: true
    suboptions:
      store:
        description:
          - The object store, as a URL without credentials.
          - V(file:///absolute/path) is a directory of the host that runs the module; it is made when it is missing.
          - V(s3://bucket/prefix) is Amazon S3 or a server that speaks its protocol; the bucket must exist. Needs the library C(obstore).
        type: str
        required: true
      endpoint:
        description: URL of the server, V(https://host) or V(http://host:port). Left out, it is Amazon S3 in O(destinations[].region).
        type: str
      region:
        description: Region of the bucket. Left out, it comes from the environment variable E(AWS_REGION), else V(us-east-1).
        type: str
      access_key_id:
        description:
          - Name of the access key.
          - Left out together with O(destinations[].secret_access_key),
            the environment variables of AWS, the role of the container or of the instance are used.
        type: str
      secret_access_key:
        description: Secret part of the access key.
        type: str
      allow_http:
        description: Allow an endpoint without encryption, as a server on the same host may have.
        type: bool
        default: false
"""
