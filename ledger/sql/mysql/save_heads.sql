-- A conversation that has come further than it should have stays as it is. The number of events
-- before travels as the fence, of which nothing is written. An update counts twice, so a row that
-- was not there can be told.
INSERT INTO conversations (
    shared_seq, shared_hash, preview, spoken_at, id, fence, opened_at,
    site, department, state, agent, priority, staff_seq, assigned_seq, visitor_name, waiting_since,
    assigned_at, closed_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, '', '', 0, '', 0, 0, 0, '', 0, 0, 0)}}
ON DUPLICATE KEY UPDATE
    shared_hash = IF(@as_before := conversations.shared_seq + conversations.staff_seq = VALUES(fence)
        AND conversations.opened_at = VALUES(opened_at), VALUES(shared_hash), shared_hash),
    preview = IF(@as_before, VALUES(preview), preview),
    spoken_at = IF(@as_before, VALUES(spoken_at), spoken_at),
    shared_seq = IF(@as_before, VALUES(shared_seq), shared_seq)
