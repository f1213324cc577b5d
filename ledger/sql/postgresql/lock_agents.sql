INSERT INTO agent_locks (site, agent)
VALUES {{(?, ?)}}
ON CONFLICT (site, agent) DO UPDATE SET agent = excluded.agent
