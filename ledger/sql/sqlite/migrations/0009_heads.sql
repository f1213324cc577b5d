-- How far a conversation has come. Most events change nothing else of it, and its row is wide.

CREATE TABLE heads (
    id TEXT NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL,        -- its conversation's
    shared_seq INTEGER NOT NULL,       -- the newest event of each stream, and its chain hash
    staff_seq INTEGER NOT NULL,
    shared_hash BLOB,
    staff_hash BLOB,
    preview_seq INTEGER NOT NULL,      -- the visitor's newest message; 0: none since this table
    spoken_at INTEGER NOT NULL         -- the newest message
) WITHOUT ROWID;
INSERT INTO heads (id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, preview_seq, spoken_at)
SELECT id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, 0, spoken_at FROM conversations;
