-- Who takes part in a conversation or did: held it, joined it or wrote in it.

CREATE TABLE participants (
    site TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (site, agent, conversation)
);

-- Of what there is already: who holds it or held it last, and who has joined it now. All others are in
-- the events' bytes only.
INSERT INTO participants (site, agent, conversation)
SELECT site, agent, id FROM conversations WHERE agent <> '';
INSERT INTO participants (site, agent, conversation)
SELECT site, unnest(string_to_array(joined, ' ')), id FROM conversations WHERE joined <> ''
ON CONFLICT (site, agent, conversation) DO NOTHING;

CREATE INDEX participants_conversation ON participants (conversation);
DROP INDEX conversations_agent;
