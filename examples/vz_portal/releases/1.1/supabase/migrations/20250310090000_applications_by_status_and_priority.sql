-- holdfast: phase=pre_deployment
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_applications_status_priority ON applications (status, priority);
