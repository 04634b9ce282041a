create table item (id integer primary key, name text, price real);
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
insert into item select i, 'item ' || i, i * 0.25 from n;
commit;
create index by_name on item (name);
select count(*), sum(price), min(name), max(name) from item;
select name, price from item where name like 'item 99%' order by price desc limit 5;
update item set price = price * 2 where id % 7 = 0;
delete from item where id % 3 = 0;
select count(*), total(price) from item;
select substr(name, 1, 6) as prefix, count(*) from item group by prefix order by 2 desc, 1 limit 5;
vacuum;
pragma integrity_check;
.exit 3
