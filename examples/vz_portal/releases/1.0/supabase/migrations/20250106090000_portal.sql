-- The first schema: people, their applications, documents and messages. Everybody sees what is theirs and nothing else.
CREATE TABLE profiles (
    id uuid PRIMARY KEY,
    full_name text NOT NULL,
    bsn_digest bytea UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE applications (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES profiles (id),
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'submitted', 'in_review', 'granted', 'refused', 'closed')),
    priority text CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    form_data jsonb NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    submitted_at timestamptz,
    closed_at timestamptz
);

CREATE TABLE documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id uuid NOT NULL REFERENCES applications (id),
    name text NOT NULL,
    object_path text NOT NULL UNIQUE,
    uploaded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE messages (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    application_id uuid NOT NULL REFERENCES applications (id),
    sender_id uuid NOT NULL REFERENCES profiles (id),
    body text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE data_deletion_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    completed_at timestamptz,
    results jsonb NOT NULL DEFAULT '[]'
);

CREATE INDEX applications_of_user ON applications (user_id);
CREATE INDEX documents_of_application ON documents (application_id);
CREATE INDEX messages_of_application ON messages (application_id);

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications ENABLE ROW LEVEL SECURITY;
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_deletion_logs ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_profile ON profiles FOR ALL TO authenticated USING (id = (SELECT auth.uid()));
CREATE POLICY own_applications ON applications FOR ALL TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY documents_of_own_applications ON documents FOR ALL TO authenticated
USING (application_id IN (SELECT id FROM applications WHERE user_id = (SELECT auth.uid())));
CREATE POLICY messages_of_own_applications ON messages FOR ALL TO authenticated
USING (application_id IN (SELECT id FROM applications WHERE user_id = (SELECT auth.uid())));
