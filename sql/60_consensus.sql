-- The engine alone, for answers from anywhere.
SELECT jsonb_pretty(triangle_consensus('What is the capital of France?',
  '{"openai": "Paris", "anthropic": "The capital of France is Paris.", "deepseek": "**Paris** is the capital of France."}'));
SELECT r ->> 'consensus' AS consensus, r -> 'confidence' AS confidence, r -> 'agreement' ->> 'picked' AS picked
  FROM triangle_consensus('What is the capital of France?', '{"openai": "Lyon", "anthropic": "The capital of France is Paris.", "deepseek": "Paris."}') r;
-- why: the results that were compared, and who says the same
SELECT r -> 'consensus' AS consensus, r -> 'confidence' AS confidence, r -> 'agreement' -> 'finals' AS finals, r -> 'agreement' -> 'groups' AS groups
  FROM triangle_consensus('How far is it?', '{"openai": "5 km", "anthropic": "The answer is 5,000 metres.", "deepseek": "5 miles"}') r \gx
-- failed and refused answers neither agree nor dissent
SELECT r - 'agreement' AS result, r -> 'agreement' -> 'status' AS status
  FROM triangle_consensus('Who wrote Hamlet?', '{"openai": "I''m sorry, but I can''t help with that.", "anthropic": null, "deepseek": "Shakespeare"}') r;
-- ties go to options.providers
SELECT triangle_consensus('q', '{"a": "red", "b": "blue"}', '{"providers": ["b", "a"]}') ->> 'consensus' AS b_first,
       triangle_consensus('q', '{"a": "red", "b": "blue"}') ->> 'consensus' AS a_first;
-- over a table
SELECT question, r -> 'consensus' AS consensus, r -> 'agreement' -> 'groups' AS groups
  FROM (SELECT question, triangle_consensus_agg(question, model, answer) AS r
          FROM (VALUES ('What is the capital of France?', 'a', 'Paris'), ('What is the capital of France?', 'b', 'It is Paris.'),
                       ('What is the capital of France?', 'c', 'Lyon'), ('Is water wet?', 'a', 'Yes'), ('Is water wet?', 'b', NULL)) t (question, model, answer)
         GROUP BY question) q ORDER BY question;
-- without rows there is nothing, as with avg()
SELECT triangle_consensus_agg('q', 'a', 'x') IS NULL AS no_rows, triangle_consensus_agg('q', 'a', 'x') FILTER (WHERE false) IS NULL AS none_left WHERE false;
SELECT r -> 'consensus' AS consensus, r -> 'agreement' -> 'status' AS status
  FROM (SELECT triangle_consensus_agg(NULL, name, answer) AS r FROM (VALUES ('a', NULL), ('b', ' '), ('c', 'Yes')) t (name, answer)) q;
SELECT a.* FROM unnest(ARRAY[
  $$SELECT triangle_consensus_agg('q', NULL, 'x')$$,
  $$SELECT triangle_consensus_agg('q', name, 'x') FROM (VALUES ('a'), ('b'), ('a')) t (name)$$,
  $$SELECT triangle_consensus_agg('q', name, answer) FROM (VALUES ('a', NULL), ('a', 'x')) t (name, answer)$$,
  $$SELECT triangle_consensus_agg('q', 'm' || i, 'x') FROM generate_series(1, 9) i$$,
  $$SELECT triangle_consensus('q', jsonb_object_agg('m' || i, 'x'::text)) FROM generate_series(1, 9) i$$]) s, attempt(s) a \gx
SELECT a.* FROM unnest(ARRAY[
  $$SELECT triangle_consensus('q', NULL)$$,
  $$SELECT triangle_consensus('q', '[]')$$,
  $$SELECT triangle_consensus('q', '{}')$$,
  $$SELECT triangle_consensus('q', '{"a": 1}')$$,
  $$SELECT triangle_consensus('q', '{"a": "x"}', '{"strategy": "judge"}')$$,
  $$SELECT triangle_consensus('q', '{"a": "x"}', '{"mood": "good"}')$$]) s, attempt(s) a \gx
