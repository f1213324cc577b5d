INSERT INTO digests (
    site, conversation, department, agent, opened_at, assigned_at, responded_at, closed_at,
    visitor_messages, agent_messages, score, shared_seq, staff_seq,
    indexed_shared_seq, indexed_staff_seq)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)}}
ON DUPLICATE KEY UPDATE
    department = VALUES(department), agent = VALUES(agent), opened_at = VALUES(opened_at),
    assigned_at = VALUES(assigned_at), responded_at = VALUES(responded_at),
    closed_at = VALUES(closed_at), visitor_messages = VALUES(visitor_messages),
    agent_messages = VALUES(agent_messages), score = VALUES(score),
    shared_seq = VALUES(shared_seq), staff_seq = VALUES(staff_seq),
    indexed_shared_seq = VALUES(indexed_shared_seq),
    indexed_staff_seq = VALUES(indexed_staff_seq)
