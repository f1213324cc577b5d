UPDATE conversations
SET shared_seq = ?, staff_seq = ?, shared_hash = ?, staff_hash = ?, preview = ?,
    spoken_at = ?
WHERE id = ?
