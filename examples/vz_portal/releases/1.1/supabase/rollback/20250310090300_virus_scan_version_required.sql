ALTER TABLE documents ADD CONSTRAINT documents_virus_scan_version_given CHECK (virus_scan_version IS NOT NULL) NOT VALID;

ALTER TABLE documents ALTER COLUMN virus_scan_version DROP NOT NULL;
