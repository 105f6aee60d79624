-- Lists that are ordered by text come in the order of its bytes. SQLite compares them so already.

select 1;
