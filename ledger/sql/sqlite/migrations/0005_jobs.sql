-- What takes long, and its results. Ids are ULIDs, of the time when it was asked for.

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    owner TEXT NOT NULL,
    subject TEXT NOT NULL,             -- the conversation it is about; '': several
    state INTEGER NOT NULL,            -- 1 to be done, 2 done, 3 failed
    lease_until INTEGER NOT NULL,      -- until then somebody is at it
    code INTEGER NOT NULL,             -- of the failure
    text TEXT NOT NULL,                -- of the failure; or the result's content type
    parts INTEGER NOT NULL,
    request BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_waiting ON jobs (state, id);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE job_parts (
    job TEXT NOT NULL,
    part INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (job, part)
);
