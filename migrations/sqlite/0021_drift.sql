-- What the payloads of a stream look like, from samples of the pages that were read: by this, fields are noticed that come, go
-- or change. No value is kept.

create table stream_shape (
    source_id blob not null references source (source_id),
    stream text not null,
    first_run blob not null,
    observed integer not null,
    primary key (source_id, stream)
) strict;

create table stream_field (
    source_id blob not null references source (source_id),
    stream text not null,
    path text not null,
    forms text not null,
    first_run blob not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    times integer not null,
    last_observed integer not null,
    forms_before text,
    changed_at integer,
    acknowledged_at integer,
    acknowledged_by text,
    acknowledged_reason text,
    primary key (source_id, stream, path)
) strict;

-- Records in which a field was new or changed: their payloads hold its values, under the rights of payloads.
create table stream_field_sample (
    source_id blob not null references source (source_id),
    stream text not null,
    path text not null,
    record_id blob not null,
    primary key (source_id, stream, path, record_id)
) strict;

create index stream_field_sample_by_record on stream_field_sample (record_id);

-- A key without its stream: `customerBySource`. The key alone is enough to find it, and then few are left.
create index record_by_key on record (source_id, external_id);

insert into sqlite_stat1 (tbl, idx, stat) values
    ('stream_shape', 'sqlite_autoindex_stream_shape_1', '100 5 1'),
    ('stream_field', 'sqlite_autoindex_stream_field_1', '10000 500 100 1'),
    ('stream_field_sample', 'sqlite_autoindex_stream_field_sample_1', '5000 250 50 3 1'),
    ('stream_field_sample', 'stream_field_sample_by_record', '5000 2'),
    ('record', 'record_by_key', '1000000 100000 2');
analyze sqlite_schema;
