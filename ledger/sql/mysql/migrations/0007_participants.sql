-- Who takes part in a conversation or did: held it, joined it or wrote in it.

CREATE TABLE IF NOT EXISTS participants (
    site VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    agent VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    conversation VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (site, agent, conversation),
    KEY participants_conversation (conversation)
) ENGINE = InnoDB;

-- Of what there is already: who holds it or held it last, and who has joined it now (8 at most). All
-- others are in the events' bytes only.
INSERT IGNORE INTO participants (site, agent, conversation)
SELECT site, agent, id FROM conversations WHERE agent <> '';
INSERT IGNORE INTO participants (site, agent, conversation)
SELECT site, SUBSTRING_INDEX(SUBSTRING_INDEX(joined, ' ', place), ' ', -1), id
FROM conversations
JOIN (SELECT 1 AS place UNION SELECT 2 UNION SELECT 3 UNION SELECT 4
      UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8) AS places
WHERE joined <> '' AND place <= 1 + LENGTH(joined) - LENGTH(REPLACE(joined, ' ', ''));

DROP INDEX IF EXISTS conversations_agent ON conversations;
