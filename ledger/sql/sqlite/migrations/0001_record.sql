-- The record. Ids are ULIDs as text. Times are Unix milliseconds, 0 for "not yet".

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    department TEXT NOT NULL,
    state INTEGER NOT NULL,            -- 0 waiting, 1 assigned, 2 closed
    agent TEXT NOT NULL,               -- who holds it, or held it last
    fence INTEGER NOT NULL,            -- grows with every change of owner
    priority INTEGER NOT NULL,
    shared_seq INTEGER NOT NULL,       -- the newest event of each stream, and its chain hash
    staff_seq INTEGER NOT NULL,
    shared_hash BLOB,
    staff_hash BLOB,
    assigned_seq INTEGER NOT NULL,     -- the shared event that gave it to `agent`
    visitor_name TEXT NOT NULL,
    preview TEXT NOT NULL,             -- the visitor's newest words
    opened_at INTEGER NOT NULL,
    waiting_since INTEGER NOT NULL,
    assigned_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX conversations_open ON conversations (id) WHERE state <> 2;
CREATE INDEX conversations_waiting ON conversations (site, department, waiting_since) WHERE state = 0;
CREATE INDEX conversations_closed ON conversations (closed_at, id) WHERE state = 2;

-- `event` holds the published bytes, a serialized parlor.v1.Event. The index over requests starts
-- with the request: ULIDs grow with time, so new entries share its last pages.
CREATE TABLE events (
    conversation TEXT NOT NULL,
    stream INTEGER NOT NULL,           -- 1 shared, 2 staff
    seq INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    event BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (conversation, stream, seq),
    UNIQUE (request_id, conversation)
);
