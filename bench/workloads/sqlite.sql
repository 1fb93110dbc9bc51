-- SPDX-License-Identifier: MIT
-- Inserts, indexes, a join, sorting, grouping and text functions in memory.

PRAGMA journal_mode = OFF;
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER, age INTEGER);
CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT);

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO city SELECT i, printf('city %04d', (i * 7919) % 500) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
INSERT INTO person SELECT i, printf('name %06d', (i * 7919) % 100000), 1 + (i * 31) % 500, (i * 17) % 90 FROM n;

CREATE INDEX person_name ON person (name);
CREATE INDEX person_city ON person (city, age);

SELECT city.name, count(*), avg(age) FROM person JOIN city ON city.id = person.city GROUP BY city.name ORDER BY 2 DESC, 1 LIMIT 3;
SELECT count(*) FROM person a JOIN person b ON a.city = b.city AND a.age = b.age WHERE a.id < 20000;
SELECT sum(length(upper(name))) FROM person WHERE name LIKE '%42%' OR substr(name, 6, 2) = '00';
UPDATE person SET age = age + 1 WHERE city % 3 = 0;
SELECT name FROM person ORDER BY age, name DESC LIMIT 3 OFFSET 50000;
DELETE FROM person WHERE age > 60;
SELECT count(*), sum(age) FROM person;
