INSERT INTO agent_locks (site, agent)
VALUES {{(?, ?)}}
ON DUPLICATE KEY UPDATE agent = VALUES(agent)
