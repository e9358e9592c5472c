# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a project's auth service: PATCH /v1/projects/{ref}/config/auth in the published description, of May 2026, made compact.

A test compares them with the description, name by name and bound by bound.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settings import INT16, INT32, Setting

_FLAG, _TEXT, _LIST, _SECRET = Setting("bool"), Setting("text"), Setting("list"), Setting("text", secret=True)
_NO_COMMA = Setting("text", pattern="^[^,]+$")
_OVERALL = Setting("bool", nullable=False)
_LETTERS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_SIGNS = "!@#$%^&*()_+-=[]{};'\\\\:\"|<>?,./`~"

_HOOKS = (
    "mfa_verification_attempt password_verification_attempt custom_access_token send_sms send_email before_user_created after_user_created"
)
_NOTIFICATIONS = "password_changed email_changed phone_changed mfa_factor_enrolled mfa_factor_unenrolled identity_linked identity_unlinked"
_MAILS = "invite confirmation recovery email_change magic_link reauthentication"
_PROVIDERS = (
    "apple azure bitbucket discord facebook figma github gitlab google kakao keycloak linkedin_oidc slack_oidc notion slack spotify "
    "twitch twitter x workos zoom"
)
_FLAGS = """
    disable_signup mailer_allow_unverified_email_sign_ins mailer_autoconfirm external_anonymous_users_enabled external_email_enabled
    external_phone_enabled external_web3_solana_enabled external_web3_ethereum_enabled external_google_skip_nonce_check saml_enabled
    security_sb_forwarded_for_enabled security_captcha_enabled sessions_single_per_user mailer_secure_email_change_enabled
    refresh_token_rotation_enabled password_hibp_enabled security_manual_linking_enabled sms_autoconfirm mfa_totp_enroll_enabled
    mfa_totp_verify_enabled mfa_web_authn_enroll_enabled mfa_web_authn_verify_enabled mfa_phone_enroll_enabled mfa_phone_verify_enabled
    security_update_password_require_reauthentication oauth_server_enabled oauth_server_allow_dynamic_registration
    security_update_password_require_current_password
"""
_TEXTS = """
    smtp_admin_email smtp_host smtp_port smtp_user smtp_sender_name sms_messagebird_originator sms_textlocal_sender
    sms_twilio_account_sid sms_twilio_content_sid sms_twilio_message_service_sid sms_twilio_verify_account_sid
    sms_twilio_verify_message_service_sid sms_vonage_from sms_template sms_test_otp_valid_until external_azure_url external_gitlab_url
    external_keycloak_url external_workos_url webauthn_rp_display_name webauthn_rp_id mfa_phone_template nimbus_oauth_client_id
    oauth_server_authorization_path
"""
_SECRETS = """
    smtp_pass security_captcha_secret sms_messagebird_access_key sms_textlocal_api_key sms_twilio_auth_token sms_twilio_verify_auth_token
    sms_vonage_api_key sms_vonage_api_secret nimbus_oauth_client_secret
"""
_BOUNDS = {
    "jwt_exp": (0, 604_800),
    "smtp_max_frequency": (0, INT16),
    "mfa_max_enrolled_factors": (0, INT32),
    "rate_limit_anonymous_users": (1, INT32),
    "rate_limit_email_sent": (1, INT32),
    "rate_limit_sms_sent": (1, INT32),
    "rate_limit_verify": (1, INT32),
    "rate_limit_token_refresh": (1, INT32),
    "rate_limit_otp": (1, INT32),
    "rate_limit_web3": (1, INT32),
    "password_min_length": (6, INT16),
    "security_refresh_token_reuse_interval": (0, INT32),
    "mailer_otp_length": (6, 10),
    "sms_max_frequency": (0, INT16),
    "sms_otp_exp": (0, INT32),
    "mfa_phone_max_frequency": (0, INT16),
    "mfa_phone_otp_length": (0, INT16),
}
_SINGLE = {
    "site_url": _NO_COMMA,
    "saml_external_url": _NO_COMMA,
    "uri_allow_list": _LIST,
    "webauthn_rp_origins": _LIST,
    "external_apple_additional_client_ids": _LIST,
    "external_google_additional_client_ids": _LIST,
    "sessions_timebox": Setting("number", low=0),
    "sessions_inactivity_timeout": Setting("number", low=0),
    "sessions_tags": Setting("list", pattern=r"^\s*([a-zA-Z0-9_-]+(\s*,+\s*)?)*\s*$"),
    "security_captcha_provider": Setting("text", choices=("turnstile", "hcaptcha")),
    "sms_provider": Setting("text", choices=("messagebird", "textlocal", "twilio", "twilio_verify", "vonage")),
    "sms_test_otp": Setting("text", pattern="^([0-9]{1,15}=[0-9]+,?)*$", secret=True),
    "mailer_otp_exp": Setting("int", low=0, high=INT32, nullable=False),
    "sms_otp_length": Setting("int", low=0, high=INT16, nullable=False),
    "password_required_characters": Setting(
        "text", choices=("".join(_LETTERS[:2]) + ":" + _LETTERS[2], ":".join(_LETTERS), ":".join((*_LETTERS, _SIGNS)), "")
    ),
    "db_max_pool_size": Setting("int"),
    "db_max_pool_size_unit": Setting("text", choices=("connections", "percent")),
    "api_max_request_duration": Setting("int"),
    "passkey_enabled": _OVERALL,
    "custom_oauth_enabled": _OVERALL,
}


def _of_provider(name: str) -> dict[str, Setting]:
    fields = {"enabled": _FLAG, "client_id": _TEXT, "secret": _SECRET, "email_optional": _FLAG}
    if name == "workos":
        del fields["email_optional"]
    return {f"external_{name}_{field}": setting for field, setting in fields.items()}


def _named(names: str, form: str, setting: Setting) -> dict[str, Setting]:
    return {form.format(name): setting for name in names.split()}


AUTH: t.Mapping[str, Setting] = {
    **_named(_FLAGS, "{}", _FLAG),
    **_named(_TEXTS, "{}", _TEXT),
    **_named(_SECRETS, "{}", _SECRET),
    **{name: Setting("int", low=low, high=high) for name, (low, high) in _BOUNDS.items()},
    **_named(_MAILS, "mailer_subjects_{}", _TEXT),
    **_named(_MAILS, "mailer_templates_{}_content", _TEXT),
    **_named(_NOTIFICATIONS, "mailer_subjects_{}_notification", _TEXT),
    **_named(_NOTIFICATIONS, "mailer_templates_{}_notification_content", _TEXT),
    **_named(_NOTIFICATIONS, "mailer_notifications_{}_enabled", _FLAG),
    **_named(_HOOKS, "hook_{}_enabled", _FLAG),
    **_named(_HOOKS, "hook_{}_uri", _TEXT),
    **_named(_HOOKS, "hook_{}_secrets", _SECRET),
    **{name: setting for provider in _PROVIDERS.split() for name, setting in _of_provider(provider).items()},
    **_SINGLE,
}
PLAIN = {name: setting for name, setting in AUTH.items() if not setting.secret}
SECRET = {name: setting for name, setting in AUTH.items() if setting.secret}
