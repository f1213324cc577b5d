UPDATE conversations
SET shared_seq = ?, shared_hash = ?, preview = ?, spoken_at = ?
WHERE id = ? AND shared_seq + staff_seq = ? AND opened_at = ?
