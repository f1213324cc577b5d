-- What takes long, and its results. Ids are ULIDs, of the time when it was asked for.

CREATE TABLE IF NOT EXISTS jobs (
    id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,  -- the conversation it is about; '': several
    state TINYINT NOT NULL,            -- 1 to be done, 2 done, 3 failed
    lease_until BIGINT NOT NULL,       -- until then somebody is at it
    code INT NOT NULL,                 -- of the failure
    text VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,  -- of the failure; or the result's content type
    parts INT NOT NULL,
    request BLOB NOT NULL,
    KEY jobs_waiting (state, id),
    KEY jobs_subject (subject)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS job_parts (
    job VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    part INT NOT NULL,
    data MEDIUMBLOB NOT NULL,
    PRIMARY KEY (job, part)
) ENGINE = InnoDB;
