INSERT INTO participants (site, agent, conversation)
VALUES {{(?, ?, ?)}}
ON CONFLICT (site, agent, conversation) DO NOTHING
