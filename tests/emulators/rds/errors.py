"""What RDS answers when it refuses: an error with a code, as its description has them."""

from __future__ import annotations


class RdsError(Exception):
    """An answer other than success. `code` is what clients look at."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> RdsError:
    return RdsError("InvalidParameterValue", message)


def contradictory(message: str) -> RdsError:
    return RdsError("InvalidParameterCombination", message)


def not_here(message: str) -> RdsError:
    """RDS has it, this one does not: never silently left out."""
    return RdsError("NotImplemented", f"The local RDS has not got this: {message}", status=501)


def no_instance(identifier: str) -> RdsError:
    return RdsError("DBInstanceNotFound", f"DBInstance {identifier} not found.", status=404)


def instance_exists() -> RdsError:
    return RdsError("DBInstanceAlreadyExists", "DB instance already exists")


def wrong_state(message: str) -> RdsError:
    return RdsError("InvalidDBInstanceState", message)


def no_snapshot(identifier: str) -> RdsError:
    return RdsError("DBSnapshotNotFound", f"DBSnapshot {identifier} not found.", status=404)
