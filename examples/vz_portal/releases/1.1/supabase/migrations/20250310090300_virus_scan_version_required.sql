-- holdfast: phase=post_deployment
-- The check, validated while people write, spares SET NOT NULL the look at every row under its lock. Nothing 1.0 uploads is accepted after this.
ALTER TABLE documents VALIDATE CONSTRAINT documents_virus_scan_version_given;

ALTER TABLE documents ALTER COLUMN virus_scan_version SET NOT NULL;

ALTER TABLE documents DROP CONSTRAINT documents_virus_scan_version_given;
