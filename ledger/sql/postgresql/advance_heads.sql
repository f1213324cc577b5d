UPDATE heads AS row
SET shared_seq = new.shared_seq, shared_hash = new.shared_hash, preview_seq = new.preview_seq,
    spoken_at = new.spoken_at
FROM (VALUES {{(CAST(? AS BIGINT), CAST(? AS BYTEA), CAST(? AS BIGINT), CAST(? AS BIGINT), ?,
       CAST(? AS BIGINT), CAST(? AS BIGINT))}}) AS new (shared_seq, shared_hash, preview_seq,
       spoken_at, id, events_before, opened_at)
WHERE row.id = new.id AND row.shared_seq + row.staff_seq = new.events_before
    AND row.opened_at = new.opened_at
