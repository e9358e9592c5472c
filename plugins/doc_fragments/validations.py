# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option `validations`: questions of the business to a database, and the right answers."""

from __future__ import annotations


class ModuleDocFragment:
    """What a question is made of; when they are asked is said by the module."""

    DOCUMENTATION = r"""
options:
  validations:
    description:
      - What must hold.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What it is called.
        type: str
        required: true
      query:
        description: A query that gives one row of one column. Its answer is shown, so it should give a number, and no names of people.
        type: str
      expect:
        description: What the answer must be; numbers are compared as numbers, everything else as text.
        type: raw
      at_least:
        description: The smallest number that is right.
        type: float
      at_most:
        description: The largest one.
        type: float
      child:
        description:
          - Instead of O(validations[].query), a column that refers to another one, such as V(public.orders.customer).
          - The answer is the number of rows that refer to nothing. Left out, O(validations[].expect) is 0.
        type: str
      parent:
        description: The column that it refers to, such as V(public.customers.id).
        type: str
"""
