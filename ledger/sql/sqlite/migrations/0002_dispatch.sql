-- Offers, agents beside the holder, and what routing goes by.

ALTER TABLE conversations ADD COLUMN offered_to TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN offered_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN declined TEXT NOT NULL DEFAULT '';       -- agents, by spaces
ALTER TABLE conversations ADD COLUMN next_round INTEGER NOT NULL DEFAULT 0;   -- they are asked again
ALTER TABLE conversations ADD COLUMN joined TEXT NOT NULL DEFAULT '';         -- agents, by spaces
ALTER TABLE conversations ADD COLUMN visitor_email TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN spoken_at INTEGER NOT NULL DEFAULT 0;    -- the newest message

DROP INDEX conversations_waiting;
CREATE INDEX conversations_waiting ON conversations (site, department, priority DESC, waiting_since)
    WHERE state = 0;
CREATE INDEX conversations_offered ON conversations (site, offered_to)
    WHERE state = 0 AND offered_to <> '';
CREATE INDEX conversations_held ON conversations (site, agent) WHERE state = 1;
CREATE INDEX conversations_visitor ON conversations (site, visitor_email) WHERE visitor_email <> '';
