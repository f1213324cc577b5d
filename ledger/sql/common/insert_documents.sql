INSERT INTO search_documents (document, conversation, stream, seq) VALUES {{(?, ?, ?, ?)}}
