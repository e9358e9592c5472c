ALTER TABLE documents DROP COLUMN IF EXISTS virus_scan_version;
