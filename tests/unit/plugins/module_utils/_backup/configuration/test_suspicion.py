"""What looks like a secret that is not encrypted."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.suspicion import secret_in

BEGIN = "-----BEGIN {}-----\nMII...".format
TOKEN = "A" * 40
SUSPICIOUS = {
    ".env": "A=1",
    ".env.production": "A=1",
    "shop.env": "",
    "vault_pass": "x",
    ".vault-password.txt": "x",
    "vault_password_file": "x",
    "id_ed25519": "",
    "keys.p12": "",
    ".pgpass": "",
    ".git-credentials": "",
    "tls.pem": BEGIN("PRIVATE KEY"),
    "rsa.key": BEGIN("RSA PRIVATE KEY"),
    "ssh": BEGIN("OPENSSH PRIVATE KEY"),
    "sealed.key": BEGIN("ENCRYPTED PRIVATE KEY"),
    "pgp.asc": BEGIN("PGP PRIVATE KEY BLOCK"),
    "age.txt": "# created\nAGE-SECRET-KEY-1QQQ",
    "aws.ini": "aws_secret_access_key = " + TOKEN,
    "ci.yml": "token: ghp_" + "a" * 36,
    "supabase.toml": "key = sbp_" + "0" * 40,
    "payments.yml": "stripe: sk_live_" + "a" * 24,
    "jwt.txt": "eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJyb2xlIjoic2VydmljZV9y.c2lnbmF0dXJlLW9mLXRoYXQ",
    "app.conf": "database = postgres://app:hunter22@db.example.org/shop",
}
HARMLESS = {
    ".env.example": "A=\n",
    "env.j2": "A={{ a }}",
    "vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162",
    ".env.vaulted": "$ANSIBLE_VAULT;1.1;AES256\n6162",
    "tls.crt": "-----BEGIN CERTIFICATE-----\nMII...",
    "id_ed25519.pub": "ssh-ed25519 AAAA",
    "allowed_signers": "shop ssh-ed25519 AAAA",
    "backup.pub": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "app.conf": "database = postgres://app:{{ vault_password }}@db/shop\nother = postgres://app:$PASSWORD@db\nhost = https://example.org:8443/@x",
    "environment": "LANG=C",
}


@pytest.mark.parametrize(("name", "text"), SUSPICIOUS.items(), ids=SUSPICIOUS)
def test_what_looks_like_a_secret_is_named(name: str, text: str) -> None:
    assert secret_in(f"files/etc/{name}", text.encode())


@pytest.mark.parametrize(("name", "text"), HARMLESS.items(), ids=HARMLESS)
def test_what_is_public_or_encrypted_is_not(name: str, text: str) -> None:
    assert secret_in(f"files/etc/{name}", text.encode()) == ""
