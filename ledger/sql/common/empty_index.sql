TRUNCATE TABLE search_terms;
TRUNCATE TABLE search_documents;
