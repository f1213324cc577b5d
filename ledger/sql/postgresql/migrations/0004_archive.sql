-- Lists, the search index and what reports are made of. The last two follow the record: the indexer
-- writes them afterwards, and can make them again.

CREATE INDEX conversations_site ON conversations (site, id);
CREATE INDEX conversations_agent ON conversations (site, agent, id);

-- How far the indexer has read a conversation, and its figures.
CREATE TABLE digests (
    site TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,               -- held it last
    opened_at BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,      -- the first time
    responded_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    visitor_messages BIGINT NOT NULL,
    agent_messages BIGINT NOT NULL,
    score BIGINT NOT NULL,
    shared_seq BIGINT NOT NULL,       -- read up to here
    staff_seq BIGINT NOT NULL,
    PRIMARY KEY (site, conversation)
);

-- A document is an event with text; see ledger/store/search_index.h for its number.
CREATE TABLE search_documents (
    document BIGINT NOT NULL PRIMARY KEY,
    conversation TEXT COLLATE "C" NOT NULL,
    stream BIGINT NOT NULL,
    seq BIGINT NOT NULL
);
CREATE UNIQUE INDEX search_documents_event ON search_documents (conversation, stream, seq);

CREATE TABLE search_terms (
    site TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    document BIGINT NOT NULL,
    PRIMARY KEY (site, term, document)
);
