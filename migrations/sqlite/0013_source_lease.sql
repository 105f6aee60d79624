-- Who reads a source at present. One process at a time: it renews its lease while it lives, and every page is written under it.

create table source_lease (
    source_id blob not null primary key references source (source_id),
    holder blob not null,
    holder_name text not null,
    holder_process text,
    run_id blob not null,
    taken_at integer not null,
    expires_at integer not null
) strict;
