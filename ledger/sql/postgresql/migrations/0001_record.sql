-- The record. Ids are ULIDs as text. Times are Unix milliseconds, 0 for "not yet".

CREATE TABLE conversations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    site TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    state SMALLINT NOT NULL,           -- 0 waiting, 1 assigned, 2 closed
    agent TEXT NOT NULL,               -- who holds it, or held it last
    fence BIGINT NOT NULL,             -- grows with every change of owner
    priority INTEGER NOT NULL,
    shared_seq BIGINT NOT NULL,        -- the newest event of each stream, and its chain hash
    staff_seq BIGINT NOT NULL,
    shared_hash BYTEA,
    staff_hash BYTEA,
    assigned_seq BIGINT NOT NULL,      -- the shared event that gave it to `agent`
    visitor_name TEXT NOT NULL,
    preview TEXT NOT NULL,             -- the visitor's newest words
    opened_at BIGINT NOT NULL,
    waiting_since BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX conversations_open ON conversations (id) WHERE state <> 2;
CREATE INDEX conversations_waiting ON conversations (site, department, waiting_since) WHERE state = 0;
CREATE INDEX conversations_closed ON conversations (closed_at, id) WHERE state = 2;

-- `event` holds the published bytes, a serialized parlor.v1.Event. The index over requests starts
-- with the request: ULIDs grow with time, so new entries share its last pages.
CREATE TABLE events (
    conversation TEXT COLLATE "C" NOT NULL,
    stream SMALLINT NOT NULL,          -- 1 shared, 2 staff
    seq BIGINT NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    event BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (conversation, stream, seq),
    UNIQUE (request_id, conversation)
);
