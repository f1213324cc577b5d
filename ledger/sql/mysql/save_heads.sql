INSERT INTO conversations (
    shared_seq, staff_seq, shared_hash, staff_hash, preview, spoken_at, id,
    site, department, state, agent, fence, priority, assigned_seq, visitor_name, opened_at,
    waiting_since, assigned_at, closed_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, '', '', 0, '', 0, 0, 0, '', 0, 0, 0, 0)}}
ON DUPLICATE KEY UPDATE
    shared_seq = VALUES(shared_seq), staff_seq = VALUES(staff_seq),
    shared_hash = VALUES(shared_hash), staff_hash = VALUES(staff_hash),
    preview = VALUES(preview), spoken_at = VALUES(spoken_at)
