-- holdfast: phase=pre_deployment
-- Nobody has to write it yet: 1.0 does not know it.
ALTER TABLE documents ADD COLUMN IF NOT EXISTS virus_scan_version text;
