-- Who takes part in a conversation or did: held it, joined it or wrote in it.

CREATE TABLE participants (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (site, agent, conversation)
) WITHOUT ROWID;
CREATE INDEX participants_conversation ON participants (conversation);

-- Of what there is already: who holds it or held it last, and who has joined it now. All others are in
-- the events' bytes only.
INSERT INTO participants (site, agent, conversation)
SELECT site, agent, id FROM conversations WHERE agent <> '';
INSERT OR IGNORE INTO participants (site, agent, conversation)
SELECT site, each.value, conversations.id
FROM conversations, json_each('["' || replace(joined, ' ', '","') || '"]') AS each
WHERE joined <> '';

DROP INDEX conversations_agent;
