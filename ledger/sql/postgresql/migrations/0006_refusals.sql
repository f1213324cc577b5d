-- Why visitors' drafts were refused, in the ledger's words. Kept for a while, so that every replica can say.

CREATE TABLE refusals (
    conversation TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    code BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (conversation, request_id)
);
CREATE INDEX refusals_at ON refusals (at);
