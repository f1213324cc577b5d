DELETE FROM search_documents WHERE conversation = ?
