-- Offers, agents beside the holder, and what routing goes by.

ALTER TABLE conversations
    ADD COLUMN offered_to TEXT NOT NULL DEFAULT '',
    ADD COLUMN offered_until BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN declined TEXT NOT NULL DEFAULT '',       -- agents, by spaces
    ADD COLUMN next_round BIGINT NOT NULL DEFAULT 0,    -- they are asked again
    ADD COLUMN joined TEXT NOT NULL DEFAULT '',         -- agents, by spaces
    ADD COLUMN visitor_email TEXT NOT NULL DEFAULT '',
    ADD COLUMN spoken_at BIGINT NOT NULL DEFAULT 0;     -- the newest message

DROP INDEX conversations_waiting;
CREATE INDEX conversations_waiting ON conversations (site, department, priority DESC, waiting_since)
    WHERE state = 0;
CREATE INDEX conversations_offered ON conversations (site, offered_to)
    WHERE state = 0 AND offered_to <> '';
CREATE INDEX conversations_held ON conversations (site, agent) WHERE state = 1;
CREATE INDEX conversations_visitor ON conversations (site, visitor_email) WHERE visitor_email <> '';

-- Whoever is about to give an agent something locks its row, so that two replicas do not both see
-- room for one more.
CREATE TABLE agent_locks (
    site TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (site, agent)
);
