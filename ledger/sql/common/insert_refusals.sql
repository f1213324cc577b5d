INSERT INTO refusals (conversation, request_id, code, text, at)
VALUES {{(?, ?, ?, ?, ?)}}
ON CONFLICT (conversation, request_id) DO NOTHING
