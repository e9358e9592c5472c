"""Who asks: the signature of a request (AWS Signature Version 4), made again by botocore and compared."""

from __future__ import annotations

import hmac
import re
import typing as t

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from tests.emulators.rds.errors import RdsError

if t.TYPE_CHECKING:
    from tests.emulators.http_server import Request

ACCESS_KEY, SECRET_KEY = "AKIALOCALRDS00000000", "local-rds-secret-key-of-40-characters-00"
ACCOUNT = "123456789012"
FORBIDDEN = 403
AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})$"
)


def check(request: Request, body: bytes, url: str, region: str) -> None:
    """RdsError unless somebody with our keys has signed it for this region."""
    found = AUTHORIZATION.match(request.headers.get("authorization", ""))
    if found is None:
        raise RdsError("MissingAuthenticationToken", "Request is missing Authentication Token", status=FORBIDDEN)
    if found["key"] != ACCESS_KEY:
        raise RdsError("InvalidClientTokenId", "The security token included in the request is invalid.", status=FORBIDDEN)
    if (found["region"], found["service"]) != (region, "rds"):
        raise RdsError("SignatureDoesNotMatch", f"Credential should be scoped to a valid region: {region}, and to rds.", status=FORBIDDEN)
    wanted = _signature(request, body, url, region, found["headers"].split(";"))
    if not hmac.compare_digest(wanted, found["signature"]):
        message = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key."
        raise RdsError("SignatureDoesNotMatch", message, status=FORBIDDEN)


def _signature(request: Request, body: bytes, url: str, region: str, names: t.Sequence[str]) -> str:
    headers = {name: request.headers.get(name, "") for name in names}
    again = botocore.awsrequest.AWSRequest("POST", url, headers=headers, data=body)
    again.context["timestamp"] = request.headers.get("x-amz-date", "")
    auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials(ACCESS_KEY, SECRET_KEY), "rds", region)
    return str(auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again))
