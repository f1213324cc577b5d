-- Lists, the search index and what reports are made of. The last two follow the record: the indexer
-- writes them afterwards, and can make them again.

CREATE INDEX conversations_site ON conversations (site, id);
CREATE INDEX conversations_agent ON conversations (site, agent, id);

-- How far the indexer has read a conversation, and its figures.
CREATE TABLE digests (
    site TEXT NOT NULL,
    conversation TEXT NOT NULL,
    department TEXT NOT NULL,
    agent TEXT NOT NULL,               -- held it last
    opened_at INTEGER NOT NULL,
    assigned_at INTEGER NOT NULL,      -- the first time
    responded_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    visitor_messages INTEGER NOT NULL,
    agent_messages INTEGER NOT NULL,
    score INTEGER NOT NULL,
    shared_seq INTEGER NOT NULL,       -- read up to here
    staff_seq INTEGER NOT NULL,
    PRIMARY KEY (site, conversation)
) WITHOUT ROWID;

-- A document is an event with text; see ledger/store/search_index.h for its number.
CREATE TABLE search_documents (
    document INTEGER NOT NULL PRIMARY KEY,
    conversation TEXT NOT NULL,
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL
);
CREATE UNIQUE INDEX search_documents_event ON search_documents (conversation, stream, seq);

CREATE TABLE search_terms (
    site TEXT NOT NULL,
    term TEXT NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (site, term, document)
) WITHOUT ROWID;
