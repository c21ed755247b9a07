-- The queue: new rows of a table are asked after their commit, and nobody waits. For a role with the capability app.
CREATE TABLE tickets (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  question   text NOT NULL,
  request_id uuid,
  answer     text,
  problem    text
);

CREATE FUNCTION ask_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.request_id := triangle_submit(NEW.question, 'support', options => '{"max_tokens": 200}');
  RETURN NEW;
END $$;
CREATE TRIGGER ask BEFORE INSERT ON tickets FOR EACH ROW EXECUTE FUNCTION ask_ticket();

INSERT INTO tickets (question) VALUES ('What is the capital of France?'), ('What is 6 times 7?');

-- Fetches what has ended; call it as often as you like.
CREATE PROCEDURE fetch_answers() LANGUAGE plpgsql AS $$
DECLARE
  ticket record;
  result jsonb;
BEGIN
  FOR ticket IN SELECT t.id, t.request_id FROM tickets t WHERE t.answer IS NULL AND t.problem IS NULL LOOP
    BEGIN
      result := triangle_result(ticket.request_id);
      CONTINUE WHEN result IS NULL;  -- not yet
      UPDATE tickets t SET answer = result ->> 'consensus' WHERE t.id = ticket.id;
    EXCEPTION WHEN OTHERS THEN
      UPDATE tickets t SET problem = SQLERRM WHERE t.id = ticket.id;
    END;
  END LOOP;
END $$;

CALL fetch_answers();
