-- Why visitors' drafts were refused, in the ledger's words. Kept for a while, so that every replica can say.

CREATE TABLE refusals (
    conversation TEXT NOT NULL,
    request_id TEXT NOT NULL,
    code INTEGER NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (conversation, request_id)
) WITHOUT ROWID;
CREATE INDEX refusals_at ON refusals (at);
