-- A database that cannot hold what models write is refused at CREATE EXTENSION, not after an answer was paid.
SELECT current_database() AS here \gset
CREATE DATABASE regress_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
\c regress_latin1
CREATE EXTENSION byok;
\c :here
DROP DATABASE regress_latin1;
