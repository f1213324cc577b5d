UPDATE conversations AS row
SET shared_seq = new.shared_seq, staff_seq = new.staff_seq, shared_hash = new.shared_hash,
    staff_hash = new.staff_hash, preview = new.preview, spoken_at = new.spoken_at
FROM (VALUES {{(CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BYTEA), CAST(? AS BYTEA), ?,
       CAST(? AS BIGINT), ?)}}) AS new (shared_seq, staff_seq, shared_hash, staff_hash, preview,
       spoken_at, id)
WHERE row.id = new.id
