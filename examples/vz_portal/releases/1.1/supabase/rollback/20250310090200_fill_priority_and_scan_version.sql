-- What was filled in stays: nobody knows any more which rows had nothing.
ALTER TABLE documents DROP CONSTRAINT IF EXISTS documents_virus_scan_version_given;
