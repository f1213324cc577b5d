-- A conversation that has come further than it should have stays as it is. The number of events
-- before travels as the staff's, of which nothing is written. An update counts twice, so a row that
-- was not there can be told.
INSERT INTO heads (shared_seq, shared_hash, preview_seq, spoken_at, id, staff_seq, opened_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?)}}
ON DUPLICATE KEY UPDATE
    shared_hash = IF(@as_before := heads.shared_seq + heads.staff_seq = VALUES(staff_seq)
        AND heads.opened_at = VALUES(opened_at), VALUES(shared_hash), shared_hash),
    preview_seq = IF(@as_before, VALUES(preview_seq), preview_seq),
    spoken_at = IF(@as_before, VALUES(spoken_at), spoken_at),
    shared_seq = IF(@as_before, VALUES(shared_seq), shared_seq)
