DELETE FROM search_terms;
DELETE FROM search_documents;
