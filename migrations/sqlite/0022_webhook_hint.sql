-- Sources that systems have hinted at and that were not read since: a hint is written down before it is acknowledged.

create table webhook_hint (
    source_id blob not null primary key references source (source_id),
    asked_at integer not null,
    tries integer not null,
    again_at integer
) strict;

insert into sqlite_stat1 (tbl, idx, stat) values
    ('webhook_hint', 'sqlite_autoindex_webhook_hint_1', '10 1');
analyze sqlite_schema;
