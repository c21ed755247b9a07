-- What 060_faults.pl holds the bill against, and `violations`: one row for each thing that is wrong. Every query has a
-- user of its own, so a request, its calls and what the providers saw of it meet in the column `who`.

-- What the providers saw.
CREATE TABLE journal (who text, provider text, status integer, outcome text);

-- What the client saw: how many requests its query makes at most, how many results it was told of, and, of a submitted
-- one, whether the commit was confirmed (kept) or must not have come about (undone).
CREATE TABLE expected (who text PRIMARY KEY, requests integer NOT NULL, told integer NOT NULL, kept boolean NOT NULL,
                       undone boolean NOT NULL);

-- Where the providers answered 200 with what is no answer.
CREATE TABLE garbage (who text, provider text);

-- Routers that were ended in the midst of their work.
CREATE TABLE ended (generation bigint);

CREATE VIEW seen AS
  SELECT who, provider, count(*) AS sent, count(*) FILTER (WHERE outcome = 'answered' AND status = 200) AS answered,
         count(*) FILTER (WHERE outcome = 'cut' OR (outcome = 'answered' AND status = 200 AND (who, provider) IN (SELECT * FROM garbage))) AS doubtful
    FROM journal GROUP BY who, provider;

CREATE VIEW calls AS
  SELECT r.user_id AS who, r.state AS request_state, r.router_generation, c.*,
         CASE c.state WHEN 'answered' THEN 'ok' ELSE c.state END AS status,
         c.state IN ('answered', 'failed_billed', 'unknown') AS has_cost
    FROM triangle_requests r JOIN triangle_calls c ON c.request_id = r.id;

CREATE VIEW billed AS
  SELECT who, provider, count(*) FILTER (WHERE state <> 'skipped') AS sent, count(*) FILTER (WHERE has_cost) AS has_cost,
         count(*) FILTER (WHERE state = 'answered') AS answered
    FROM calls GROUP BY who, provider;

CREATE VIEW answered_requests AS
  SELECT user_id AS who, count(*) AS requests, count(*) FILTER (WHERE state IN ('succeeded', 'partial')) AS answered
    FROM triangle_requests GROUP BY user_id;

CREATE VIEW violations (rule, what) AS
  SELECT 'a request is open', r.id || ' ' || r.state FROM triangle_requests r WHERE r.state IN ('queued', 'running')
UNION ALL
  SELECT 'a request ended without a charge or a time', r.id || ' ' || r.state FROM triangle_requests r
   WHERE r.state NOT IN ('queued', 'running') AND (r.charged_usd IS NULL OR r.finished_at IS NULL)
UNION ALL
  SELECT 'a call is left as an intent', concat_ws(' ', c.request_id, c.provider, c.attempt) FROM triangle_calls c
   WHERE c.state = 'intent'
UNION ALL
  SELECT 'a call has not one usage row', concat_ws(' ', c.request_id, c.provider, c.attempt, c.state, count(u.id))
    FROM calls c LEFT JOIN key_usage_log u USING (request_id, provider, purpose, attempt)
   GROUP BY c.request_id, c.provider, c.purpose, c.attempt, c.state HAVING count(u.id) <> 1
UNION ALL
  SELECT 'a usage row differs from its call', concat_ws(' ', u.request_id, u.provider, u.attempt, u.status, c.state)
    FROM key_usage_log u LEFT JOIN calls c USING (request_id, provider, purpose, attempt)
   WHERE (c.who, c.status, c.key_source, c.cost_usd, c.charge_usd)
         IS DISTINCT FROM (u.user_id, u.status, u.key_source, u.cost_usd, u.charge_usd)
UNION ALL
  SELECT 'a platform call has not one row, or another one has', concat_ws(' ', c.request_id, c.provider, c.attempt, c.state, count(p.id))
    FROM calls c LEFT JOIN platform_api_usage p USING (request_id, provider, purpose, attempt)
   GROUP BY c.request_id, c.provider, c.purpose, c.attempt, c.state, c.key_source, c.has_cost
  HAVING count(p.id) <> (c.key_source = 'system_key' AND c.has_cost)::integer
UNION ALL
  SELECT 'a platform row differs from its call', concat_ws(' ', p.request_id, p.provider, p.attempt, p.cost_usd, c.cost_usd)
    FROM platform_api_usage p LEFT JOIN calls c USING (request_id, provider, purpose, attempt)
   WHERE c.cost_usd IS DISTINCT FROM p.cost_usd
