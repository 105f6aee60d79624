-- Who may push records without a token, and who is logged in. Of each secret only a hash is kept.

create table api_key (
    key_id blob not null primary key,
    source_id blob not null references source (source_id),
    name text not null,
    secret_hash blob not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer not null,
    revoked_at integer,
    revoked_by text,
    last_used_at integer
) strict;

create index api_key_by_source on api_key (source_id, created_at);

create table login_session (
    secret_hash blob not null primary key,
    subject text not null,
    departments text not null,
    roles text not null,
    opened_at integer not null,
    expires_at integer not null
) strict;

create index login_session_by_subject on login_session (subject);

create index login_session_by_expiry on login_session (expires_at);
