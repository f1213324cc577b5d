INSERT INTO heads (
    id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, preview_seq, spoken_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?)}}
ON DUPLICATE KEY UPDATE
    opened_at = VALUES(opened_at), shared_seq = VALUES(shared_seq),
    staff_seq = VALUES(staff_seq), shared_hash = VALUES(shared_hash),
    staff_hash = VALUES(staff_hash), preview_seq = VALUES(preview_seq),
    spoken_at = VALUES(spoken_at)
