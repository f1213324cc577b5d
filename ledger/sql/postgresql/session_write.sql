SET client_min_messages = warning;
SET synchronous_commit = on;
SET statement_timeout = '15s';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '30s';
-- Recording finds every row by an index. Without statistics, as in a new database, PostgreSQL would
-- rather read the whole table, or all of an index, for each batch.
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
-- So no plan depends on the values, and none has to be made again for them.
SET plan_cache_mode = force_generic_plan;
