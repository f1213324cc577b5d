SET client_min_messages = warning;
SET default_transaction_read_only = on;
SET statement_timeout = '15s';
-- What is read is a page, each row of which is found by its index. PostgreSQL would rather walk
-- through another table beside it, where it expects the page to end early.
SET enable_hashjoin = off;
SET enable_mergejoin = off;
