-- What the payloads of a stream look like, from samples of the pages that were read: by this, fields are noticed that come, go
-- or change. No value is kept.

create table stream_shape (
    source_id uuid not null references source (source_id),
    stream text not null,
    first_run uuid not null,
    observed bigint not null,
    primary key (source_id, stream)
);

create table stream_field (
    source_id uuid not null references source (source_id),
    stream text not null,
    path text not null,
    forms text not null,
    first_run uuid not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    times bigint not null,
    last_observed bigint not null,
    forms_before text,
    changed_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    acknowledged_reason text,
    primary key (source_id, stream, path)
);

-- Records in which a field was new or changed: their payloads hold its values, under the rights of payloads.
create table stream_field_sample (
    source_id uuid not null references source (source_id),
    stream text not null,
    path text not null,
    record_id uuid not null,
    primary key (source_id, stream, path, record_id)
);

create index stream_field_sample_by_record on stream_field_sample (record_id);

-- A key without its stream: `customerBySource`. The key alone is enough to find it, and then few are left.
create index record_by_key on record (source_id, external_id);
