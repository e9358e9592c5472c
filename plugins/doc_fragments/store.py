# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that uses one object store or several."""

from __future__ import annotations

import textwrap


class ModuleDocFragment:
    """C(holdfast.webops.store) is one store, C(holdfast.webops.store.destinations) is several."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - The object store, as a URL without credentials.
      - V(file:///absolute/path) is a directory of the host that runs the module; it is made when it is missing.
      - V(s3://bucket/prefix) is Amazon S3 or a server that speaks its protocol, by the library C(obstore).
      - V(az://container/prefix) is Azure Blob Storage, by the library C(obstore).
      - V(gs://bucket/prefix) is Google Cloud Storage, by the library C(google-cloud-storage).
      - V(vercel-blob://store/prefix) is a private store of Vercel Blob, by its id, by the library C(requests).
      - Buckets and containers must exist.
    type: str
    required: true
  store_options:
    description: How to reach the store. A V(file://) store takes none.
    type: dict
    suboptions:
      endpoint:
        description:
          - URL of the server, V(https://host) or V(http://host:port). Left out, it is the service itself.
          - Google's own credentials are never sent to an endpoint without encryption.
        type: str
      region:
        description: For V(s3://), region of the bucket. Left out, it comes from the environment variable E(AWS_REGION), else V(us-east-1).
        type: str
      access_key_id:
        description:
          - For V(s3://), name of the access key.
          - Left out together with O(store_options.secret_access_key),
            AWS's ordinary chain is used on the host that runs the module (E(AWS_ACCESS_KEY_ID), then the profile that E(AWS_PROFILE)
            or the files in C(~/.aws) name, then the role of a web identity, of the container or of the instance).
        type: str
      secret_access_key:
        description: For V(s3://), secret part of the access key.
        type: str
      session_token:
        description: For V(s3://), the token that belongs to a temporary access key.
        type: str
      account:
        description: For V(az://), name of the storage account. Left out, it comes from E(AZURE_STORAGE_ACCOUNT_NAME).
        type: str
      account_key:
        description:
          - For V(az://), a key of the account.
          - Left out together with O(store_options.sas_token), the environment variables of Azure
            (E(AZURE_STORAGE_ACCOUNT_KEY), E(AZURE_CLIENT_ID) and others), the workload's or the machine's identity are used, or with
            E(AZURE_USE_AZURE_CLI) set to V(true) whoever is logged in with the Azure CLI.
        type: str
      sas_token:
        description: For V(az://), a shared access signature that may read, add, write, delete and list.
        type: str
      service_account_file:
        description:
          - For V(gs://), path of a service account's key on the host that runs the module.
          - Left out together with O(store_options.service_account_key), Google's Application Default Credentials are used
            (E(GOOGLE_APPLICATION_CREDENTIALS), then C(gcloud auth application-default login), then the machine's service account).
        type: path
      service_account_key:
        description: For V(gs://), the text of that file.
        type: str
      token:
        description: For V(vercel-blob://), the store's read-write token. Left out, it comes from E(BLOB_READ_WRITE_TOKEN).
        type: str
      allow_http:
        description: Allow an endpoint without encryption, as a server on the same host may have.
        type: bool
        default: false
      storage_class:
        description:
          - Storage class, or access tier, of what is uploaded as a stream, such as archives of backups. Manifests, leases and the ledger
            are always of the bucket's own class, because they are read often.
          - For example V(STANDARD_IA), V(Cool) or V(NEARLINE). From V(GLACIER), V(DEEP_ARCHIVE) and V(Archive) nothing can be restored
            before somebody has it brought back.
        type: str
      server_side_encryption:
        description: For V(s3://), how the service encrypts. Left out, it is as the bucket says. Azure and Google always encrypt.
        type: str
        choices: [AES256, aws:kms, aws:kms:dsse]
      kms_key_id:
        description: For V(s3://) and V(gs://), the key of the provider's key service to encrypt with.
        type: str
      lock_days:
        description:
          - For V(s3://) and V(gs://), nobody can remove or change a backup for so many days.
          - The bucket must have Object Lock (Amazon) or object retention (Google) enabled. Amazon's needs the library C(boto3).
          - In Azure, and for whole buckets, a retention policy of the container does the same without this option.
        type: int
      lock_mode:
        description:
          - V(governance) can be lifted by who has the right to do so, V(compliance) by nobody.
          - V(governance) is what is meant where O(store_options.lock_days) stands alone.
        type: str
        choices: [governance, compliance]
"""

    # Each ledger of another environment is in a store that is described as the module's own. ansible-test's yamllint reads
    # assignments without a type only, and those must be literals.
    OTHERS: str = r"""
options:
  others:
    description: Ledgers of other environments to read in the same task.
    type: list
    elements: dict
    suboptions:
      environment:
        description: What it is called in messages.
        type: str
        required: true
      portal:
        description: Name of the portal there. Left out, it is the same.
        type: str
""" + textwrap.indent(DOCUMENTATION.partition("options:\n")[2], "    ").replace("O(store_options", "O(others[].store_options")

    # A single store and its options, as they stand in a dictionary.
    _ENTRY: str = (
        textwrap.indent(DOCUMENTATION.partition("options:\n")[2].partition("  store_options:\n")[0], "    ")
        + DOCUMENTATION.partition("    suboptions:\n")[2]
    )

    DESTINATIONS: str = """
options:
  destinations:
    description: The object stores, one entry each.
    type: list
    elements: dict
    required: true
    suboptions:
""" + _ENTRY.replace("O(store_options.", "O(destinations[].")

    OPTIONAL_DESTINATIONS: str = DESTINATIONS.replace("    required: true\n    suboptions:", "    suboptions:", 1)

    # A bucket of an application has no say in how it stores, so it takes the first of these options only.
    SOURCE: str = """
options:
  source:
    description:
      - The bucket or prefix to back up, with the credentials that may list and read it.
      - In V(s3://) buckets it is read by the library C(boto3).
    type: dict
    required: true
    suboptions:
""" + _ENTRY.partition("      storage_class:")[0].replace("O(store_options.", "O(source.")

    TARGET: str = (
        SOURCE.replace("  source:", "  target:")
        .replace("O(source.", "O(target.")
        .replace(
            "The bucket or prefix to back up, with the credentials that may list and read it.",
            "The bucket or prefix to restore into, with the credentials that may list, read and write it.",
        )
        .replace("it is read by", "it is written by")
        .replace("    required: true\n    suboptions:", "    suboptions:", 1)
    )
