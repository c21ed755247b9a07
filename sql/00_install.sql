-- What CREATE EXTENSION makes, and that nothing of it is open to everybody or lacks its comment.
CREATE EXTENSION byok;
SELECT byok_version();
SELECT p.oid::regprocedure AS function
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
  JOIN pg_extension x ON d.refobjid = x.oid AND x.extname = 'byok' AND d.deptype = 'e' ORDER BY 1;
-- every function, table, view, column-bearing type of ours has a comment
SELECT pg_describe_object(d.classid, d.objid, 0) AS "without a comment"
  FROM pg_depend d JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid
 WHERE x.extname = 'byok' AND d.deptype = 'e' AND obj_description(d.objid, d.classid::regclass::name) IS NULL
   AND NOT (d.classid = 'pg_class'::regclass AND (SELECT relkind FROM pg_class WHERE oid = d.objid) = 'S')
 ORDER BY 1;
-- nothing may be executed or read by PUBLIC
SELECT pg_describe_object(d.classid, d.objid, 0) AS "open to PUBLIC"
  FROM pg_depend d JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid
  LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
 WHERE x.extname = 'byok' AND d.deptype = 'e'
   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, c.relacl, CASE WHEN p.oid IS NOT NULL THEN acldefault('f', p.proowner) END))
                WHERE grantee = 0)
 ORDER BY 1;
-- every function pins its search_path in exactly these words, but for the procedure that commits and the map whose
-- query is the caller's
SELECT p.oid::regprocedure AS "other search_path"
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
  JOIN pg_extension x ON d.refobjid = x.oid AND x.extname = 'byok' AND d.deptype = 'e'
 WHERE p.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp'] ORDER BY 1;
-- what may spend is volatile, parallel unsafe and dear
SELECT proname, provolatile, proparallel, procost FROM pg_proc WHERE proname IN ('triangle_query', 'triangle_submit', 'triangle_map', 'verify_key', 'test_all_providers', 'triangle_consensus') ORDER BY 1;
-- tables whose rows pg_dump carries
SELECT c.relname, f.condition
  FROM pg_extension x, unnest(x.extconfig, x.extcondition) AS f (oid, condition) JOIN pg_class c ON c.oid = f.oid
 WHERE x.extname = 'byok' ORDER BY 1;
SELECT name, dialect, base_url, default_model, enabled, by_default, position, builtin FROM providers ORDER BY position;
-- the default models have a price
SELECT p.name, count(m.*) > 0 AS priced FROM providers p LEFT JOIN model_prices m ON m.provider = p.name AND m.model = p.default_model GROUP BY 1 ORDER BY 1;
SELECT provider, key_source, trim_scale(markup) AS markup FROM pricing_rules ORDER BY id;
-- no two built-in prices hold at the same moment for the same size
SELECT a.id, b.id FROM model_prices a JOIN model_prices b
    ON a.id < b.id AND a.provider = b.provider AND a.model = b.model AND a.effective && b.effective
   AND a.iso_dow && b.iso_dow AND a.input_tokens && b.input_tokens AND a.tod_from < b.tod_to AND b.tod_from < a.tod_to;
