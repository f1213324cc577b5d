INSERT INTO participants (site, agent, conversation)
VALUES {{(?, ?, ?)}}
ON DUPLICATE KEY UPDATE agent = agent
