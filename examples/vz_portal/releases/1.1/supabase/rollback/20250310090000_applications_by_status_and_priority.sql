DROP INDEX CONCURRENTLY IF EXISTS idx_applications_status_priority;
