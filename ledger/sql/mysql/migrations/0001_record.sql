-- The record. Ids are ULIDs as text. Times are Unix milliseconds, 0 for "not yet".

-- MySQL commits every CREATE by itself: IF NOT EXISTS lets a migration that broke off go on.
CREATE TABLE IF NOT EXISTS conversations (
    id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    department VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state TINYINT NOT NULL,            -- 0 waiting, 1 assigned, 2 closed
    agent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,  -- holds it, or held it last
    fence BIGINT NOT NULL,             -- grows with every change of owner
    priority INT NOT NULL,
    shared_seq BIGINT NOT NULL,        -- the newest event of each stream, and its chain hash
    staff_seq BIGINT NOT NULL,
    shared_hash TINYBLOB,
    staff_hash TINYBLOB,
    assigned_seq BIGINT NOT NULL,      -- the shared event that gave it to `agent`
    visitor_name VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    preview VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,  -- the newest words
    opened_at BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    -- MySQL has no partial indexes: this one holds only what is open.
    open_id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin
        GENERATED ALWAYS AS (IF(state <> 2, id, NULL)) STORED,
    KEY conversations_open (open_id),
    KEY conversations_waiting (state, site, department, waiting_since),
    KEY conversations_closed (state, closed_at, id)
) ENGINE = InnoDB;

-- `event` holds the published bytes, a serialized parlor.v1.Event. The index over requests starts
-- with the request: ULIDs grow with time, so new entries share its last pages.
CREATE TABLE IF NOT EXISTS events (
    conversation VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stream TINYINT NOT NULL,           -- 1 shared, 2 staff
    seq BIGINT NOT NULL,
    request_id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    recorded_at BIGINT NOT NULL,
    event BLOB NOT NULL,
    hash TINYBLOB NOT NULL,
    PRIMARY KEY (conversation, stream, seq),
    UNIQUE KEY events_request (request_id, conversation)
) ENGINE = InnoDB;
