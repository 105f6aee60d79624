-- Which rules choose the values of customers, since when: the latest row holds. None where the rules are those of the program.
create table survivorship (
    seq integer primary key autoincrement,
    at integer not null,
    actor text not null,
    fingerprint text not null,
    rules text not null
) strict;
