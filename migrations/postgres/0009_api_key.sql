-- Who may push records without a token, and who is logged in. Of each secret only a hash is kept.

create table api_key (
    key_id uuid not null primary key,
    source_id uuid not null references source (source_id),
    name text not null,
    secret_hash bytea not null,
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by text,
    last_used_at timestamptz
);

create index api_key_by_source on api_key (source_id, created_at);

create table login_session (
    secret_hash bytea not null primary key,
    subject text not null,
    departments text not null,
    roles text not null,
    opened_at timestamptz not null,
    expires_at timestamptz not null
);

create index login_session_by_subject on login_session (subject);

create index login_session_by_expiry on login_session (expires_at);
