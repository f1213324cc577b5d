SET client_min_messages = warning;
-- What follows the record can be made again.
SET synchronous_commit = off;
SET statement_timeout = '15s';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '30s';
-- As in session_write.sql.
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan;