UNION ALL
  SELECT 'the ledger has not one row for a charge', concat_ws(' ', r.id, r.charged_usd, count(t.id), sum(t.amount_usd))
    FROM triangle_requests r LEFT JOIN credit_transactions t ON t.request_id = r.id AND t.user_id = r.user_id
   GROUP BY r.id HAVING count(t.id) <> (coalesce(r.charged_usd, 0) <> 0)::integer
                     OR coalesce(sum(t.amount_usd), 0) <> -coalesce(r.charged_usd, 0)
UNION ALL
  SELECT 'the ledger has a row of no request', t.id::text FROM credit_transactions t
   WHERE NOT EXISTS (SELECT FROM triangle_requests r WHERE r.id = t.request_id AND r.user_id = t.user_id)
UNION ALL
  SELECT 'the charges of the calls are not the charge', concat_ws(' ', r.id, r.charged_usd, sum(c.charge_usd))
    FROM triangle_requests r LEFT JOIN triangle_calls c ON c.request_id = r.id
   GROUP BY r.id HAVING coalesce(sum(c.charge_usd), 0) <> coalesce(r.charged_usd, 0)
UNION ALL
  SELECT 'a provider answered one request twice', concat_ws(' ', c.request_id, c.provider, count(*)) FROM triangle_calls c
   WHERE c.state = 'answered' GROUP BY c.request_id, c.provider HAVING count(*) > 1
UNION ALL
  SELECT 'an answer is not on the bill', concat_ws(' ', s.who, s.provider, s.answered, coalesce(b.has_cost, 0))
    FROM seen s LEFT JOIN billed b USING (who, provider) WHERE s.answered > coalesce(b.has_cost, 0)
UNION ALL
  SELECT 'the bill has an answer that nobody gave', concat_ws(' ', b.who, b.provider, b.answered, coalesce(s.answered, 0))
    FROM billed b LEFT JOIN seen s USING (who, provider) WHERE b.answered > coalesce(s.answered, 0)
UNION ALL
  SELECT 'a call was sent without an intent', concat_ws(' ', s.who, s.provider, s.sent, coalesce(b.sent, 0))
    FROM seen s LEFT JOIN billed b USING (who, provider) WHERE s.sent > coalesce(b.sent, 0)
UNION ALL
  SELECT 'an unknown call is charged, or not at its bound', concat_ws(' ', c.request_id, c.provider, c.attempt, c.cost_usd, c.charge_usd)
    FROM triangle_calls c
   WHERE c.state = 'unknown' AND (c.charge_usd <> 0 OR c.cost_usd IS DISTINCT FROM c.bound_cost_usd)
UNION ALL  -- what a caller does is none: what was sent is completed
  SELECT 'a call is unknown without a reason', concat_ws(' ', c.who, c.provider, count(*), max(s.doubtful), max(u.error))
    FROM calls c JOIN key_usage_log u USING (request_id, provider, purpose, attempt) LEFT JOIN seen s USING (who, provider)
   WHERE c.state = 'unknown' AND c.router_generation NOT IN (SELECT generation FROM ended)
   GROUP BY c.who, c.provider
  HAVING bool_or(u.error IS DISTINCT FROM 'protocol_error') OR count(*) > coalesce(max(s.doubtful), 0)
UNION ALL
  SELECT 'a result was told and is not on the bill', concat_ws(' ', e.who, e.told, coalesce(a.answered, 0))
    FROM expected e LEFT JOIN answered_requests a USING (who) WHERE e.told > coalesce(a.answered, 0)
UNION ALL
  SELECT 'a query made too many requests', concat_ws(' ', a.who, a.requests, e.requests)
    FROM answered_requests a LEFT JOIN expected e USING (who) WHERE a.requests > coalesce(e.requests, 0)
UNION ALL
  SELECT 'a submitted request is lost', e.who FROM expected e
   WHERE e.kept AND NOT EXISTS (SELECT FROM triangle_requests r WHERE r.user_id = e.who)
UNION ALL
  SELECT 'an undone submit was asked', e.who FROM expected e
   WHERE e.undone AND (EXISTS (SELECT FROM triangle_requests r WHERE r.user_id = e.who)
                       OR EXISTS (SELECT FROM journal j WHERE j.who = e.who));

-- Runs a statement in a subtransaction, undoes that, and returns what the statement said.
CREATE FUNCTION undone(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
  BEGIN
    EXECUTE statement INTO said;
    RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
  EXCEPTION WHEN SQLSTATE 'ZZ001' THEN NULL;
  END;
  RETURN said;
END $$;
