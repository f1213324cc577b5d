-- Why visitors' drafts were refused, in the ledger's words. Kept for a while, so that every replica can say.

CREATE TABLE IF NOT EXISTS refusals (
    conversation VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code INT NOT NULL,
    text VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (conversation, request_id),
    KEY refusals_at (at)
) ENGINE = InnoDB;
