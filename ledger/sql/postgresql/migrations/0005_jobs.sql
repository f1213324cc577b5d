-- What takes long, and its results. Ids are ULIDs, of the time when it was asked for.

CREATE TABLE jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    site TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,             -- the conversation it is about; '': several
    state BIGINT NOT NULL,            -- 1 to be done, 2 done, 3 failed
    lease_until BIGINT NOT NULL,      -- until then somebody is at it
    code BIGINT NOT NULL,             -- of the failure
    text TEXT COLLATE "C" NOT NULL,                -- of the failure; or the result's content type
    parts BIGINT NOT NULL,
    request BYTEA NOT NULL
);
CREATE INDEX jobs_waiting ON jobs (state, id);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE job_parts (
    job TEXT COLLATE "C" NOT NULL,
    part BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (job, part)
);
