-- holdfast: phase=post_deployment
-- Documents from before the column was there were looked at by a scanner whose version nobody wrote down.
UPDATE applications SET priority = 'normal' WHERE priority IS NULL;

UPDATE documents SET virus_scan_version = 'not recorded' WHERE virus_scan_version IS NULL;

ALTER TABLE documents ADD CONSTRAINT documents_virus_scan_version_given CHECK (virus_scan_version IS NOT NULL) NOT VALID;
