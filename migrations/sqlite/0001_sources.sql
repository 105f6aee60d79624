-- The systems of the departments, the runs that read them, and how far each has been read.

create table source (
    source_id blob not null primary key,
    key text not null unique,
    connector text not null,
    department text not null,
    title text not null,
    created_at integer not null
) strict;

create table sync_run (
    run_id blob not null primary key,
    source_id blob not null references source (source_id),
    trigger_kind text not null,
    actor text not null,
    state text not null,
    started_at integer not null,
    finished_at integer,
    error text
) strict;

create index sync_run_by_source on sync_run (source_id, started_at);

create table sync_run_stream (
    run_id blob not null references sync_run (run_id),
    stream text not null,
    state text not null,
    pages integer not null,
    records_read integer not null,
    created integer not null,
    updated integer not null,
    unchanged integer not null,
    deleted integer not null,
    quarantined integer not null,
    started_at integer not null,
    updated_at integer not null,
    error_code text,
    error text,
    primary key (run_id, stream)
) strict;

-- How far a task of a source has been read. Written in the transaction that stores what was read.
create table checkpoint (
    source_id blob not null references source (source_id),
    task text not null,
    state text not null,
    run_id blob,
    updated_at integer not null,
    primary key (source_id, task)
) strict;
