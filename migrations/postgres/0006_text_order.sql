-- Lists that are ordered by these come in the same order as on SQLite, whatever the language of the server.

alter table checkpoint alter column task type text collate "C";
alter table sync_run_stream alter column stream type text collate "C";
alter table term alter column path type text collate "C";
