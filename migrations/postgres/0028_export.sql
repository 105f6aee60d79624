-- Exports: which document, with whose rights, how far each has come, and what it has written so far, in parts. The content is a
-- copy of what the graph shows: it is deleted when its time is over and when anybody is erased.

create table export (
    export_id uuid not null primary key,
    document text not null,
    variables text not null,
    format text not null,
    subject text not null,
    departments text not null,
    roles text not null,
    request text not null,
    created_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz,
    expires_at timestamptz,
    state text not null,
    error text,
    after_seq bigint,
    until_seq bigint not null,
    place bigint not null,
    last_key uuid,
    total bigint,
    parts bigint not null,
    row_count bigint not null,
    bytes bigint not null,
    failures bigint not null,
    next_at timestamptz not null,
    held_by uuid,
    held_until timestamptz,
    unique (subject, request)
);

create index export_by_due on export (state, next_at);

create table export_part (
    export_id uuid not null references export (export_id),
    part bigint not null,
    content bytea not null,
    primary key (export_id, part)
);

create table export_customer (
    export_id uuid not null references export (export_id),
    customer_id uuid not null,
    erased bigint not null,
    primary key (export_id, customer_id)
);
