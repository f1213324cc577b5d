INSERT INTO refusals (conversation, request_id, code, text, at)
VALUES {{(?, ?, ?, ?, ?)}}
ON DUPLICATE KEY UPDATE code = code
