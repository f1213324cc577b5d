SELECT conversation, stream, seq
FROM search_documents
WHERE conversation IN ({{?}})
