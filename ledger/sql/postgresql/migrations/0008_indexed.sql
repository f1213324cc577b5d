-- How far a conversation's events are in the search index: behind its figures where the index is made
-- anew.

ALTER TABLE digests
    ADD COLUMN indexed_shared_seq BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN indexed_staff_seq BIGINT NOT NULL DEFAULT 0;
UPDATE digests SET indexed_shared_seq = shared_seq, indexed_staff_seq = staff_seq;
