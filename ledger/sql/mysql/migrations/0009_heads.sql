-- How far a conversation has come. Most events change nothing else of it, and its row is wide.

CREATE TABLE IF NOT EXISTS heads (
    id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    opened_at BIGINT NOT NULL,         -- its conversation's
    shared_seq BIGINT NOT NULL,        -- the newest event of each stream, and its chain hash
    staff_seq BIGINT NOT NULL,
    shared_hash TINYBLOB,
    staff_hash TINYBLOB,
    preview_seq BIGINT NOT NULL,       -- the visitor's newest message; 0: none since this table
    spoken_at BIGINT NOT NULL          -- the newest message
) ENGINE = InnoDB;
INSERT IGNORE INTO heads (id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, preview_seq, spoken_at)
SELECT id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, 0, spoken_at FROM conversations;
