"""The configuration of the auth server: 237 settings, most of them null until somebody sets them."""

from __future__ import annotations

import hashlib
import hmac
import re
import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import payment_required
from tests.emulators.supabase.excerpt import bodies

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

PATTERN: t.Final = "PATCH /projects/*/config/auth"
SECRET = re.compile(r"(_secrets?|_pass|_auth_token|_access_key|_api_key|_api_secret)$")
MASK = "**********"
# What a new project has; a boolean that is not here is false, anything else null.
AT_FIRST: t.Final[Object] = {
    "custom_oauth_max_providers": 3,
    "db_max_pool_size_unit": "connections",
    "external_email_enabled": True,
    "jwt_exp": 3600,
    "mailer_otp_exp": 3600,
    "mailer_otp_length": 6,
    "mailer_secure_email_change_enabled": True,
    "mfa_max_enrolled_factors": 10,
    "mfa_phone_max_frequency": 5,
    "mfa_phone_otp_length": 6,
    "mfa_phone_template": "Your code is {{ .Code }}",
    "mfa_totp_enroll_enabled": True,
    "mfa_totp_verify_enabled": True,
    "password_min_length": 6,
    "password_required_characters": "",
    "rate_limit_anonymous_users": 30,
    "rate_limit_email_sent": 2,
    "rate_limit_otp": 30,
    "rate_limit_sms_sent": 30,
    "rate_limit_token_refresh": 150,
    "rate_limit_verify": 30,
    "rate_limit_web3": 30,
    "refresh_token_rotation_enabled": True,
    "saml_allow_encrypted_assertions": False,
    "security_refresh_token_reuse_interval": 10,
    "sessions_inactivity_timeout": 0,
    "sessions_timebox": 0,
    "site_url": "http://localhost:3000",
    "sms_max_frequency": 5,
    "sms_otp_exp": 60,
    "sms_otp_length": 6,
    "sms_template": "Your code is {{ .Code }}",
    "smtp_max_frequency": 60,
    "uri_allow_list": "",
}
# What is not in the body of a change.
READ_ONLY: t.Final = ("nimbus_oauth_email_optional",)
# These need a plan that is paid for.
PAID: t.Final = ("sessions_timebox", "sessions_inactivity_timeout", "sessions_single_per_user", "password_hibp_enabled")


def show(world: World, call: Call) -> Answer:
    return Answer(200, _shown(call.project, world.settings.secrets_shown))


def change(world: World, call: Call) -> Answer:
    """PATCH: only what the body names."""
    wanted: Object = call.body or {}
    paid_for = [name for name in PAID if wanted.get(name)]
    if call.project.organization.is_free and paid_for:
        raise payment_required(f"{', '.join(paid_for)}: this feature is only available on the Pro Plan and up.")
    call.project.settings.auth.update(wanted)
    return show(world, call)


def current(project: Project) -> Object:
    """All settings, in the clear."""
    properties = bodies()[PATTERN]["properties"]
    first = {name: False if "boolean" in schema["type"] else None for name, schema in properties.items()}
    return {**first, **dict.fromkeys(READ_ONLY), **AT_FIRST, **project.settings.auth}


def _shown(project: Project, how: str) -> Object:
    found = current(project)
    if how == "plain":
        return found
    return {name: _hidden(project, value, how) if value and SECRET.search(name) else value for name, value in found.items()}


def _hidden(project: Project, value: str, how: str) -> str:
    return MASK if how == "masked" else hmac.new(project.ref.encode(), value.encode(), hashlib.sha256).hexdigest()
