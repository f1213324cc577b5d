-- Offers, agents beside the holder, and what routing goes by.

-- Whoever is about to give an agent something locks its row, so that two replicas do not both see
-- room for one more.
CREATE TABLE IF NOT EXISTS agent_locks (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    agent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (site, agent)
) ENGINE = InnoDB;

-- One statement, which happens as a whole or not at all; and may have happened already. The key that
-- is replaced is there before and after.
ALTER TABLE conversations
    ADD COLUMN IF NOT EXISTS offered_to VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS offered_until BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS declined VARCHAR(4200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS next_round BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS joined VARCHAR(600) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS visitor_email VARCHAR(256) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
        DEFAULT '',
    ADD COLUMN IF NOT EXISTS spoken_at BIGINT NOT NULL DEFAULT 0,
    DROP KEY conversations_waiting,
    ADD KEY conversations_waiting (state, site, department, priority DESC, waiting_since),
    ADD KEY IF NOT EXISTS conversations_offered (state, site, offered_to),
    ADD KEY IF NOT EXISTS conversations_held (state, site, agent),
    ADD KEY IF NOT EXISTS conversations_visitor (site, visitor_email);
