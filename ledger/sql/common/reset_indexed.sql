UPDATE digests
SET indexed_shared_seq = 0, indexed_staff_seq = 0
WHERE indexed_shared_seq > 0 OR indexed_staff_seq > 0
