-- Departments and agents, each a serialized profile of parlor.v1; who changed what.

CREATE TABLE directory (
    site TEXT NOT NULL,
    kind INTEGER NOT NULL,             -- 1 department, 2 agent
    id TEXT NOT NULL,
    version INTEGER NOT NULL,          -- meta's "directory" when it was saved
    entry BLOB NOT NULL,
    PRIMARY KEY (site, kind, id)
) WITHOUT ROWID;

CREATE TABLE audit (
    site TEXT NOT NULL,
    id TEXT NOT NULL,                  -- a ULID of its time
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (site, id)
) WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('directory', 1);
