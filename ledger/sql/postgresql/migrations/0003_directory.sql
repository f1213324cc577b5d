-- Departments and agents, each a serialized profile of parlor.v1; who changed what.

CREATE TABLE directory (
    site TEXT COLLATE "C" NOT NULL,
    kind SMALLINT NOT NULL,            -- 1 department, 2 agent
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,           -- meta's "directory" when it was saved
    entry BYTEA NOT NULL,
    PRIMARY KEY (site, kind, id)
);

CREATE TABLE audit (
    site TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,      -- a ULID of its time
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (site, id)
);

INSERT INTO meta (name, value) VALUES ('directory', 1);
