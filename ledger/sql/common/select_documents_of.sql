SELECT document, stream, seq FROM search_documents WHERE conversation = ?
