-- Departments and agents, each a serialized profile of parlor.v1; who changed what.

CREATE TABLE IF NOT EXISTS directory (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind TINYINT NOT NULL,             -- 1 department, 2 agent
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version BIGINT NOT NULL,           -- meta's "directory" when it was saved
    entry MEDIUMBLOB NOT NULL,
    PRIMARY KEY (site, kind, id)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS audit (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,  -- a ULID of its time
    actor VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    target VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (site, id)
) ENGINE = InnoDB;

INSERT IGNORE INTO meta (name, value) VALUES ('directory', 1);
