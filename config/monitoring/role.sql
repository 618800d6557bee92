-- The least that pgcensus needs, once for each cluster: as a superuser, on the primary.
-- Then give it a password (\password pgcensus) or a line in pg_hba.conf.
CREATE ROLE pgcensus LOGIN CONNECTION LIMIT 5;
GRANT pg_monitor TO pgcensus;
