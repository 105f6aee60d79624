-- PostgreSQL keeps its own statistics; the migration of this number is for SQLite.
select 1;
