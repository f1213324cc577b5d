INSERT INTO heads (
    id, opened_at, shared_seq, staff_seq, shared_hash, staff_hash, preview_seq, spoken_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?)}}
ON CONFLICT (id) DO UPDATE
SET opened_at = excluded.opened_at, shared_seq = excluded.shared_seq,
    staff_seq = excluded.staff_seq, shared_hash = excluded.shared_hash,
    staff_hash = excluded.staff_hash, preview_seq = excluded.preview_seq,
    spoken_at = excluded.spoken_at
