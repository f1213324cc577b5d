UPDATE heads
SET shared_seq = ?, shared_hash = ?, preview_seq = ?, spoken_at = ?
WHERE id = ? AND shared_seq + staff_seq = ? AND opened_at = ?
