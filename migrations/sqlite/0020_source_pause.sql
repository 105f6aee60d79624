-- Sources that somebody has paused: none of them is read until it is resumed.

create table source_pause (
    source_id blob not null primary key references source (source_id),
    paused_at integer not null,
    paused_by text not null,
    reason text not null
) strict;

-- Somebody has asked that the run which holds the lease end. It does so before it writes anything more.
alter table source_lease add column cancelled_at integer;
alter table source_lease add column cancelled_by text;

insert into sqlite_stat1 (tbl, idx, stat) values
    ('source_pause', 'sqlite_autoindex_source_pause_1', '10 1');
analyze sqlite_schema;
