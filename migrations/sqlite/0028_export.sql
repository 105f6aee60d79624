-- Exports: which document, with whose rights, how far each has come, and what it has written so far, in parts. The content is a
-- copy of what the graph shows: it is deleted when its time is over and when anybody is erased.

create table export (
    export_id blob not null primary key,
    document text not null,
    variables text not null,
    format text not null,
    subject text not null,
    departments text not null,
    roles text not null,
    request text not null,
    created_at integer not null,
    started_at integer,
    ended_at integer,
    expires_at integer,
    state text not null,
    error text,
    after_seq integer,
    until_seq integer not null,
    place integer not null,
    last_key blob,
    total integer,
    parts integer not null,
    row_count integer not null,
    bytes integer not null,
    failures integer not null,
    next_at integer not null,
    held_by blob,
    held_until integer,
    unique (subject, request)
) strict;

create index export_by_due on export (state, next_at);

create table export_part (
    export_id blob not null references export (export_id),
    part integer not null,
    content blob not null,
    primary key (export_id, part)
) strict;

create table export_customer (
    export_id blob not null references export (export_id),
    customer_id blob not null,
    erased integer not null,
    primary key (export_id, customer_id)
) strict;

insert into sqlite_stat1 (tbl, idx, stat) values
    ('export', 'sqlite_autoindex_export_1', '20 1'),
    ('export', 'sqlite_autoindex_export_2', '20 3 1'),
    ('export', 'export_by_due', '20 4 1'),
    ('export_part', 'sqlite_autoindex_export_part_1', '20000 1000 1'),
    ('export_customer', 'sqlite_autoindex_export_customer_1', '100000 10000 1');
analyze sqlite_schema;
