-- Lists, the search index and what reports are made of. The last two follow the record: the indexer
-- writes them afterwards, and can make them again.

CREATE INDEX IF NOT EXISTS conversations_site ON conversations (site, id);
CREATE INDEX IF NOT EXISTS conversations_agent ON conversations (site, agent, id);

-- How far the indexer has read a conversation, and its figures.
CREATE TABLE IF NOT EXISTS digests (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    conversation VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    department VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    agent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,  -- held it last
    opened_at BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,       -- the first time
    responded_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    visitor_messages BIGINT NOT NULL,
    agent_messages BIGINT NOT NULL,
    score TINYINT NOT NULL,
    shared_seq BIGINT NOT NULL,        -- read up to here
    staff_seq BIGINT NOT NULL,
    PRIMARY KEY (site, conversation)
) ENGINE = InnoDB;

-- A document is an event with text; see ledger/store/search_index.h for its number.
CREATE TABLE IF NOT EXISTS search_documents (
    document BIGINT NOT NULL PRIMARY KEY,
    conversation VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stream TINYINT NOT NULL,
    seq BIGINT NOT NULL,
    UNIQUE KEY search_documents_event (conversation, stream, seq)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS search_terms (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    term VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    document BIGINT NOT NULL,
    PRIMARY KEY (site, term, document)
) ENGINE = InnoDB;
